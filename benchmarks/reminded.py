"""Everybody of a crowd is reminded: an address, a time, and a delivery that is due now."""

from __future__ import annotations

import datetime as dt
from typing import Any

import psycopg

# An address, email as the channel, and one time a day, in clinics that have no quiet hours.
EVERYBODY = """
UPDATE clinics_clinic SET quiet_from = '00:00', quiet_until = '00:00', time_zone = 'UTC';
UPDATE patients_patient SET time_zone = 'UTC';
INSERT INTO reminders_contact (id, created_at, updated_at, clinic_id, user_id, channel, address,
    push_key, push_secret, code_attempts, added_at, confirmed_at, disabled_because)
SELECT gen_random_uuid(), now(), now(), patient.clinic_id, patient.user_id, 'email', login.email,
    '', '', 0, now(), now(), ''
FROM patients_patient AS patient JOIN clinics_user AS login ON login.id = patient.user_id;
INSERT INTO reminders_reminderpreferences (id, created_at, updated_at, clinic_id, patient_id,
    channels, is_paused, copies_carers, follows_phone, version, planned_with)
SELECT gen_random_uuid(), now(), now(), clinic_id, id, '{email}', false, false, false, 1, ''
FROM patients_patient;
INSERT INTO reminders_remindertime (id, created_at, updated_at, clinic_id, patient_id, slot, at,
    weekdays)
SELECT gen_random_uuid(), now(), now(), clinic_id, id, 1, '00:00', 127 FROM patients_patient;
"""
DUE = """
INSERT INTO reminders_delivery (id, created_at, updated_at, clinic_id, patient_id, recipient_id,
    kind, channel, local_date, slot, time_zone, due_at, expires_at, next_at, state, reason,
    attempts, last_error)
SELECT gen_random_uuid(), now(), now(), clinic_id, id, user_id, 'reminder', 'email',
    %(date)s::date, 1, 'UTC', %(due)s, %(due)s + interval '1 hour', %(due)s, 'waiting', '', 0, ''
FROM patients_patient
"""


def remind_everybody(server: psycopg.Connection[Any]) -> None:
    """Give every patient an address and a time; nothing is planned yet."""
    server.execute(EVERYBODY)


def make_due(server: psycopg.Connection[Any], now: dt.datetime) -> None:
    """Let everybody's time be this minute (UTC), with a delivery that waits, and no other."""
    due = now.replace(second=0, microsecond=0)
    server.execute("TRUNCATE reminders_delivery")
    server.execute("UPDATE reminders_remindertime SET at = %s", [due.time()])
    server.execute(DUE, {"date": due.date(), "due": due})
