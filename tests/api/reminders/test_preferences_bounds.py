"""The bounds of what a patient chooses about reminders: what is refused, by which name, and what may stay."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from clinics.models import Clinic
from tests.api.caller import Caller
from tests.api.reminders.choosing import (
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


@pytest.fixture(autouse=True)
def _stopped_clock(stop_clock: Callable[[str], None]) -> None:
    stop_clock(NOW)


def test_the_bounds_of_what_is_chosen(caller: Caller, world: World) -> None:
    on_monday, on_tuesday = {"weekdays": [1]}, {"weekdays": [2]}
    cases: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
        (choice("08:00"), []),
        (choice("07:59"), [("times.0.at", "in_quiet_hours")]),
        (choice("20:59"), []),
        (choice("21:00"), [("times.0.at", "in_quiet_hours")]),
        (choice("03:00", "23:00"), [("times.0.at", "in_quiet_hours"), ("times.1.at", "in_quiet_hours")]),
        (choice("09:00", quiet_from="20:00", quiet_until="09:00"), []),
        (choice("09:00", quiet_from="20:00", quiet_until="09:01"), [("times.0.at", "in_quiet_hours")]),
        (choice("09:00", "09:30"), []),
        (choice("09:00", "09:29"), [("times.1.at", "too_close")]),
        (choice("09:00", "09:00"), [("times.1.at", "repeated")]),
        (choice({"at": "09:00"} | on_monday, {"at": "09:10"} | on_tuesday), []),
        (choice({"at": "09:00"} | on_monday, {"at": "09:00"} | on_tuesday), [("times.1.at", "repeated")]),
        (choice({"at": "09:00", "weekdays": [1, 1]}), [("times.0.weekdays", "repeated")]),
        (choice({"at": "09:00", "weekdays": []}), [("times.0.weekdays", "too_few")]),
        (choice({"at": "09:00", "weekdays": [8]}), [("times.0.weekdays.0", "out_of_range")]),
        (choice({"at": "9:00", "weekdays": [1]}), [("times.0.at", "malformed")]),
        (choice({"at": "09:00", "weekdays": [1], "slot": 7}), [("times.0.slot", "out_of_range")]),
        (
            choice(*({"at": at, "weekdays": [1], "slot": 2} for at in ("09:00", "10:00"))),
            [("times.1.slot", "repeated")],
        ),
        (choice(channels=[]), []),
        (choice("09:00", channels=[]), [("channels", "too_few")]),
        (choice(channels=["email", "email"]), [("channels.1", "repeated")]),
        (choice(channels=["email", "sms"]), [("channels.1", "channel_not_offered")]),
        (choice(channels=["pigeon"]), [("channels.0", "not_a_choice")]),
        (choice(quiet_from="20:00"), [("quiet_until", "missing")]),
        (choice(quiet_until="09:00"), [("quiet_from", "missing")]),
        (choice(quiet_from="21:00", quiet_until="08:00"), []),
        (choice(quiet_from="21:01", quiet_until="08:00"), [("quiet_from", "narrower_than_clinic")]),
        (choice(quiet_from="21:00", quiet_until="07:59"), [("quiet_until", "narrower_than_clinic")]),
        (choice(quiet_from="22:00", quiet_until="09:00"), [("quiet_from", "narrower_than_clinic")]),
        (choice(quiet_from="21:00", quiet_until="21:00"), [("quiet_until", "same_time")]),
        (choice(is_paused=True), []),
        (choice(is_paused=True, paused_until=str(TODAY)), []),
        (choice(is_paused=True, paused_until=str(TODAY - DAY)), [("paused_until", "too_long_ago")]),
        (choice(is_paused=True, paused_until=str(TODAY + 366 * DAY)), []),
        (choice(is_paused=True, paused_until=str(TODAY + 367 * DAY)), [("paused_until", "too_far_ahead")]),
        (choice(paused_until=str(TODAY)), [("paused_until", "not_paused")]),
        (choice(planned_through="2026-11-26"), [("planned_through", "unknown_field")]),
    ]  # fmt: skip
    ana, version = caller.as_(world.ana), 0

    for asked, expected in cases:
        before = stored(world.ana)
        response = ana.put("me/reminders", asked | {"version": version})

        assert expected == (refusals(response) if expected else []), asked
        if expected:
            assert stored(world.ana) == before
        else:
            assert response.status_code == 200, response.content
            version = response.json()["version"]


def test_who_wants_to_stop_is_not_refused_for_what_the_clinic_changed(
    caller: Caller, world: World, stop_clock: Callable[[str], None]
) -> None:
    """Its quiet hours are wider than hers now, her time lies in them, and her pause is over."""
    shown = chosen_by(
        caller, world.ana, "08:30", "20:30", "12:00", quiet_from="21:00", quiet_until="08:00",
        is_paused=True, paused_until=str(TODAY),
    )  # fmt: skip
    Clinic.objects.filter(pk=world.clinic.pk).update(quiet_from="20:00", quiet_until="09:00")
    stop_clock("2026-11-27T10:00:00Z")
    ana = caller.as_(world.ana)

    for change in (
        {"wants_reminders": False},
        {"wants_summaries": False},
        {"is_paused": True, "paused_until": None},
        {"is_paused": True, "paused_until": "2026-11-30"},
        {"is_paused": False, "paused_until": None},
        {"channels": [], "times": []},
    ):
        response = ana.put("me/reminders", again(shown, **change))

        assert response.status_code == 200, (change, response.json())
        assert {name: response.json()[name] for name in change} == change
        shown = response.json()
    back = again(shown, channels=["email"], times=[{"at": "08:30", "weekdays": [1]}])
    assert refusals(ana.put("me/reminders", back)) == [("times.0.at", "in_quiet_hours")]


def test_a_clinic_without_quiet_hours_refuses_no_time_and_still_keeps_the_night_apart(
    caller: Caller, world: World
) -> None:
    Clinic.objects.filter(pk=world.clinic.pk).update(quiet_from="08:00", quiet_until="08:00")
    late, early = {"at": "23:50", "weekdays": [7]}, {"at": "00:10", "weekdays": [1]}

    near = caller.as_(world.ana).put("me/reminders", choice(late, early))
    far = caller.as_(world.ana).put("me/reminders", choice(late, early | {"weekdays": [7]}))

    assert refusals(near) == [("times.1.at", "too_close")]
    assert far.status_code == 200
    own = caller.as_(world.ana).put(
        "me/reminders", again(far.json(), quiet_from="23:00", quiet_until="00:10")
    )
    assert refusals(own) == [("times.1.at", "in_quiet_hours")]


def test_all_that_is_wrong_is_named_at_once(caller: Caller, world: World) -> None:
    asked = choice("07:00", "09:00", "09:05", channels=["sms"], paused_until="2026-12-01")

    response = caller.as_(world.ana).put("me/reminders", asked)

    assert refusals(response) == [
        ("times.0.at", "in_quiet_hours"),
        ("times.2.at", "too_close"),
        ("channels.0", "channel_not_offered"),
        ("paused_until", "not_paused"),
    ]
    assert stored(world.ana) == (None, [])


def test_a_channel_that_stands_may_stay_though_it_is_offered_no_longer(
    caller: Caller, world: World
) -> None:
    reminders.preferences(world.ana, "09:00", channels=["sms", "email"])
    shown = caller.as_(world.ana).get("me/reminders").json()

    response = caller.as_(world.ana).put("me/reminders", again(shown, is_paused=True))

    assert (response.status_code, response.json()["channels"]) == (200, ["sms", "email"])
