WITH span AS (
    SELECT patient.id AS patient_id, %(day)s::date AS today,
           %(monday)s::date AS first, %(monday)s::date + 6 AS last
    FROM patients_patient AS patient
    WHERE {of_patients}
),
{row_weeks}
SELECT row_state.line_id, row_state.row_id, row_state.schedule,
       row_state.active & today.bit = 0, excused & today.bit <> 0,
       CASE WHEN row_state.due & today.bit <> 0 THEN row_state.times_per_day ELSE 0 END,
       CASE row_state.schedule
           WHEN 'weekdays' THEN least(coalesce(times_done, 0), row_state.times_per_day)
           WHEN 'times_per_week' THEN least(coalesce(times_done, 0), 1) ELSE 0 END::integer,
       CASE WHEN row_state.due & today.bit <> 0 THEN set_size * row_state.times_per_day
            WHEN row_state.schedule = 'times_per_week' AND row_state.active & today.bit <> 0
            THEN set_size ELSE 0 END,
       coalesce(done_day.denominator, 1), coalesce(credited, 0),
       coalesce(sets_on_plan, 0)::integer,
       CASE WHEN row_state.schedule = 'times_per_week' THEN coalesce(quota.expected, 0) END,
       CASE WHEN row_state.schedule = 'times_per_week' THEN coalesce(quota.done, 0) END,
       row_state.patient_id
FROM row_state
CROSS JOIN (SELECT 1 << (%(day)s::date - %(monday)s::date) AS bit) AS today
LEFT JOIN done_day ON done_day.row_id = row_state.row_id AND done_day.bit = today.bit
LEFT JOIN quota ON quota.line_id = row_state.line_id
WHERE days & today.bit <> 0
ORDER BY row_state.line_id
