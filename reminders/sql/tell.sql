-- Weeks as they are told and what is to be delivered of them, one for each of `rows`; `kind` is the
-- place in `contents`, since many are alike. What was told stays; without `mail_id` nothing is delivered.
WITH new AS MATERIALIZED (
    SELECT *
    FROM json_to_recordset(%(rows)s::json) AS row (
        id uuid, patient_id uuid, language text, kind integer, run_unit text, run_length integer,
        change_seq bigint, mail_id uuid, recipient_id uuid, next_at timestamptz)
),
summary AS (
    INSERT INTO reminders_weeklysummary
        (id, created_at, updated_at, clinic_id, patient_id, week, made_at, language, contents, run_unit,
         run_length, change_seq)
    SELECT id, now(), now(), %(clinic_id)s::uuid, patient_id, %(week)s::date, %(now)s::timestamptz,
           language, %(contents)s::jsonb -> kind, run_unit, run_length, change_seq
    FROM new
    ON CONFLICT (patient_id, week) DO NOTHING
    RETURNING 1
),
mail AS (
    INSERT INTO reminders_delivery
        (id, created_at, updated_at, clinic_id, patient_id, recipient_id, kind, channel, local_date,
         slot, time_zone, due_at, expires_at, next_at, state, reason, attempts, last_error)
    SELECT mail_id, now(), now(), %(clinic_id)s::uuid, patient_id, recipient_id, 'weekly_summary',
           'email', %(week)s::date, 0, %(zone_name)s, %(due_at)s::timestamptz,
           %(expires_at)s::timestamptz, coalesce(next_at, %(due_at)s::timestamptz), 'waiting', '', 0, ''
    FROM new
    WHERE mail_id IS NOT NULL
    ON CONFLICT (clinic_id, recipient_id, patient_id, kind, channel, local_date, slot) DO NOTHING
)
SELECT count(*) FROM summary
