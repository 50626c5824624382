-- What decides how much each of many patients needs: one row a patient, some look-ups by index each.
-- Every date is compared with the patient's own today.
SELECT patient.id, patient.name, patient.medical_record_number, patient.status, patient.time_zone,
       clock.today,
       alert.open, alert.suggestions, alert.worst, alert.since,
       held.waiting, held.since, asked.waiting, asked.since,
       pause.is_paused, pause.is_on_hold, pause.until, pause.over_on,
       program.drafts, program.titles, program.began_on, program.review_on, program.is_prescribed,
       last_session.performed_at, last_session.performed_on, last_session.received_at
FROM patients_patient AS patient
JOIN unnest(%(zones)s::text[], %(todays)s::date[]) AS clock (zone, today)
    ON clock.zone = patient.time_zone
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE severity <> 'suggestion')::int AS open,
           count(*) FILTER (WHERE severity = 'suggestion')::int AS suggestions,
           (array_agg(severity ORDER BY rank, opened_at, id))[1] AS worst,
           (array_agg(opened_at ORDER BY rank, opened_at, id))[1] AS since
    FROM rehab_sessions_alert
    CROSS JOIN LATERAL (
        SELECT array_position(%(severities)s::text[], severity::text) AS rank
    ) AS graded
    WHERE patient_id = patient.id AND status = 'open'
) AS alert
CROSS JOIN LATERAL (
    SELECT count(*)::int AS waiting, min(received_at) AS since
    FROM rehab_sessions_exercisesession
    WHERE patient_id = patient.id AND status = 'held'
) AS held
CROSS JOIN LATERAL (
    SELECT count(*)::int AS waiting, min(asked_at) AS since
    FROM patients_pauserequest
    WHERE patient_id = patient.id AND status = 'waiting'
) AS asked
CROSS JOIN LATERAL (
    SELECT coalesce(bool_or(covers), false) AS is_paused,
           coalesce(bool_or(covers AND reason = 'safety_hold'), false) AS is_on_hold,
           CASE WHEN NOT bool_or(covers AND ends_on IS NULL)
               THEN max(ends_on) FILTER (WHERE covers) END AS until,
           max(ends_on) FILTER (WHERE ends_on < clock.today AND ends_on >= starts_on) AS over_on
    FROM patients_pause
    CROSS JOIN LATERAL (
        SELECT starts_on <= clock.today AND (ends_on IS NULL OR ends_on >= clock.today) AS covers
    ) AS today
    WHERE patient_id = patient.id
) AS pause
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE status = 'draft')::int AS drafts,
           coalesce(array_agg(title ORDER BY starts_on, id) FILTER (WHERE runs), '{}') AS titles,
           min(starts_on) FILTER (WHERE runs) AS began_on,
           min(ends_on) FILTER (WHERE runs) AS review_on,
           coalesce(bool_or(runs OR comes), false) AS is_prescribed
    FROM patients_assignment
    CROSS JOIN LATERAL (
        SELECT status <> 'draft' AND activated_at IS NOT NULL AS is_activated
    ) AS activated
    CROSS JOIN LATERAL (
        SELECT is_activated AND starts_on <= clock.today
               AND (ends_on IS NULL OR ends_on >= clock.today) AS runs,
               is_activated AND starts_on > clock.today
               AND (ends_on IS NULL OR ends_on >= starts_on) AS comes
    ) AS today
    WHERE patient_id = patient.id
) AS program
LEFT JOIN LATERAL (
    SELECT performed_at, performed_on, received_at
    FROM rehab_sessions_exercisesession
    WHERE patient_id = patient.id AND status = 'counted'
    ORDER BY performed_at DESC, id DESC
    LIMIT 1
) AS last_session ON true
WHERE patient.id = ANY(%(patient_ids)s::uuid[])
