-- The unit of each patient's run today, and since when it holds. Needs the zones' todays.
reign AS (
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
)
