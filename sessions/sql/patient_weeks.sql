-- The week that began on `week`, the one before it and the one after it, of each patient: a row a week.
-- Days are bits, Monday's the lowest. Of lines on fixed weekdays: `due`, `asked` (due and not excused),
-- `missed` (asked and not all done), `some_done`, `yet_done` (excused and yet some). Paused or not: the days that the rows ask for
-- (`planned`) and what tells one set of rows from another (`rows`), and both of those in force on Sunday.
WITH span AS (
    SELECT patient.id AS patient_id, %(week)s::date + 7 AS today,
           %(week)s::date - 7 AS first, %(week)s::date + 13 AS last
    FROM patients_patient AS patient
    WHERE {of_patients}
),
{row_weeks},
part AS (
    SELECT row_state.patient_id, row_state.week, due & ~excused AS asked,
           due & ~excused & ~coalesce(all_done, 0) AS missed,
           due & coalesce(some_done, 0) AS some_done,
           due & excused & coalesce(some_done, 0) AS yet_done, due, days & weekdays AS planned,
           uuid_hash(row_state.row_id) AS rows,
           CASE WHEN days & 64 <> 0 THEN weekdays ELSE 0 END AS last_planned,
           CASE WHEN days & 64 <> 0 THEN uuid_hash(row_state.row_id) ELSE 0 END AS last_rows,
           coalesce(quota_days, 0) & ~excused AS quota_days, 0 AS times_done, 0 AS times_expected,
           0 AS paused, 0 AS sessions
    FROM row_state
    FULL JOIN (
        SELECT row_id, week,
               bit_or(bit) FILTER (WHERE schedule = 'weekdays' AND times_done > 0) AS some_done,
               bit_or(bit) FILTER (WHERE schedule = 'weekdays' AND times_done >= times_per_day)
                   AS all_done,
               bit_or(bit) FILTER (WHERE schedule = 'times_per_week' AND active & bit <> 0
                   AND credited > 0) AS quota_days
        FROM done_day
        GROUP BY row_id, week
    ) AS done ON done.row_id = row_state.row_id AND done.week = row_state.week
    WHERE num_nulls(row_state.row_id) = 0
    UNION ALL
    SELECT patient_id, week, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, done, expected, 0, 0
    FROM quota
    UNION ALL
    SELECT patient_id, week, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, covered, 0
    FROM pause_week
    UNION ALL
    SELECT session.patient_id,
           performed_on - mod(performed_on - date '1900-01-01', 7),
           0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
    FROM span
    JOIN rehab_sessions_exercisesession AS session
        ON session.patient_id = span.patient_id
        AND session.performed_on BETWEEN span.first AND span.last
    WHERE session.status = 'counted'
)
SELECT patient_id, week, bit_or(asked), bit_or(missed), bit_or(some_done), bit_or(yet_done),
       bit_or(due), bit_or(planned), bit_xor(rows), bit_or(last_planned), bit_xor(last_rows),
       bit_or(quota_days), sum(times_done)::integer,
       sum(times_expected)::integer, bit_or(paused), sum(sessions)::integer
FROM part
GROUP BY patient_id, week
ORDER BY patient_id, week
