-- Keeps the week that began on %(week)s of each of these patients, as it reads once it is over.
WITH span AS (
    SELECT patient.id AS patient_id, patient.clinic_id, %(week)s::date + 7 AS today,
           %(week)s::date AS first, %(week)s::date + 13 AS last, %(week)s::date + 6 AS logged_until
    FROM patients_patient AS patient
    WHERE {of_patients}
),
{row_weeks},
{sums},
{week_facts},
{week_kept}
SELECT count(*) FROM span
