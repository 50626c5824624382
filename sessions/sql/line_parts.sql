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
{row_weeks},
-- What is not over, and what was excused, is asked for only as far as it was done.
part AS (
    SELECT patient_id, line_id, week, 1 AS denominator, 0 AS credited,
           set_size * times_per_day * asked AS prescribed, 0 AS done,
           times_per_day * asked AS expected, 0 AS sets_logged, 0 AS amount_logged
    FROM row_state
    CROSS JOIN LATERAL (
        SELECT bit_count((due & ~(excused | ahead))::bit(7))::integer AS asked
    ) AS days
    UNION ALL
    SELECT patient_id, line_id, week, denominator, sum(credited),
           sum(CASE WHEN forgiven & bit <> 0 THEN credited ELSE 0 END),
           sum(least(times_done, times_per_day)),
           sum(CASE WHEN forgiven & bit <> 0 THEN least(times_done, times_per_day) ELSE 0 END), 0, 0
    FROM done_day
    WHERE due & bit <> 0
    GROUP BY patient_id, line_id, week, denominator
    UNION ALL
    SELECT patient_id, line_id, week, denominator, least(earned, prescribed),
           CASE WHEN week + 6 >= today THEN least(earned, prescribed) ELSE prescribed END,
           done, CASE WHEN week + 6 >= today THEN done ELSE expected END, 0, 0
    FROM quota
    UNION ALL
    SELECT patient_id, line_id, week, 1, 0, 0, 0, 0, sets_logged, amount_logged
    FROM result_week
)
