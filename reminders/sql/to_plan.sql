-- Patients of the context's clinic whose next days are not planned, or were planned from what is no longer so.
-- A patient whom another planner has is left to it. `plan` is what the plan follows from.
SELECT preferences.id, patient.id AS patient_id, patient.user_id, patient.time_zone, clock.today,
       preferences.channels[1] AS channel, told.carers, preferences.planned_through,
       preferences.planned_with, told.plan, slots.numbers, slots.times, slots.weekdays
FROM reminders_reminderpreferences AS preferences
JOIN patients_patient AS patient
    ON patient.id = preferences.patient_id AND patient.clinic_id = preferences.clinic_id
JOIN unnest(%(zones)s::text[], %(todays)s::date[]) AS clock (zone, today)
    ON clock.zone = patient.time_zone
CROSS JOIN LATERAL (
    SELECT array_agg(slot ORDER BY slot) AS numbers, array_agg(at ORDER BY slot) AS times,
           array_agg(weekdays ORDER BY slot) AS weekdays
    FROM reminders_remindertime AS reminder_time
    WHERE reminder_time.patient_id = patient.id
) AS slots
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(carer.user_id ORDER BY carer.user_id), '{}') AS carers
    FROM patients_carer AS carer
    WHERE preferences.copies_carers AND carer.patient_id = patient.id AND carer.revoked_at IS NULL
      AND NOT EXISTS (
          SELECT FROM reminders_stoppedcopies AS stopped
          WHERE stopped.patient_id = patient.id AND stopped.user_id = carer.user_id
      )
) AS copied
CROSS JOIN LATERAL (
    SELECT copied.carers, concat_ws(':', %(zone_rules)s::text, preferences.version,
        patient.time_zone, left(md5(copied.carers::text), 12)) AS plan
) AS told
WHERE patient.status = 'active' AND patient.user_id IS NOT NULL
  AND cardinality(preferences.channels) > 0 AND preferences.reminders_stopped_at IS NULL
  AND (preferences.planned_with <> told.plan OR preferences.planned_through IS NULL
       OR preferences.planned_through < clock.today + %(days_ahead)s::integer)
ORDER BY preferences.id
LIMIT %(most)s
FOR UPDATE OF preferences SKIP LOCKED
