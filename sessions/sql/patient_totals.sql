{line_parts}
-- A row for each denominator of a patient's lines; their sums are added by the reader, exactly.
SELECT patient_id, span.today IS NOT NULL, denominator, credited, prescribed, done, expected,
       sets_logged, amount_logged
FROM (
    SELECT part.patient_id, denominator, sum(credited) AS credited, sum(prescribed) AS prescribed,
           sum(done)::integer AS done, sum(expected)::integer AS expected,
           sum(sets_logged)::integer AS sets_logged, sum(amount_logged)::bigint AS amount_logged
    FROM part
    GROUP BY part.patient_id, denominator
) AS summed
FULL JOIN span USING (patient_id)
WHERE num_nulls(denominator) = 0
ORDER BY patient_id, denominator
