"""What a patient chooses about reminders: exact answers, what happens meanwhile, and who may."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from clinics.models import Clinic
from core.tenancy import clinic_context
from patients.models import Patient
from reminders.actions.plan import plan
from reminders.models import Delivery
from tests.api.caller import Caller
from tests.api.patients.stored import change_seq, events
from tests.api.reminders.choosing import (
    EVERY_DAY,
    NOTHING_YET,
    NOW,
    again,
    choice,
    chosen_by,
    refusals,
    stored,
)
from tests.factories import reminders
from tests.factories.people import World

TODAY = dt.date(2026, 11, 26)
DAY = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)
HERE = {
    "time_zone": "Europe/Lisbon",
    "clinic_quiet_from": "21:00",
    "clinic_quiet_until": "08:00",
    "channels_offered": ["email"],
    "push_public_key": None,
}


@pytest.fixture(autouse=True)
def _stopped_clock(stop_clock: Callable[[str], None]) -> None:
    stop_clock(NOW)


def test_before_anything_is_chosen_there_are_no_reminders(caller: Caller, world: World) -> None:
    for who in (world.ana, world.carer):
        response = caller.as_(who).get("me/reminders")

        assert response.status_code == 200
        assert response.json() == NOTHING_YET | HERE | {"counts_by_mail_at": None}
    assert stored(world.ana) == (None, [])
    assert [one.patient_id for one in events(world, "read_reminders")] == [world.ana.pk] * 2


def test_a_whole_choice_is_stored_and_shown(caller: Caller, world: World) -> None:
    asked = choice(
        "09:00",
        {"at": "18:30", "weekdays": [6, 7]},
        channels=["email"],
        quiet_from="20:00",
        quiet_until="08:30",
        is_paused=True,
        paused_until="2026-12-24",
        copies_carers=True,
        counts_by_mail=True,
        follows_phone=True,
        wants_summaries=False,
    )

    response = caller.as_(world.ana).put("me/reminders", asked)

    assert response.status_code == 200
    assert response.json() == asked | HERE | {
        "version": 1,
        "counts_by_mail_at": NOW,
        "times": [
            {"slot": 1, "at": "09:00", "weekdays": EVERY_DAY, "is_quiet": False},
            {"slot": 2, "at": "18:30", "weekdays": [6, 7], "is_quiet": False},
        ],
    }
    assert caller.as_(world.ana).get("me/reminders").json() == response.json()
    row, times = stored(world.ana)
    assert row is not None
    assert row["summaries_stopped_at"] == row["counts_by_mail_at"] == dt.datetime.fromisoformat(NOW)
    assert row["reminders_stopped_at"] is None
    assert [(one["slot"], one["weekdays"]) for one in times] == [(1, 127), (2, 96)]
    assert change_seq(world.ana) == 1
    [event] = events(world, "reminders_chosen")
    assert (event.patient_id, event.target_id, event.acting_as) == (
        world.ana.pk, row["id"], "patient",
    )  # fmt: skip
    assert event.details == {
        "fields": [
            "copies_carers", "counts_by_mail_at", "follows_phone", "is_paused", "paused_until",
            "quiet_from", "quiet_until", "summaries_stopped_at", "times",
        ]
    }  # fmt: skip


def test_the_same_again_changes_nothing(caller: Caller, world: World) -> None:
    shown = chosen_by(caller, world.ana, "09:00", counts_by_mail=True)
    before = stored(world.ana)

    response = caller.as_(world.ana).put("me/reminders", again(shown))

    assert (response.status_code, response.json()) == (200, shown)
    assert stored(world.ana) == before
    assert len(events(world, "reminders_chosen")) == change_seq(world.ana) == 1


def test_the_moment_of_a_consent_stays_until_it_is_taken_back(
    caller: Caller, world: World, stop_clock: Callable[[str], None]
) -> None:
    ana = caller.as_(world.ana)
    shown = chosen_by(caller, world.ana, counts_by_mail=True, wants_reminders=False)
    stop_clock("2026-11-27T10:00:00Z")
    other = ana.put("me/reminders", again(shown, copies_carers=True)).json()

    row, _times = stored(world.ana)
    assert row is not None
    assert other["counts_by_mail_at"] == NOW
    assert row["reminders_stopped_at"] == dt.datetime.fromisoformat(NOW)
    back = ana.put("me/reminders", again(other, counts_by_mail=False, wants_reminders=True)).json()
    assert (back["counts_by_mail_at"], back["wants_reminders"], back["version"]) == (None, True, 3)


def test_a_choice_made_from_an_older_version_is_refused(caller: Caller, world: World) -> None:
    ana = caller.as_(world.ana)
    chosen_by(caller, world.ana, "09:00")
    before = stored(world.ana)

    for version in (0, 2):
        response = ana.put("me/reminders", choice("10:00", version=version))

        assert (response.status_code, response.json()["code"]) == (409, "stale")
        assert response.json()["version"] == 1
        assert response.json()["errors"][0]["field"] == "version"
    assert stored(world.ana) == before


def test_a_time_keeps_its_number_when_it_is_moved(caller: Caller, world: World) -> None:
    shown = chosen_by(caller, world.ana, "09:00", "12:00", "18:00")
    moved = again(shown)
    moved["times"][0]["at"] = "10:00"
    del moved["times"][1]
    moved["times"].append({"at": "15:00", "weekdays": [1]})

    response = caller.as_(world.ana).put("me/reminders", moved)

    assert [(one["slot"], one["at"]) for one in response.json()["times"]] == [
        (1, "10:00"), (4, "15:00"), (3, "18:00"),
    ]  # fmt: skip


def test_a_new_time_today_still_comes_though_one_that_went_out_is_gone(
    caller: Caller, world: World
) -> None:
    """What went out at nine has its number until the day after tomorrow: eighteen o'clock gets another."""
    shown = chosen_by(caller, world.ana, "09:00")
    at_nine = dt.datetime.combine(TODAY, dt.time(9), tzinfo=dt.UTC)
    reminders.delivery(world.ana, at_nine, state="sent", settled_at=at_nine)
    ana = caller.as_(world.ana)
    none = ana.put("me/reminders", again(shown, times=[])).json()

    new = ana.put("me/reminders", again(none, times=[{"at": "18:00", "weekdays": EVERY_DAY}]))

    assert [(one["slot"], one["at"]) for one in new.json()["times"]] == [(2, "18:00")]
    plan(now=dt.datetime.fromisoformat(NOW))
    with clinic_context(world.clinic.pk):
        today = Delivery.objects.filter(local_date=TODAY, state="waiting")
        assert list(today.values_list("slot", "due_at")) == [(2, at_nine.replace(hour=18))]


