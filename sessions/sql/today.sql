-- What one day asks of a patient and got, line by line, and the run that stands on it. Keeps the day's
-- week, too. The run adds the weeks before, as they are kept; where one that it needs is not, it is null.
WITH span AS (
    SELECT patient.id AS patient_id, patient.clinic_id, %(week)s::date + 7 AS today,
           %(week)s::date AS first, %(week)s::date + 13 AS last, %(week)s::date + 6 AS logged_until
    FROM patients_patient AS patient
    WHERE {of_patients}
),
{row_weeks},
{sums},
{week_facts},
{week_kept},
{day_rows},
{subject},
-- Of the week that goes on: what stands before today, and today once all of it is done, excused or not.
this_week AS (
    SELECT unit, begins_on, first_week, ((asked | yet_done) & before) | (due & bit) AS present,
           missed & before AS missed, undone & bit AS undone_today, times_done = times_expected
               AS is_quota_done, times_expected > 0 AS has_quota
    FROM subject
    JOIN week_fact USING (patient_id)
    CROSS JOIN LATERAL (
        SELECT 1 << (%(day)s::date - %(week)s::date) AS bit,
               begins_on - mod(begins_on - date '1900-01-01', 7) AS first_week
    ) AS dates
    CROSS JOIN LATERAL (
        SELECT (bit - 1) & -(1 << greatest(CASE unit WHEN 'days' THEN begins_on - %(week)s::date
            ELSE 0 END, 0)) AS before
    ) AS days
),
past_week AS (
    SELECT week, (asked | yet_done) & since AS present, kept.missed & since AS missed,
           CASE unit WHEN 'days' THEN kept.missed & since = 0
                ELSE kept.missed = 0 AND times_done = times_expected END AS is_done,
           times_expected > 0 AS has_quota
    FROM this_week
    JOIN rehab_sessions_patientweek AS kept
        ON kept.patient_id = %(patient_id)s::uuid AND kept.week < %(week)s::date
        AND kept.week >= first_week
    CROSS JOIN LATERAL (
        SELECT -(1 << greatest(CASE unit WHEN 'days' THEN begins_on - week ELSE 0 END, 0)) AS since
    ) AS days
),
run AS (
    SELECT unit, CASE
        WHEN unit = 'days' AND missed <> 0 THEN here
        WHEN kept_weeks = (%(week)s::date - coalesce(missed_week, first_week)) / 7 THEN here + earlier
    END AS length
    FROM this_week
    CROSS JOIN (SELECT max(week) FILTER (WHERE NOT is_done) AS missed_week FROM past_week) AS back
    CROSS JOIN LATERAL (
        SELECT count(*) AS kept_weeks, coalesce(sum(CASE
            WHEN unit = 'days' THEN bit_count((present & {after_missed})::bit(7))
            WHEN is_done AND (present <> 0 OR has_quota) THEN 1 ELSE 0 END), 0)::integer AS earlier
        FROM past_week
        WHERE week >= coalesce(missed_week, first_week)
    ) AS before
    CROSS JOIN LATERAL (
        SELECT CASE unit
            WHEN 'days' THEN bit_count((present & ~undone_today & {after_missed})::bit(7))
            ELSE (missed | undone_today = 0 AND is_quota_done AND (present <> 0 OR has_quota))::integer
        END::integer AS here
    ) AS now
)
SELECT day_row.*, run.unit, run.length
FROM day_row
LEFT JOIN run ON true
ORDER BY line_id
