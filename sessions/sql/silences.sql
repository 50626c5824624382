-- How many days each patient was silent: from the day after the last session up to yesterday.
WITH span AS (
    SELECT patient_id, first, today, today AS last, today AS logged_until
    FROM unnest(%(patient_ids)s::uuid[], %(firsts)s::date[], %(todays)s::date[])
        AS silence (patient_id, first, today)
),
{row_weeks}
SELECT patient_id, min(week + round(log(2, nullif(active & -active, 0)::numeric))::integer),
       sum(bit_count(active::bit(7)))::integer, sum(bit_count(expected::bit(7)))::integer,
       bool_or(has_weekdays)
FROM (
    SELECT patient_id, week, bit_or(active & ~ahead) AS active,
           bit_or(due & ~excused & ~ahead) AS expected,
           bool_or(schedule = 'weekdays' AND today BETWEEN week AND week + 6
               AND days & (1 << (today - week)) <> 0) AS has_weekdays
    FROM row_state
    GROUP BY patient_id, week
) AS silent_week
GROUP BY patient_id
ORDER BY patient_id