@pytest.mark.parametrize(
    ("ago", "slot"),
    [(-MINUTE, 1), (dt.timedelta(0), 2), (2 * DAY, 2), (2 * DAY + MINUTE, 1)],
)
def test_for_how_long_a_number_is_remembered(
    caller: Caller, world: World, ago: dt.timedelta, slot: int
) -> None:
    """What waits for its time is planned anew, and has no say."""
    reminders.delivery(world.ana, dt.datetime.fromisoformat(NOW) - ago)
    reminders.delivery(
        world.ana, dt.datetime.fromisoformat(NOW) - DAY, kind="weekly_summary", slot=0
    )

    assert [one["slot"] for one in chosen_by(caller, world.ana, "18:00")["times"]] == [slot]


def test_six_times_and_no_seventh(caller: Caller, world: World) -> None:
    six = [f"{hour:02}:00" for hour in range(9, 15)]
    assert len(chosen_by(caller, world.ana, *six)["times"]) == 6
    before = stored(world.ana)

    response = caller.as_(world.ana).put("me/reminders", choice(*six, "15:00", version=1))

    assert refusals(response) == [("times", "too_many")]
    assert stored(world.ana) == before


# ---- what happens meanwhile ---------------------------------------------------------------------


def test_a_time_that_became_quiet_is_marked(caller: Caller, world: World) -> None:
    shown = chosen_by(caller, world.ana, "09:00", "20:00")
    Clinic.objects.filter(pk=world.clinic.pk).update(quiet_until="09:01")

    response = caller.as_(world.ana).get("me/reminders")

    assert [one["is_quiet"] for one in response.json()["times"]] == [True, False]
    assert response.json()["clinic_quiet_until"] == "09:01"
    kept = caller.as_(world.ana).put("me/reminders", again(shown, copies_carers=True))
    assert (kept.status_code, kept.json()["copies_carers"]) == (200, True)
    assert [one["is_quiet"] for one in kept.json()["times"]] == [True, False]


def test_a_pause_that_is_over_is_none(
    caller: Caller, world: World, stop_clock: Callable[[str], None]
) -> None:
    chosen_by(caller, world.ana, "09:00", is_paused=True, paused_until="2026-11-27")
    stop_clock("2026-11-27T23:59:00Z")
    last_day = caller.as_(world.ana).get("me/reminders").json()
    stop_clock("2026-11-28T00:00:00Z")
    after = caller.as_(world.ana).get("me/reminders").json()

    assert (last_day["is_paused"], last_day["paused_until"]) == (True, "2026-11-27")
    assert (after["is_paused"], after["paused_until"]) == (False, None)
    assert caller.as_(world.ana).put("me/reminders", again(after)).json()["version"] == 2


def test_after_discharge_nothing_is_chosen(caller: Caller, world: World) -> None:
    shown = chosen_by(caller, world.ana, "09:00", follows_phone=True)
    with clinic_context(world.clinic.pk):
        Patient.objects.filter(pk=world.ana.pk).update(status="discharged", discharged_on=TODAY)
    before = stored(world.ana)

    put = caller.as_(world.ana).put("me/reminders", again(shown, copies_carers=True))
    moved = caller.as_(world.ana).put("me/time-zone", {"time_zone": "Europe/Oslo"})

    assert [(one.status_code, one.json()["code"]) for one in (put, moved)] == [
        (409, "patient_discharged")
    ] * 2
    assert stored(world.ana) == before
    assert caller.as_(world.ana).get("me/reminders").status_code == 200


# ---- who ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("consent", ["copies_carers", "counts_by_mail", "follows_phone"])
def test_a_carer_chooses_for_the_patient_but_never_consents(
    caller: Caller, world: World, consent: str
) -> None:
    shown = chosen_by(caller, world.ana, "09:00")
    joao = caller.as_(world.carer)

    given = joao.put("me/reminders", again(shown, **{consent: True}))
    changed = joao.put("me/reminders", again(shown, is_paused=True, wants_summaries=False))

    assert (given.status_code, given.json()["code"]) == (403, "patient_decides")
    assert given.json()["errors"][0]["field"] == consent
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert [one.acting_as for one in events(world, "reminders_chosen")] == ["patient", "carer"]
    allowed = caller.as_(world.ana).put("me/reminders", again(changed.json(), **{consent: True}))
    taken_back = joao.put("me/reminders", again(allowed.json(), **{consent: False}))
    assert (allowed.status_code, taken_back.status_code) == (200, 403)
