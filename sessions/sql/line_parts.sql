WITH span AS (
    SELECT patient.id AS patient_id, coalesce(%(today)s::date, zone_today) AS today,
           CASE WHEN widens THEN %(first_monday)s::date ELSE %(first)s::date END AS first,
           last, last AS logged_until
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
    CROSS JOIN LATERAL (
        SELECT CASE WHEN widens THEN %(last_sunday)s::date ELSE %(last)s::date END AS last
    ) AS until
    WHERE {of_patients}
),
{row_weeks},
{sums}
