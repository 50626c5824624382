-- Patients of the context's clinic whose next days are not planned, or were planned from what is no longer so.
-- Asked first for keys, which are locked, then by those keys: what follows from a row is read after its lock.
-- `plan` is what the plan follows from.
SELECT {columns}
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
{chosen}
