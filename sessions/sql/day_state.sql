-- What one day asks of each patient and got. A quota's day needs its week. Where no row in force on the
-- day has one, that day alone is read: nothing else of the week is asked for.
WITH span AS (
    SELECT patient.id AS patient_id, %(day)s::date AS today,
           CASE WHEN has_quota THEN %(week)s::date ELSE %(day)s::date END AS first, last,
           last AS logged_until
    FROM patients_patient AS patient
    CROSS JOIN LATERAL (
        SELECT bool_or(prescribed.schedule = 'times_per_week') AS has_quota
        FROM patients_prescribedexercise AS prescribed
        WHERE prescribed.patient_id = patient.id AND prescribed.in_force_from <= %(day)s::date
          AND (prescribed.in_force_until IS NULL OR prescribed.in_force_until > %(day)s::date)
    ) AS on_the_day
    CROSS JOIN LATERAL (
        SELECT CASE WHEN has_quota THEN %(week)s::date + 6 ELSE %(day)s::date END AS last
    ) AS until
    WHERE {of_patients}
),
{row_weeks},
{day_rows}
SELECT *
FROM day_row
ORDER BY line_id
