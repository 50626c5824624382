-- Everything that decides whether claimed deliveries are still wanted, and how they are addressed.
SELECT delivery.id, delivery.clinic_id, delivery.patient_id, delivery.recipient_id, delivery.kind,
       delivery.channel, delivery.local_date, delivery.slot, delivery.due_at, delivery.expires_at,
       delivery.attempts, receipt.at AS received_at,
       clinic.name AS clinic_name, clinic.phone_number AS clinic_phone,
       clinic.archived_at IS NOT NULL AS is_archived,
       coalesce(preferences.quiet_from, clinic.quiet_from) AS quiet_from,
       coalesce(preferences.quiet_until, clinic.quiet_until) AS quiet_until,
       clinic.quiet_from AS clinic_quiet_from, clinic.quiet_until AS clinic_quiet_until,
       coalesce(patient.time_zone, clinic.time_zone) AS time_zone,
       coalesce(patient.language, clinic.language) AS language,
       recipient.is_active AS is_login_active,
       coalesce(patient.user_id = delivery.recipient_id, false) AS is_own,
       coalesce(patient.status = 'discharged', false) AS is_discharged,
       EXISTS (
           SELECT FROM clinics_membership AS membership
           WHERE membership.clinic_id = delivery.clinic_id AND membership.role = 'therapist'
             AND membership.user_id = delivery.recipient_id AND membership.deactivated_at IS NULL
       ) AS is_working_therapist,
       EXISTS (
           SELECT FROM patients_carer AS carer
           WHERE carer.patient_id = delivery.patient_id
             AND carer.user_id = delivery.recipient_id AND carer.revoked_at IS NULL
       ) AS is_carer,
       EXISTS (
           SELECT FROM patients_pause AS pause
           WHERE pause.patient_id = delivery.patient_id
             AND pause.starts_on <= delivery.local_date
             AND (pause.ends_on IS NULL OR pause.ends_on >= delivery.local_date)
       ) AS is_paused,
       EXISTS (
           SELECT FROM reminders_delivery AS later
           WHERE later.patient_id = delivery.patient_id AND later.kind = delivery.kind
             AND later.recipient_id = delivery.recipient_id AND later.state = 'waiting'
             AND later.due_at > delivery.due_at AND later.due_at <= %(now)s::timestamptz
       ) AS is_overtaken,
       preferences.id IS NOT NULL AS has_preferences,
       coalesce(preferences.channels, '{}') AS channels,
       coalesce(preferences.copies_carers, false) AND NOT EXISTS (
           SELECT FROM reminders_stoppedcopies AS stopped
           WHERE stopped.patient_id = delivery.patient_id
             AND stopped.user_id = delivery.recipient_id
       ) AS copies_carers,
       coalesce(preferences.is_paused, false) AS is_reminding_paused,
       preferences.paused_until,
       preferences.reminders_stopped_at IS NOT NULL AS is_reminding_stopped,
       preferences.summaries_stopped_at IS NOT NULL OR delivery.kind = 'digest' AND EXISTS (
           SELECT FROM reminders_digestpreferences AS chosen
           JOIN clinics_membership AS membership
               ON membership.id = chosen.membership_id AND membership.deactivated_at IS NULL
           WHERE membership.clinic_id = delivery.clinic_id
             AND membership.user_id = delivery.recipient_id AND chosen.stopped_at IS NOT NULL
       ) AS are_summaries_stopped,
       preferences.counts_by_mail_at IS NOT NULL AS are_counts_wanted,
       contact.ids AS contact_ids, contact.addresses, contact.push_keys, contact.push_secrets,
       reminder_time.at AS slot_at, coalesce(reminder_time.weekdays, 0) AS slot_weekdays
FROM reminders_delivery AS delivery
JOIN clinics_clinic AS clinic ON clinic.id = delivery.clinic_id
JOIN clinics_user AS recipient ON recipient.id = delivery.recipient_id
LEFT JOIN reminders_receipt AS receipt ON receipt.delivery_id = delivery.id
LEFT JOIN patients_patient AS patient ON patient.id = delivery.patient_id
LEFT JOIN reminders_reminderpreferences AS preferences
    ON preferences.patient_id = delivery.patient_id
CROSS JOIN LATERAL (
    SELECT array_agg(id) AS ids, array_agg(address) AS addresses,
           array_agg(push_key) AS push_keys, array_agg(push_secret) AS push_secrets
    FROM (
        SELECT id, address, push_key, push_secret
        FROM reminders_contact AS usable
        WHERE usable.user_id = delivery.recipient_id AND usable.clinic_id = delivery.clinic_id
          AND usable.channel = delivery.channel
          AND usable.confirmed_at IS NOT NULL AND usable.disabled_at IS NULL
        ORDER BY confirmed_at DESC, id
        LIMIT 10
    ) AS newest
) AS contact
LEFT JOIN reminders_remindertime AS reminder_time
    ON reminder_time.patient_id = delivery.patient_id AND reminder_time.slot = delivery.slot
WHERE delivery.id = ANY(%(ids)s::uuid[])
ORDER BY delivery.next_at, delivery.id
