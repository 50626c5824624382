-- The run that stood at the end of the week before, of whom nothing has changed since that it followed
-- from: no plan, no session or check of an earlier day, and no session that may have been on another day.
SELECT told.patient_id, told.run_unit, told.run_length
FROM reminders_weeklysummary AS told
WHERE told.patient_id = ANY(%(patient_ids)s::uuid[]) AND told.week = %(week)s::date - 7
  AND told.run_unit <> ''
  AND NOT EXISTS (
      SELECT FROM patients_patientchange AS change
      LEFT JOIN rehab_sessions_exercisesession AS session
          ON change.kind = 'session' AND session.id = change.target_id
      LEFT JOIN rehab_sessions_safetycheck AS safety_check
          ON change.kind = 'safety_check' AND safety_check.id = change.target_id
      WHERE change.patient_id = told.patient_id AND change.seq > told.change_seq
        AND (change.kind = 'plan'
             OR session.performed_on < %(week)s::date OR session.version > 1
             OR safety_check.checked_on < %(week)s::date)
  )
