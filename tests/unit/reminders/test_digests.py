"""A therapist's digest: who needs them first and why, done of due, the trend, and whether it is mailed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import pytest

from core.tenancy import clinic_context
from patients.models import CareTeamMembership
from reminders.actions.weeks import make_weeks
from reminders.digest_words import done_of_due, headline, reasons_of, rest_words, trend
from reminders.week_words import WeekFacts
from sessions.models import Alert
from sessions.needs import NEEDS
from tests.factories import people, prescribed
from tests.factories import reminders as factory
from tests.unit.reminders.weeks import DAY, DUE, MONDAY, WEEK, days, deliveries, digests, do

FIVE = 0b0011111


# ---- Words, without a database -------------------------------------------------------------------

REASONS: list[tuple[Collection[str], Collection[str], list[str]]] = [
    ((), (), []),
    (("emergency",), {"chest_pain"}, ["safety"]),
    (("high",), {"no_contact"}, ["slipping"]),
    (("high",), {"no_contact", "near_fall"}, ["safety", "slipping"]),
    (("medium",), {"low_adherence"}, ["slipping"]),
    (("medium",), {"effort"}, ["safety"]),
    (("medium", "suggestion"), {"effort", "too_easy"}, ["safety", "ready"]),
    (("held_waiting",), (), ["waiting"]),
    (("pause_request", "draft"), (), ["waiting"]),
    (("safety_hold",), (), ["safety"]),
    (("off_track", "no_contact"), (), ["slipping"]),
    (("slipping",), (), ["slipping"]),
    (("never_started",), (), ["slipping"]),
    (("nothing_prescribed",), (), ["waiting"]),
    (("suggestion",), {"too_easy"}, ["ready"]),
    (("suggestion",), {"too_hard"}, ["waiting"]),
    (("suggestion",), {"too_easy", "unsure"}, ["ready", "waiting"]),
    (("critical", "held_waiting", "off_track"), {"fall"}, ["safety", "waiting", "slipping"]),
]


@pytest.mark.parametrize(("needs", "rules", "reasons"), REASONS)
def test_why_a_patient_needs_somebody(needs, rules, reasons):
    assert reasons_of(needs, rules) == reasons


@pytest.mark.parametrize("need", NEEDS)
def test_no_need_is_without_a_reason(need):
    rules = {"fall"} if need in {"emergency", "critical", "high", "medium"} else {"too_hard"}

    assert len(reasons_of([need], rules)) == 1


DONE_3 = WeekFacts(asked=FIVE, missed=0b0011000, some_done=0b0000111)
DONE_5 = WeekFacts(asked=FIVE, some_done=FIVE)
PART_3 = WeekFacts(asked=FIVE, missed=FIVE, some_done=0b0000111)
TWICE = WeekFacts(times_expected=3, times_done=2, quota_days=0b0000011)


@pytest.mark.parametrize(
    ("week", "expected"),
    [
        (WeekFacts(), ("days", 0, 0)),
        (DONE_3, ("days", 3, 5)),
        (PART_3, ("days", 0, 5)),
        (TWICE, ("times", 2, 3)),
        (WeekFacts(asked=1, times_expected=3, times_done=2), ("days", 1, 1)),
    ],
)
def test_done_of_due(week, expected):
    assert done_of_due(week) == expected


@pytest.mark.parametrize(
    ("week", "before", "expected"),
    [
        (DONE_5, DONE_3, "up"), (DONE_3, DONE_5, "down"), (DONE_3, PART_3, "same"),
        (TWICE, DONE_3, "down"), (WeekFacts(), DONE_3, None), (DONE_3, WeekFacts(), None),
        (DONE_3, WeekFacts(paused=127), None),
    ],
)  # fmt: skip
def test_the_trend_compares_days_of_weeks_that_had_something_to_do(week, before, expected):
    assert trend(week, before) == expected


def test_headlines():
    assert headline(3, 23) == "3 of 23 patients may need you"
    assert headline(1, 1) == "1 of 1 patients may need you"
    assert rest_words(17, 3) == "17 on track. 3 paused."


# ---- Made ----------------------------------------------------------------------------------------


def patient(world: people.World, name: str, number: str, *done: int, before: tuple[int, ...] = ()):
    """Five days a week since the week before; done on these days of it, and of the one before."""
    made = people.patient(world.clinic, name, care_team=[world.rui], medical_record_number=number)
    line = prescribed.line(made, from_=MONDAY - WEEK, schedule="weekdays", weekdays=FIVE)
    do(line, *days(*before, week=MONDAY - WEEK), *days(*done))
    return made


def alert(patient, rule: str, severity: str) -> None:
    with clinic_context(patient.clinic_id):
        Alert.objects.create(
            clinic_id=patient.clinic_id, patient=patient, rule=rule, severity=severity,
            raised_at=DUE - DAY, opened_at=DUE - DAY, last_occurred_at=DUE - DAY,
        )  # fmt: skip


def rows(digest) -> list[tuple]:
    return [
        (one["reference"], one["reasons"], one["done"], one["due"], one["trend"])
        for one in digest.contents["cases"]
    ]


def test_the_whole_caseload_in_the_order_of_need(world):
    with clinic_context(world.clinic.pk):
        CareTeamMembership.objects.filter(patient=world.ana).delete()
    every = (1, 2, 3, 4, 5)
    patient(world, "Abel Reis", "1", *every, before=every)
    patient(world, "Bela Reis", "2", *every, before=(1, 2, 3, 4))
    slipping = patient(world, "Caio Reis", "3", 1, before=(1, 2))
    unsafe = patient(world, "Dora Reis", "4", *every, before=every)
    ready = patient(world, "Elsa Reis", "5", *every, before=every)
    paused = patient(world, "Fabio Reis", "6")
    people.pause(paused, starts_on=MONDAY - WEEK, ends_on=MONDAY + 2 * WEEK)
    alert(unsafe, "fall", "critical")
    alert(ready, "too_easy", "suggestion")

    make_weeks(now=DUE)

    [digest] = digests(world.rui)
    assert (digest.week, digest.made_at) == (MONDAY, DUE)
    assert rows(digest) == [
        ("4", ["safety"], 5, 5, "same"),
        ("3", ["slipping"], 1, 5, "down"),
        ("5", ["ready"], 5, 5, "same"),
        ("1", [], 5, 5, "same"),
        ("2", [], 5, 5, "up"),
        ("6", [], 0, 0, None),
    ]
    counts = {
        name: digest.contents[name] for name in ("patients", "attention", "on_track", "paused")
    }
    assert counts == {"patients": 6, "attention": 3, "on_track": 2, "paused": 1}
    assert str(slipping.pk) == digest.contents["cases"][1]["patient"]
    assert "Reis" not in str(digest.contents)


def test_it_is_mailed_where_somebody_needs_them(world):
    make_weeks(now=DUE)

    [mail] = deliveries(world.clinic, "digest")  # Ana has nothing prescribed; Marta has no patients
    assert (mail.patient_id, mail.recipient_id) == (None, world.rui.user_id)
    assert (mail.channel, mail.slot, mail.local_date) == ("email", 0, MONDAY)
    assert (mail.due_at, mail.next_at, mail.expires_at) == (DUE, DUE, DUE + dt.timedelta(hours=36))
    assert mail.time_zone == "Europe/Lisbon"
    assert [each.contents["patients"] for each in digests(world.marta)] == [0]


def test_nothing_to_say_is_stored_and_mailed_only_to_who_asked_for_it(world):
    factory.digest_preferences(world.marta, is_always=True)
    every = (1, 2, 3, 4, 5)
    with clinic_context(world.clinic.pk):
        CareTeamMembership.objects.filter(patient=world.ana).delete()
    patient(world, "Abel Reis", "1", *every, before=every)

    make_weeks(now=DUE)

    assert [each.contents["attention"] for each in digests(world.rui)] == [0]
    assert [each.recipient_id for each in deliveries(world.clinic, "digest")] == [
        world.marta.user_id
    ]


def test_whoever_stopped_them_gets_none_even_where_they_asked_for_it_always(world):
    factory.digest_preferences(world.rui, is_always=True, stopped_at=DUE - DAY)

    make_weeks(now=DUE)

    assert len(digests(world.rui)) == 1
    assert deliveries(world.clinic, "digest") == []


def test_none_for_who_does_not_work_here_any_longer_or_manages_alone(world):
    with clinic_context(world.clinic.pk):
        world.rui.deactivated_at = DUE - DAY
        world.rui.save()
    world.marta.user.is_active = False
    world.marta.user.save()

    make_weeks(now=DUE)

    assert digests(world.rui) == digests(world.marta) == digests(world.admin) == []


def test_therapists_are_told_at_the_clinics_clock_patients_at_their_own(world):
    with clinic_context(world.clinic.pk):
        world.ana.time_zone = "Pacific/Honolulu"
        world.ana.save()

    make_weeks(now=DUE)
    assert (len(digests(world.rui)), len(deliveries(world.clinic))) == (1, 0)

    make_weeks(now=DUE + dt.timedelta(hours=10))
    [mail] = deliveries(world.clinic)
    assert (mail.local_date, mail.due_at) == (MONDAY, DUE + dt.timedelta(hours=10))
