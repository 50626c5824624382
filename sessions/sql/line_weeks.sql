{line_parts}
-- A row for each denominator of a line's week; their sums are added by the reader, exactly.
SELECT patient_id, line_id, week, week <= span.today AND span.today <= week + 6, denominator,
       credited, prescribed, done, expected, sets_logged, amount_logged, span.first, span.last
FROM (
    SELECT part.patient_id, line_id, week, denominator, sum(credited) AS credited,
           sum(prescribed) AS prescribed, sum(done)::integer AS done,
           sum(expected)::integer AS expected, sum(sets_logged)::integer AS sets_logged,
           sum(amount_logged)::bigint AS amount_logged
    FROM part
    GROUP BY part.patient_id, line_id, week, denominator
) AS summed
FULL JOIN span USING (patient_id)
WHERE num_nulls(line_id) = 0
ORDER BY patient_id, line_id, week, denominator
