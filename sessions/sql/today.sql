-- What one day asks of a patient and got, line by line, and the run that stands on it. The run adds the
-- weeks before, as they are kept; where one that it needs is not, its length is null, and the newest such
-- week is said.
WITH span AS (
    SELECT patient.id AS patient_id, %(week)s::date + 7 AS today,
           %(week)s::date AS first, %(week)s::date + 6 AS last, %(week)s::date + 6 AS logged_until
    FROM patients_patient AS patient
    WHERE {of_patients}
),
{row_weeks},
{day_rows},
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
-- Of the week that goes on: what stands before today, and today once all of it is done, excused or not.
-- `other`: days on which the run's unit was another. A run begins after the last one.
this_week AS (
    SELECT unit, ((asked | yet_done) & before) | (due & bit) AS present, missed & before AS missed,
           undone & bit AS undone_today, times_done = times_expected AS is_quota_done,
           times_expected > 0 AS has_quota, before & CASE unit
               WHEN 'days' THEN free_days & ~fixed_days ELSE fixed_days END AS other
    FROM (
        SELECT bit_or(due) AS due, bit_or(due & ~excused) AS asked,
               bit_or(due & ~all_done) AS undone, bit_or(due & ~excused & ~all_done) AS missed,
               bit_or(due & excused & some_done) AS yet_done,
               bit_or(CASE schedule WHEN 'weekdays' THEN days ELSE 0 END) AS fixed_days,
               bit_or(CASE schedule WHEN 'times_per_week' THEN days ELSE 0 END) AS free_days
        FROM row_state
        LEFT JOIN (
            SELECT row_id, bit_or(bit) FILTER (WHERE times_done > 0) AS some_times,
                   bit_or(bit) FILTER (WHERE times_done >= times_per_day) AS every_time
            FROM done_day
            WHERE schedule = 'weekdays'
            GROUP BY row_id
        ) AS done USING (row_id)
        CROSS JOIN LATERAL (
            SELECT coalesce(some_times, 0) AS some_done, coalesce(every_time, 0) AS all_done
        ) AS bits
    ) AS week
    CROSS JOIN (
        SELECT coalesce(sum(done), 0) AS times_done, coalesce(sum(expected), 0) AS times_expected
        FROM quota
    ) AS times
    CROSS JOIN (SELECT 1 << (%(day)s::date - %(week)s::date) AS bit) AS today
    CROSS JOIN LATERAL (
        SELECT bit - 1 AS before, CASE WHEN fixed_days & bit <> 0 THEN 'days'
                                       WHEN free_days & bit <> 0 THEN 'weeks' END AS unit
    ) AS days
    WHERE unit IS NOT NULL
),
past_week AS (
    SELECT week, unit, asked | yet_done AS present, kept.missed, times_expected > 0 AS has_quota,
           kept.missed = 0 AND times_done = times_expected AS is_done,
           CASE unit WHEN 'days' THEN free_days & ~fixed_days ELSE fixed_days END AS other
    FROM this_week
    CROSS JOIN origin
    JOIN rehab_sessions_patientweek AS kept
        ON kept.patient_id = %(patient_id)s::uuid AND kept.week < %(week)s::date
        AND kept.week >= first_week
),
-- The last week that holds the beginning of the run, or a miss.
turning AS (
    SELECT coalesce(max(week) FILTER (WHERE other <> 0 OR CASE unit
               WHEN 'days' THEN missed <> 0 ELSE NOT is_done END), first_week) AS week
    FROM origin
    LEFT JOIN past_week ON true
    GROUP BY first_week
),
earlier AS (
    SELECT count(*) AS weeks, coalesce(sum(CASE unit
               WHEN 'days' THEN bit_count((present & {after_broken})::integer::bit(7))
               ELSE (is_done AND (present <> 0 OR has_quota) AND other & 64 = 0)::integer
           END), 0)::integer AS length
    FROM past_week
    JOIN turning ON past_week.week >= turning.week
),
run AS (
    SELECT unit, CASE
        WHEN other <> 0 OR (unit = 'days' AND missed <> 0) THEN here
        WHEN earlier.weeks = (%(week)s::date - turning.week) / 7 THEN here + earlier.length
    END AS length, turning.week AS since
    FROM this_week
    CROSS JOIN turning
    CROSS JOIN earlier
    CROSS JOIN LATERAL (
        SELECT CASE unit
            WHEN 'days' THEN bit_count((present & ~undone_today & {after_broken})::integer::bit(7))::integer
            ELSE (missed | undone_today = 0 AND is_quota_done AND (present <> 0 OR has_quota))::integer
        END AS here
    ) AS now
)
SELECT day_row.*, run.unit, run.length, CASE WHEN run.length IS NULL THEN (
           SELECT max(week)::date
           FROM generate_series(run.since, %(week)s::date - 7, interval '7 days') AS week
           WHERE NOT EXISTS (SELECT FROM past_week WHERE past_week.week = week.week::date)
       ) END
FROM day_row
LEFT JOIN run ON true
ORDER BY line_id
