WITH span AS (
    SELECT patient.id AS patient_id, %(day)s::date AS today,
           %(week)s::date AS first, %(week)s::date + 6 AS last, %(week)s::date + 6 AS logged_until
    FROM patients_patient AS patient
    WHERE {of_patients}
),
{row_weeks},
{day_rows}
SELECT *
FROM day_row
ORDER BY line_id
