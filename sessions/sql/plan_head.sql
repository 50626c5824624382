-- Whose plan it is, with what every plan hangs on. A patient, and a carer for them, see the one record
-- that they chose, as `PatientQuerySet.visible_to` says.
SELECT patient.id, patient.affected_side, patient.language, patient.time_zone, patient.change_seq,
       patient.updated_at, clinic.country, clinic.phone_number, clinic.updated_at, (
           SELECT jsonb_build_object('number', number, 'content', content,
                                     'review_status', review_status)::text
           FROM programs_safetyblock ORDER BY number DESC LIMIT 1
       ), coalesce((
           SELECT jsonb_agg(near.said) FROM (
               SELECT jsonb_build_object('first', starts_on, 'last', ends_on, 'reason', reason) AS said
               FROM patients_pause
               WHERE patient_id = patient.id AND starts_on <= %(about)s::date + 1
                 AND (ends_on IS NULL OR ends_on >= %(about)s::date - 1)
               ORDER BY starts_on DESC, id DESC LIMIT %(most_pauses)s
           ) AS near
       ), '[]')::text
FROM patients_patient AS patient
JOIN clinics_clinic AS clinic ON clinic.id = patient.clinic_id
WHERE patient.id = %(patient)s AND patient.clinic_id = %(clinic)s
