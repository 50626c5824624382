{line_parts}
-- A row for each denominator of a line's week; their sums are added by the reader, exactly.
SELECT part.patient_id, part.line_id, part.week,
       part.week <= span.today AND span.today <= part.week + 6,
       denominator, sum(credited), sum(prescribed), sum(done)::integer, sum(expected)::integer,
       sum(sets_logged)::integer, sum(amount_logged)::bigint, span.first, span.last
FROM part
JOIN span ON span.patient_id = part.patient_id
GROUP BY part.patient_id, part.line_id, part.week, denominator, span.today, span.first, span.last
ORDER BY part.patient_id, part.line_id, part.week, denominator
