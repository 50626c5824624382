-- The next patients of a zone, in the order of their keys, of whom a week is told: with the words of the
-- week before as they were told, what they chose about summaries, and whether they have a goal.
-- Those of the clinic come first, by themselves: in the order of keys, with a limit, PostgreSQL would go
-- through the patients of every clinic.
WITH here AS MATERIALIZED (
    SELECT id, user_id, language, change_seq
    FROM patients_patient
    WHERE status = 'active' AND time_zone = %(zone_name)s AND id > %(after)s::uuid
),
next AS (
    SELECT * FROM here ORDER BY id LIMIT %(most)s
)
SELECT next.id, next.user_id, next.language, next.change_seq,
       (
           SELECT jsonb_path_query_array(told.contents, '$.days[*].state')::text
           FROM reminders_weeklysummary AS told
           WHERE told.patient_id = next.id AND told.week = %(week)s::date - 7
       ),
       choice.summaries_stopped_at IS NOT NULL, choice.quiet_from, choice.quiet_until,
       EXISTS (
           SELECT FROM patients_goal AS goal
           WHERE goal.patient_id = next.id AND goal.status = 'active'
             AND goal.starts_on < %(week)s::date + 7
       )
FROM next
LEFT JOIN LATERAL (
    SELECT summaries_stopped_at, quiet_from, quiet_until
    FROM reminders_reminderpreferences AS chosen
    WHERE chosen.patient_id = next.id
    LIMIT 1
) AS choice ON true
ORDER BY next.id
