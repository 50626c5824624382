-- Deliveries that are to be, one for each place of the lists. What was settled of a slot and date, by
-- whichever channel, stays so; what waits and was not tried yet moves to its new instant.
INSERT INTO reminders_delivery
    (id, created_at, updated_at, clinic_id, patient_id, recipient_id, kind, channel, local_date, slot,
     time_zone, due_at, expires_at, next_at, state, reason, attempts, last_error)
SELECT new.id, now(), now(), %(clinic_id)s::uuid, new.patient_id, new.recipient_id, 'reminder',
       new.channel, new.local_date, new.slot, new.time_zone, new.due_at,
       new.due_at + %(of_use)s::interval, new.due_at, 'waiting', '', 0, ''
FROM unnest(%(ids)s::uuid[], %(patient_ids)s::uuid[], %(recipient_ids)s::uuid[], %(channels)s::text[],
            %(local_dates)s::date[], %(slots)s::smallint[], %(time_zones)s::text[],
            %(due_ats)s::timestamptz[])
    AS new (id, patient_id, recipient_id, channel, local_date, slot, time_zone, due_at)
WHERE NOT EXISTS (
    SELECT FROM reminders_delivery AS settled
    WHERE settled.patient_id = new.patient_id AND settled.kind = 'reminder'
      AND settled.due_at >= %(earliest)s::timestamptz AND settled.recipient_id = new.recipient_id
      AND settled.local_date = new.local_date AND settled.slot = new.slot
      AND settled.state <> 'waiting'
)
ON CONFLICT (clinic_id, recipient_id, patient_id, kind, channel, local_date, slot) DO UPDATE
    SET due_at = excluded.due_at, next_at = excluded.next_at, expires_at = excluded.expires_at,
        time_zone = excluded.time_zone, updated_at = now()
    WHERE reminders_delivery.state = 'waiting' AND reminders_delivery.attempts = 0
      AND reminders_delivery.due_at <> excluded.due_at
RETURNING 1
