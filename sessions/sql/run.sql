-- The run of a patient that reaches into the week of %(week)s, by the weeks kept before. Needs this_week
-- (unit, here, begins_here), one row or none. Where a week that the run needs is not kept, its length is
-- null, and the newest such week is `not_kept`.
-- The first week in which anything was in force.
origin AS (
    SELECT min(first_on) - mod(min(first_on) - date '1900-01-01', 7) AS first_week
    FROM patients_prescribedexercise AS prescribed
    JOIN patients_line AS line
        ON line.id = prescribed.line_id AND line.patient_id = prescribed.patient_id
    JOIN patients_assignment AS assignment
        ON assignment.id = line.assignment_id AND assignment.patient_id = prescribed.patient_id
        AND assignment.status <> 'draft' AND assignment.activated_at IS NOT NULL
    CROSS JOIN LATERAL (
        SELECT greatest(prescribed.in_force_from, assignment.starts_on) AS first_on
    ) AS dates
    WHERE prescribed.patient_id = %(patient_id)s::uuid
      AND (first_on <= least(prescribed.in_force_until - 1, assignment.ends_on)) IS NOT FALSE
),
-- The last week that holds the beginning of the run, or a miss: by the index of weeks, the newest first.
turning AS (
    SELECT coalesce((
        SELECT kept.week
        FROM this_week
        JOIN rehab_sessions_patientweek AS kept
            ON kept.patient_id = %(patient_id)s::uuid AND kept.week < %(week)s::date
            AND kept.week >= first_week
        WHERE kept.missed <> 0 OR CASE unit
            WHEN 'days' THEN free_days & ~fixed_days <> 0
            ELSE fixed_days <> 0 OR times_done <> times_expected END
        ORDER BY kept.week DESC LIMIT 1
    ), first_week) AS week
    FROM origin
),
past_week AS (
    SELECT kept.week, unit, asked | yet_done AS present, kept.missed, times_expected > 0 AS has_quota,
           kept.missed = 0 AND times_done = times_expected AS is_done,
           CASE unit WHEN 'days' THEN free_days & ~fixed_days ELSE fixed_days END AS other
    FROM this_week
    CROSS JOIN turning
    JOIN rehab_sessions_patientweek AS kept
        ON kept.patient_id = %(patient_id)s::uuid AND kept.week < %(week)s::date
        AND kept.week >= turning.week
),
earlier AS (
    SELECT count(*) AS weeks, coalesce(sum(CASE unit
               WHEN 'days' THEN bit_count((present & ~({broken}))::integer::bit(7))
               ELSE (is_done AND (present <> 0 OR has_quota) AND other & 64 = 0)::integer
           END), 0)::integer AS length
    FROM past_week
),
run AS (
    SELECT unit, here, CASE WHEN begins_here THEN here WHEN is_kept THEN here + earlier.length END AS length,
           CASE WHEN NOT (begins_here OR is_kept) THEN (
               SELECT max(week)::date
               FROM generate_series(turning.week, %(week)s::date - 7, interval '7 days') AS week
               WHERE NOT EXISTS (SELECT FROM past_week WHERE past_week.week = week.week::date)
           ) END AS not_kept
    FROM this_week
    CROSS JOIN turning
    CROSS JOIN earlier
    CROSS JOIN LATERAL (SELECT earlier.weeks = (%(week)s::date - turning.week) / 7 AS is_kept) AS known
)
