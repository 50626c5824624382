WITH span AS (
    SELECT patient.id AS patient_id, %(day)s::date AS today,
           %(monday)s::date AS first, %(monday)s::date + 6 AS last
    FROM patients_patient AS patient
    WHERE patient.id = %(patient_id)s::uuid
),
{line_days}
SELECT judged_day.line_id, row_id, schedule, is_paused, is_excused,
       CASE WHEN schedule = 'weekdays' AND is_weekday AND NOT is_paused
            THEN times_per_day ELSE 0 END,
       CASE schedule WHEN 'weekdays' THEN least(times_done, times_per_day)
            WHEN 'times_per_week' THEN least(times_done, 1) ELSE 0 END,
       CASE WHEN is_paused OR schedule = 'as_needed' OR (schedule = 'weekdays' AND NOT is_weekday)
            THEN 0 ELSE set_size * coalesce(times_per_day, 1) END,
       judged_day.denominator, credited, sets_on_plan,
       CASE WHEN schedule = 'times_per_week' THEN coalesce(quota.expected, 0) END,
       CASE WHEN schedule = 'times_per_week' THEN coalesce(quota.done, 0) END
FROM judged_day
LEFT JOIN quota ON quota.line_id = judged_day.line_id AND quota.week = judged_day.week
WHERE judged_day.day = %(day)s::date
ORDER BY judged_day.line_id
