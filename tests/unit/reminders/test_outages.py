"""
Nobody planned or sent for ten minutes, six hours, eight days: exactly what still goes out, what is
too late, what is held back, and that nothing comes in a burst. The clock is passed in.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from core.tenancy import clinic_context
from patients.models import Patient
from reminders.actions.deliver import deliver
from reminders.actions.plan import plan
from reminders.models import Delivery
from tests.factories import people, prescribed
from tests.factories.reminders import contact, preferences
from tests.unit.reminders.ports import Recording, opening

# A Monday, at midnight in Lisbon; seven in the evening of Sunday in Toronto.
MIDNIGHT = dt.datetime(2026, 11, 23, 0, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@pytest.fixture
def clinic(db: None) -> people.Clinic:
    """
    Ana in Lisbon at nine, one and twenty to nine in the evening; Bea in Toronto at nine; Carla at
    nine on Tuesdays; Dora at half past nine, who is paused; Eva at ten, with nothing prescribed.
    """
    clinic = people.clinic()
    rui = people.therapist(clinic)
    for name, zone, times in (
        ("Ana", "Europe/Lisbon", ("09:00", "13:00", "20:40")),
        ("Bea", "America/Toronto", ("09:00",)),
        ("Carla", "Europe/Lisbon", ("09:00",)),
        ("Dora", "Europe/Lisbon", ("09:30",)),
        ("Eva", "Europe/Lisbon", ("10:00",)),
    ):
        patient = people.patient(clinic, name, care_team=[rui], time_zone=zone)
        contact(clinic, patient.user, address=f"{name.lower()}@example.org")
        preferences(patient, *times, weekdays=(2,) if name == "Carla" else ())
        if name != "Eva":
            prescribed.line(patient)
        if name == "Dora":
            people.pause(patient, starts_on=MIDNIGHT.date(), ends_on=None)
    return clinic


def tick(now: dt.datetime, email: Recording) -> list[str]:
    """Plan and send once, as the clock would; return to whom something went."""
    before = len(email.sent)
    plan(now=now)
    deliver(now=now, open_port=opening(email=email))
    return [address.split("@")[0] for address, _note in email.sent[before:]]


def until(now: dt.datetime, end: dt.datetime, email: Recording) -> Counter[str]:
    """Tick every twenty minutes, without the end."""
    sent: Counter[str] = Counter()
    while now < end:
        sent.update(tick(now, email))
        now += 20 * MINUTE
    return sent


def fates(clinic: people.Clinic, day: dt.date) -> dict[tuple[str, int], tuple[str, str]]:
    with clinic_context(clinic.pk):
        names = dict(Patient.objects.values_list("pk", "name"))
        rows = Delivery.objects.filter(local_date=day)
        return {(names[row.patient_id], row.slot): (row.state, row.reason) for row in rows}


SENT = ("sent", "")
LATE = ("expired", "late")


def test_ten_minutes_lose_nothing(clinic):
    email = Recording()
    until(MIDNIGHT + 8 * HOUR, MIDNIGHT + 9 * HOUR, email)

    assert tick(MIDNIGHT + 9 * HOUR + 10 * MINUTE, email) == ["ana"]
    assert fates(clinic, MIDNIGHT.date())[("Ana", 1)] == SENT


def test_six_hours_drop_what_is_old_and_send_what_is_of_use(clinic):
    """From eight in the morning until two in the afternoon: nine is too old, one is just in time."""
    email = Recording()
    tick(MIDNIGHT + 8 * HOUR, email)

    back = MIDNIGHT + 14 * HOUR - dt.timedelta(seconds=5)
    assert tick(back, email) == ["ana"]
    assert tick(back + MINUTE, email) == ["bea"]  # nine in Toronto
    assert tick(back + MINUTE, email) == []
    assert fates(clinic, MIDNIGHT.date()) == {
        ("Ana", 1): LATE, ("Ana", 2): SENT, ("Ana", 3): ("waiting", ""),
        ("Bea", 1): SENT, ("Dora", 1): LATE, ("Eva", 1): LATE,
    }  # fmt: skip


def test_an_hour_late_is_the_edge(clinic):
    email = Recording()
    tick(MIDNIGHT + 8 * HOUR, email)

    assert tick(MIDNIGHT + 10 * HOUR + dt.timedelta(seconds=1), email) == []
    assert fates(clinic, MIDNIGHT.date()) == {
        ("Ana", 1): LATE, ("Ana", 2): ("waiting", ""), ("Ana", 3): ("waiting", ""),
        ("Bea", 1): ("waiting", ""), ("Dora", 1): ("suppressed", "paused"),
        ("Eva", 1): ("suppressed", "nothing_due"),
    }  # fmt: skip


def test_what_is_late_in_quiet_hours_is_held_back(clinic):
    """Twenty to nine is still of use at five past nine, but by then it is quiet."""
    email = Recording()
    until(MIDNIGHT + 19 * HOUR, MIDNIGHT + 20.5 * HOUR, email)

    assert tick(MIDNIGHT + 21 * HOUR + 5 * MINUTE, email) == []
    assert fates(clinic, MIDNIGHT.date())[("Ana", 3)] == ("suppressed", "quiet_hours")


def test_eight_days_send_nothing_old_and_nothing_in_a_burst(clinic):
    email = Recording()
    tick(MIDNIGHT + 8 * HOUR, email)
    back = MIDNIGHT + 8 * DAY + 9.5 * HOUR  # the Tuesday of the week after, at half past nine

    assert sorted(tick(back, email)) == ["ana", "carla"]
    assert tick(back, email) == []
    today, yesterday = back.date(), back.date() - DAY
    assert fates(clinic, today) == {
        ("Ana", 1): SENT, ("Ana", 2): ("waiting", ""), ("Ana", 3): ("waiting", ""),
        ("Bea", 1): ("waiting", ""), ("Carla", 1): SENT,
        ("Dora", 1): ("suppressed", "paused"), ("Eva", 1): ("waiting", ""),
    }  # fmt: skip
    # What was planned before the outage, and yesterday's, show as missed; the days between do not.
    assert fates(clinic, yesterday) == {
        ("Ana", 1): LATE, ("Ana", 2): LATE, ("Ana", 3): LATE,
        ("Bea", 1): LATE, ("Dora", 1): LATE, ("Eva", 1): LATE,
    }  # fmt: skip
    for days in (0, 1, 2):
        told = fates(clinic, MIDNIGHT.date() + days * DAY)
        assert set(told.values()) == {LATE}
    for days in (3, 4, 5, 6):
        assert fates(clinic, MIDNIGHT.date() + days * DAY) == {}


def test_after_an_outage_a_day_goes_as_any_other(clinic):
    email = Recording()
    tick(MIDNIGHT + 8 * HOUR, email)
    back = MIDNIGHT + 9 * DAY  # a Wednesday, at midnight

    assert until(back, back + DAY, email) == {"ana": 3, "bea": 1}


def test_only_the_sender_was_away(clinic):
    """The planner ran on: what it planned and nobody sent is settled in one go."""
    email = Recording()
    for hours in range(8, 34):
        plan(now=MIDNIGHT + hours * HOUR)

    assert tick(MIDNIGHT + 33 * HOUR, email) == ["ana", "carla"]
    assert set(fates(clinic, MIDNIGHT.date()).values()) == {LATE}
