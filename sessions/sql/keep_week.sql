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
week_sum AS (
    SELECT patient_id, common AS denominator, sum(credited * div(common, denominator)) AS credited,
           sum(prescribed * div(common, denominator)) AS prescribed, sum(done) AS done,
           sum(expected) AS expected
    FROM (
        SELECT patient_id, denominator, sum(credited) AS credited, sum(prescribed) AS prescribed,
               sum(done) AS done, sum(expected) AS expected,
               lcm_of(denominator) OVER (PARTITION BY patient_id) AS common
        FROM part
        WHERE week = %(week)s::date
        GROUP BY patient_id, denominator
    ) AS of_denominator
    GROUP BY patient_id, common
),
week_kept AS (
    INSERT INTO rehab_sessions_patientweek (
        id, created_at, updated_at, clinic_id, patient_id, week, asked, missed, some_done, yet_done,
        due, planned, rows, last_planned, last_rows, quota_days, times_done, times_expected, paused,
        stopped, fixed_days, free_days, sessions, next_asked, next_due, next_planned, next_rows, next_times_expected,
        next_paused, denominator, credited, prescribed, done, expected)
    SELECT gen_random_uuid(), now(), now(), clinic_id, patient_id, %(week)s::date, coalesce(asked, 0),
           coalesce(missed, 0), coalesce(some_done, 0), coalesce(yet_done, 0), coalesce(due, 0),
           coalesce(planned, 0), coalesce(rows, 0), coalesce(last_planned, 0),
           coalesce(last_rows, 0), coalesce(quota_days, 0), coalesce(times_done, 0),
           coalesce(times_expected, 0), coalesce(paused, 0), coalesce(stopped, 0),
           coalesce(fixed_days, 0), coalesce(free_days, 0),
           coalesce(sessions, 0), coalesce(next_asked, 0), coalesce(next_due, 0),
           coalesce(next_planned, 0), coalesce(next_rows, 0), coalesce(next_times_expected, 0),
           coalesce(next_paused, 0), coalesce(denominator, 1), coalesce(credited, 0),
           coalesce(prescribed, 0), coalesce(done, 0), coalesce(expected, 0)
    FROM span
    FULL JOIN week_fact USING (patient_id)
    FULL JOIN week_sum USING (patient_id)
    WHERE num_nulls(clinic_id) = 0
    ON CONFLICT (patient_id, week) DO NOTHING
)
SELECT count(*) FROM span
