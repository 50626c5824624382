"""Each reason for which a planned delivery does not go out, just at its edge and just beside it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from uuid import UUID

import pytest

from reminders.claimed import Claimed
from reminders.rechecks import RULES, Fate, Stop, stop_of

DUE = dt.datetime(2026, 11, 23, 18, 30, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)

FINE = Claimed(
    id=UUID(int=1), clinic_id=UUID(int=2), patient_id=UUID(int=3), recipient_id=UUID(int=4),
    kind="reminder", channel="email", local_date=DUE.date(), slot=1, due_at=DUE,
    expires_at=DUE + HOUR, attempts=0, clinic_name="Harbour Clinic", clinic_phone="+351 210 000 000",
    is_archived=False, quiet_from=dt.time(21), quiet_until=dt.time(8),
    clinic_quiet_from=dt.time(21), clinic_quiet_until=dt.time(8), time_zone="Europe/Lisbon",
    language="en", is_login_active=True, is_own=True, is_discharged=False,
    is_working_therapist=False, is_carer=False, is_paused=False, is_overtaken=False,
    has_preferences=True, channels=("email",), copies_carers=False, is_reminding_paused=False,
    paused_until=None, is_reminding_stopped=False, are_summaries_stopped=False,
    are_counts_wanted=False, received_at=None, contact_ids=None, addresses=None, push_keys=None, push_secrets=None, slot_at=dt.time(18, 30), slot_weekdays=127,
)  # fmt: skip
COPY = {"is_own": False, "is_carer": True, "copies_carers": True}
WEEKLY = {"kind": "weekly_summary", "slot": 0, "slot_at": None, "slot_weekdays": 0}
DIGEST = WEEKLY | {
    "kind": "digest",
    "patient_id": None,
    "is_own": False,
    "is_working_therapist": True,
}


@pytest.mark.parametrize("kind", [{}, COPY, WEEKLY, WEEKLY | COPY, DIGEST], ids=str)
def test_what_nothing_stands_against_goes_out(kind):
    assert stop_of(replace(FINE, **kind), now=DUE) is None


# What is against which kinds: reminder, its copy, weekly summary, digest.
AGAINST = [
    ("clinic_archived", {"is_archived": True}, "rcwd"),
    ("login_ended", {"is_login_active": False}, "rcwd"),
    ("membership_ended", {"is_working_therapist": False}, "d"),
    ("discharged", {"is_discharged": True}, "rcw"),
    ("consent_revoked", {"is_own": False, "is_carer": False}, "rcw"),
    ("not_copied", {"copies_carers": False}, "c"),
    ("stopped", {"is_reminding_stopped": True}, "rc"),
    ("stopped", {"are_summaries_stopped": True}, "wd"),
    ("reminders_paused", {"is_reminding_paused": True}, "rc"),
    ("paused", {"is_paused": True}, "rc"),
    ("overtaken", {"is_overtaken": True}, "rc"),
    ("channel_left", {"channels": ("sms", "web_push")}, "r"),
]
KINDS = {"r": {}, "c": COPY, "w": WEEKLY, "d": DIGEST}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("reason", "facts", "kinds"), AGAINST, ids=str)
def test_each_reason_holds_back_its_kinds_alone(reason, facts, kinds, kind):
    stop = stop_of(replace(FINE, **(KINDS[kind] | facts)), now=DUE)

    assert stop == (Stop(fate=Fate.SUPPRESSED, reason=reason) if kind in kinds else None)


def test_every_rule_has_its_line_in_the_table():
    assert {why for why, *_rest in RULES} == {why for why, *_rest in AGAINST}


def test_the_first_reason_is_kept():
    worst = replace(FINE, is_archived=True, is_login_active=False, is_discharged=True)

    assert stop_of(worst, now=DUE) == Stop(fate=Fate.SUPPRESSED, reason="clinic_archived")
    milder = replace(FINE, is_discharged=True, is_paused=True, is_reminding_stopped=True)
    assert stop_of(milder, now=DUE) == Stop(fate=Fate.SUPPRESSED, reason="discharged")


@pytest.mark.parametrize(
    ("late", "stop"),
    [
        (dt.timedelta(0), None),
        (HOUR, None),
        (HOUR + dt.timedelta(microseconds=1), Stop(fate=Fate.EXPIRED, reason="late")),
        (8 * 24 * HOUR, Stop(fate=Fate.EXPIRED, reason="late")),
    ],
)
def test_a_reminder_is_of_use_for_an_hour(late, stop):
    assert stop_of(FINE, now=DUE + late) == stop


def test_what_is_too_late_is_late_whatever_else_it_is():
    stop = stop_of(replace(FINE, is_paused=True), now=DUE + 2 * HOUR)

    assert stop == Stop(fate=Fate.EXPIRED, reason="late")


@pytest.mark.parametrize(
    ("until", "reason"),
    [(None, "reminders_paused"), ("2026-11-23", "reminders_paused"), ("2026-11-22", None)],
)
def test_a_pause_of_reminders_ends_with_its_last_date(until, reason):
    last = dt.date.fromisoformat(until) if until else None
    stop = stop_of(replace(FINE, is_reminding_paused=True, paused_until=last), now=DUE)

    assert (stop.reason if stop else None) == reason


@pytest.mark.parametrize(
    "moved",
    [
        {"slot_at": dt.time(18, 31)},
        {"slot_at": None},
        {"slot_weekdays": 0b1111110},
        {"time_zone": "America/Toronto"},
    ],
    ids=str,
)
def test_what_was_planned_from_another_choice_is_planned_anew(moved):
    assert stop_of(replace(FINE, **moved), now=DUE) == Stop(fate=Fate.PLANNED_ANEW, reason="moved")


@pytest.mark.parametrize(
    ("local", "is_quiet"),
    [("20:59", False), ("21:00", True), ("23:59", True), ("07:59", True), ("08:00", False)],
)
@pytest.mark.parametrize("zone", ["Europe/Lisbon", "America/Toronto"])
def test_a_reminder_is_dropped_in_quiet_hours_of_the_zone_of_now(local, is_quiet, zone):
    at = dt.time.fromisoformat(local)
    offset = 5 * HOUR if zone == "America/Toronto" else 0 * HOUR
    due = dt.datetime.combine(DUE.date(), at, tzinfo=dt.UTC) + offset
    it = replace(FINE, time_zone=zone, slot_at=at, due_at=due, expires_at=due + HOUR)

    stop = stop_of(it, now=due)

    assert stop == (Stop(fate=Fate.SUPPRESSED, reason="quiet_hours") if is_quiet else None)


def test_a_reminder_that_is_late_is_dropped_where_that_falls_in_quiet_hours():
    due = DUE + 2 * HOUR  # half past eight in the evening
    it = replace(FINE, due_at=due, expires_at=due + HOUR, slot_at=dt.time(20, 30))

    assert stop_of(it, now=due + 29 * MINUTE) is None
    assert stop_of(it, now=due + 30 * MINUTE) == Stop(fate=Fate.SUPPRESSED, reason="quiet_hours")


@pytest.mark.parametrize("who", ["patient", "clinic"])
def test_both_the_clinics_and_the_patients_quiet_hours_hold(who):
    hours = {"quiet_from": dt.time(18, 30), "quiet_until": dt.time(9)}
    if who == "clinic":
        hours = {f"clinic_{name}": at for name, at in hours.items()}

    assert stop_of(replace(FINE, **hours), now=DUE - MINUTE) is None
    assert stop_of(replace(FINE, **hours), now=DUE) == Stop(
        fate=Fate.SUPPRESSED, reason="quiet_hours"
    )


@pytest.mark.parametrize("kind", [WEEKLY, DIGEST], ids=["summary", "digest"])
def test_what_comes_once_a_week_waits_for_the_end_of_the_quiet_hours(kind):
    it = replace(FINE, **kind, expires_at=DUE + 36 * HOUR, quiet_until=dt.time(9, 30))

    assert stop_of(it, now=DUE + 3 * HOUR) == Stop(
        fate=Fate.PUT_OFF,
        reason="quiet_hours",
        until=dt.datetime(2026, 11, 24, 9, 30, tzinfo=dt.UTC),
    )
