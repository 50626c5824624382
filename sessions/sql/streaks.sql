-- Reads backwards in spans that double, and stops at the first due day or week that was missed.
WITH RECURSIVE reign AS (
    SELECT patient.id AS patient_id, coalesce(%(today)s::date, zone_today) AS today, prescribed.schedule, first_on, last_on
    FROM patients_patient AS patient
    LEFT JOIN unnest(%(zones)s::text[], %(todays)s::date[]) AS clock (zone, zone_today)
        ON clock.zone = patient.time_zone
    JOIN patients_prescribedexercise AS prescribed ON prescribed.patient_id = patient.id
    JOIN patients_line AS line
        ON line.id = prescribed.line_id AND line.patient_id = patient.id
    JOIN patients_assignment AS assignment
        ON assignment.id = line.assignment_id AND assignment.patient_id = patient.id
        AND assignment.status <> 'draft' AND assignment.activated_at IS NOT NULL
    CROSS JOIN LATERAL (
        SELECT greatest(prescribed.in_force_from, assignment.starts_on) AS first_on,
               coalesce(least(prescribed.in_force_until - 1, assignment.ends_on), 'infinity') AS last_on
    ) AS dates
    WHERE {of_patients} AND first_on <= last_on
),
unit_today AS (
    SELECT patient_id, today, min(first_on) AS begins_on,
           CASE WHEN bool_or(schedule = 'weekdays' AND today BETWEEN first_on AND last_on) THEN 'days'
                WHEN bool_or(schedule = 'times_per_week' AND today BETWEEN first_on AND last_on)
                THEN 'weeks' END AS unit
    FROM reign
    GROUP BY patient_id, today
),
-- The latest date on which the other unit held: a fixed-weekday line in force, or a quota line
-- and no fixed-weekday one. It is the last date of a row or the eve of one.
subject AS (
    SELECT patient_id, today, unit,
           greatest(begins_on, CASE unit WHEN 'weeks' THEN (
               SELECT max(last_on) + 1 FROM reign
               WHERE reign.patient_id = unit_today.patient_id
                 AND schedule = 'weekdays' AND last_on < unit_today.today
           ) ELSE (
               SELECT max(eve) + 1
               FROM reign
               CROSS JOIN LATERAL (
                   SELECT CASE schedule WHEN 'weekdays' THEN first_on - 1 ELSE last_on END AS eve
               ) AS candidate
               WHERE reign.patient_id = unit_today.patient_id
                 AND schedule <> 'as_needed' AND eve < unit_today.today
                 AND EXISTS (
                     SELECT FROM reign AS quota_reign
                     WHERE quota_reign.patient_id = unit_today.patient_id
                       AND quota_reign.schedule = 'times_per_week'
                       AND eve BETWEEN quota_reign.first_on AND quota_reign.last_on)
                 AND NOT EXISTS (
                     SELECT FROM reign AS fixed_reign
                     WHERE fixed_reign.patient_id = unit_today.patient_id
                       AND fixed_reign.schedule = 'weekdays'
                       AND eve BETWEEN fixed_reign.first_on AND fixed_reign.last_on)
           ) END) AS begins_on
    FROM unit_today
    WHERE unit IS NOT NULL OR today IS NULL
),
run AS (
    SELECT patient_id, today, unit, length, size, is_over, next_last,
           CASE unit WHEN 'weeks' THEN begins_on - mod(begins_on - date '1900-01-01', 7)
                ELSE begins_on END AS begins_on
    FROM subject
    CROSS JOIN LATERAL (
        SELECT 0 AS length, 28 AS size, false AS is_over,
               CASE unit WHEN 'weeks' THEN today - mod(today - date '1900-01-01', 7) + 6
                    ELSE today END AS next_last
    ) AS start
    UNION ALL
    SELECT run.patient_id, run.today, run.unit, run.length + stretch.length, run.size * 2,
           stretch.is_missed OR run.next_last - run.size < run.begins_on,
           run.next_last - run.size, run.begins_on
    FROM run
    CROSS JOIN LATERAL (
        WITH span AS (
            SELECT run.patient_id, run.today,
                   greatest(run.next_last - run.size + 1, run.begins_on) AS first,
                   run.next_last AS last, run.next_last AS logged_until
        ),
        {row_weeks},
        -- Each day as a bit: it was asked for, it was excused and yet done, all of it was done.
        row_score AS (
            SELECT row_state.week, due & ~later & ~forgiven AS asked,
                   due & forgiven & coalesce(some_done, 0) AS yet_done,
                   coalesce(all_done, 0) AS all_done
            FROM (SELECT * FROM row_state WHERE schedule = 'weekdays') AS row_state
            FULL JOIN (
                SELECT row_id, week, bit_or(bit) FILTER (WHERE times_done > 0) AS some_done,
                       bit_or(bit) FILTER (WHERE times_done >= times_per_day) AS all_done
                FROM done_day
                WHERE schedule = 'weekdays'
                GROUP BY row_id, week
            ) AS done ON done.row_id = row_state.row_id AND done.week = row_state.week
            CROSS JOIN LATERAL (
                SELECT excused & ~ahead AS forgiven, ahead & ~CASE
                    WHEN today BETWEEN row_state.week AND row_state.week + 6
                    THEN 1 << (today - row_state.week) ELSE 0 END AS later
            ) AS days
        ),
        week_score AS (
            SELECT week, bit_or(asked | yet_done) AS present, bit_or(asked & ~all_done) AS missed
            FROM row_score
            GROUP BY week
        ),
        unit_score AS (
            SELECT week + number AS due, (missed >> number) & 1 = 0 AS is_done,
                   week + number >= run.today AS is_current
            FROM week_score
            CROSS JOIN generate_series(0, 6) AS number
            WHERE run.unit = 'days' AND (present >> number) & 1 = 1
            UNION ALL
            SELECT week, bool_and(is_done), week + 6 >= run.today
            FROM (
                SELECT week, missed = 0 AS is_done FROM week_score WHERE present <> 0
                UNION ALL
                SELECT week, done = expected FROM quota WHERE expected > 0
            ) AS of_week
            WHERE run.unit = 'weeks'
            GROUP BY week
        ),
        missed AS (
            SELECT max(due) AS due FROM unit_score WHERE NOT is_done AND NOT is_current
        )
        SELECT (missed.due IS NOT NULL) AS is_missed, (
            SELECT count(*)::int FROM unit_score
            WHERE is_done AND (missed.due IS NULL OR unit_score.due > missed.due)
        ) AS length
        FROM missed
    ) AS stretch
    WHERE NOT run.is_over
)
SELECT patient_id, today, unit, max(length) FROM run GROUP BY patient_id, today, unit
