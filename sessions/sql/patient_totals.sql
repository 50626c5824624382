{line_parts}
-- A row for each denominator of a patient's lines; their sums are added by the reader, exactly.
SELECT part.patient_id, span.today IS NOT NULL, denominator, sum(credited), sum(prescribed),
       sum(done)::integer, sum(expected)::integer, sum(sets_logged)::integer,
       sum(amount_logged)::bigint
FROM part
JOIN span ON span.patient_id = part.patient_id
GROUP BY part.patient_id, span.today, denominator
ORDER BY part.patient_id, denominator
