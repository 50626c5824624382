WITH span AS (
    SELECT patient.id AS patient_id, coalesce(%(today)s::date, zone_today) AS today,
           CASE WHEN widens THEN %(first_monday)s::date ELSE %(first)s::date END AS first,
           CASE WHEN widens THEN %(last_sunday)s::date ELSE %(last)s::date END AS last
    FROM patients_patient AS patient
    LEFT JOIN unnest(%(zones)s::text[], %(todays)s::date[]) AS clock (zone, zone_today)
        ON clock.zone = patient.time_zone
    CROSS JOIN LATERAL (
        SELECT NOT %(is_whole_weeks)s::boolean AND EXISTS (
            SELECT FROM patients_prescribedexercise AS prescribed
            JOIN patients_line AS line
                ON line.id = prescribed.line_id AND line.patient_id = patient.id
            JOIN patients_assignment AS assignment
                ON assignment.id = line.assignment_id AND assignment.patient_id = patient.id
            WHERE prescribed.patient_id = patient.id
              AND prescribed.schedule = 'times_per_week'
              AND assignment.status <> 'draft' AND assignment.activated_at IS NOT NULL
              AND greatest(prescribed.in_force_from, assignment.starts_on, %(first)s::date)
                  <= least(prescribed.in_force_until - 1, assignment.ends_on, %(last)s::date)
        ) AS widens
    ) AS period
    WHERE {of_patients}
),
{line_days},
-- What is not over, and what was excused, is asked for only as far as it was done.
part AS (
    SELECT patient_id, line_id, week, denominator, sum(credited) AS credited,
           sum(CASE WHEN day >= today OR is_excused THEN credited ELSE prescribed END) AS prescribed,
           sum(done) AS done,
           sum(CASE WHEN day >= today OR is_excused THEN done ELSE expected END) AS expected,
           0 AS sets_logged, 0 AS amount_logged
    FROM occurrence
    GROUP BY patient_id, line_id, week, denominator
    UNION ALL
    SELECT patient_id, line_id, week, denominator, least(earned, prescribed),
           CASE WHEN week + 6 >= today THEN least(earned, prescribed) ELSE prescribed END,
           done, CASE WHEN week + 6 >= today THEN done ELSE expected END, 0, 0
    FROM quota
    UNION ALL
    SELECT patient_id, line_id, day - mod(day - date '1900-01-01', 7), 1, 0, 0, 0, 0,
           sum(sets_logged), sum(amount_logged)
    FROM result_day
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT DISTINCT patient_id, line_id, week, 1, 0, 0, 0, 0, 0, 0
    FROM line_day
)
SELECT part.patient_id, part.line_id, part.week, part.week <= span.today AND span.today <= part.week + 6,
       common, sum(credited * div(common, denominator)), sum(prescribed * div(common, denominator)),
       sum(done)::int, sum(expected)::int, sum(sets_logged)::int, sum(amount_logged)::bigint,
       span.first, span.last
FROM (
    SELECT part.*, lcm_of(denominator) OVER (PARTITION BY line_id, week) AS common FROM part
) AS part
JOIN span ON span.patient_id = part.patient_id
GROUP BY part.patient_id, part.line_id, part.week, common, span.today, span.first, span.last
ORDER BY part.patient_id, part.line_id, part.week
