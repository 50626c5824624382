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
                   run.next_last AS last
        ),
        {row_weeks},
        score AS (
            SELECT CASE run.unit WHEN 'weeks' THEN row_state.week ELSE row_state.week + number END AS due,
                   CASE WHEN (excused >> number) & 1 = 1 AND row_state.week + number < today
                        THEN done ELSE row_state.times_per_day END AS expected, done
            FROM row_state
            CROSS JOIN generate_series(0, 6) AS number
            LEFT JOIN done_day ON done_day.row_id = row_state.row_id
                AND done_day.week = row_state.week AND done_day.bit = 1 << number
            CROSS JOIN LATERAL (
                SELECT least(coalesce(times_done, 0), row_state.times_per_day) AS done
            ) AS occurrence
            WHERE (row_state.due >> number) & 1 = 1 AND row_state.week + number <= today
            UNION ALL
            SELECT week, expected, done FROM quota WHERE run.unit = 'weeks'
        ),
        unit_score AS (
            SELECT due, sum(done) = sum(expected) AS is_done,
                   due + CASE run.unit WHEN 'weeks' THEN 6 ELSE 0 END >= run.today AS is_current
            FROM score
            GROUP BY due
            HAVING sum(expected) > 0
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
