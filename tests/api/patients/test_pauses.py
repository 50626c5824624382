from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.api.caller import Caller
from tests.api.patients.stored import change_seq, events, pauses_of
from tests.factories.people import World, pause

# Wednesday 25 November 2026, 10:00 in Lisbon.
NOW = "2026-11-25T10:00:00Z"


def d(day: int, month: int = 11) -> str:
    return dt.date(2026, month, day).isoformat()


@pytest.fixture(autouse=True)
def _stopped_clock(stop_clock: Callable[[str], None]) -> None:
    stop_clock(NOW)


def span(first: str, last: str | None) -> dict[str, str | None]:
    return {"first": first, "last": last}


# ---- create -------------------------------------------------------------------------------------


def test_a_therapist_pauses_a_patient(caller: Caller, world: World) -> None:
    body = {"starts_on": d(26), "ends_on": d(27), "reason": "hospital", "note": "cataract"}

    response = caller.as_(world.rui).post(f"patients/{world.ana.pk}/pauses", body)

    assert response.status_code == 201
    shown = response.json()
    assert shown == {
        "pause": {
            "id": shown["pause"]["id"],
            "starts_on": d(26),
            "ends_on": d(27),
            "reason": "hospital",
            "note": "cataract",
            "state": "coming",
            "made_by": "Rui Costa",
            "made_at": NOW,
            "ended_by": None,
            "ended_at": None,
        },
        "effect": {
            "newly_paused": [span(d(26), d(27))],
            "no_longer_paused": [],
            "past_weeks": [],
        },
    }
    assert change_seq(world.ana) == 1
    (event,) = events(world, "pause_created")
    assert (event.patient_id, event.target_id) == (
        world.ana.pk,
        uuid.UUID(shown["pause"]["id"]),
    )


def test_dates_that_another_pause_covers_are_not_new(caller: Caller, world: World) -> None:
    pause(world.ana, starts_on=d(26), ends_on=d(27))
    body = {"starts_on": d(25), "ends_on": None, "reason": "illness"}

    effect = caller.as_(world.rui).post(f"patients/{world.ana.pk}/pauses", body).json()["effect"]

    assert effect["newly_paused"] == [span(d(25), d(25)), span(d(28), None)]
    assert len(pauses_of(world.ana)) == 2


def test_the_past_is_changed_only_after_a_look(caller: Caller, world: World) -> None:
    body = {"starts_on": d(12), "ends_on": d(26), "reason": "hospital"}
    me = caller.as_(world.rui)

    asked = me.post(f"patients/{world.ana.pk}/pauses", body)
    made_before = pauses_of(world.ana)
    confirmed = me.post(f"patients/{world.ana.pk}/pauses", body | {"confirm": ["past_dates"]})

    assert (asked.status_code, asked.json()["code"]) == (409, "changes_past_dates")
    assert asked.json()["errors"][0]["field"] == "confirm"
    assert asked.json()["confirm"] == ["past_dates"]
    assert asked.json()["newly_paused"] == [span(d(12), d(26))]
    assert asked.json()["past_weeks"] == [span(d(9), d(29))]
    assert made_before == []
    assert confirmed.status_code == 201
    assert confirmed.json()["effect"]["past_weeks"] == [span(d(9), d(29))]
    assert confirmed.json()["pause"]["state"] == "running"
    assert change_seq(world.ana) == 1


def test_a_pause_from_today_needs_no_look_back(caller: Caller, world: World) -> None:
    body = {"starts_on": d(25), "reason": "illness"}

    response = caller.as_(world.rui).post(f"patients/{world.ana.pk}/pauses", body)

    assert response.status_code == 201
    assert response.json()["pause"]["state"] == "running"
    patient = caller.as_(world.rui).get(f"patients/{world.ana.pk}").json()
    assert patient["is_paused"] is True


@pytest.mark.parametrize(
    ("change", "status", "field", "code"),
    [
        ({"ends_on": d(25)}, 400, "ends_on", "before_start"),
        ({"reason": "boredom"}, 400, "reason", None),
        ({"starts_on": "2026-11-31"}, 400, "starts_on", "not_a_date"),
        ({"starts_on": "2026-11-26T00:00:00Z"}, 400, "starts_on", "not_a_date"),
        ({"starts_on": None}, 400, "starts_on", None),
        ({"note": "x" * 501}, 400, "note", "too_long"),
        ({"confirm": ["everything"]}, 400, "confirm.0", None),
        ({"patient": "x"}, 400, "patient", "unknown_field"),
        ({"reason": "safety_hold", "ends_on": d(27)}, 400, "ends_on", "safety_hold_is_open"),
    ],
)
def test_what_is_wrong_with_a_pause_is_named(
    caller: Caller, world: World, change: dict[str, Any], status: int, field: str, code: str | None
) -> None:
    body = {"starts_on": d(26), "ends_on": d(27), "reason": "hospital"} | change

    response = caller.as_(world.rui).post(f"patients/{world.ana.pk}/pauses", body)

    assert response.status_code == status
    (error,) = response.json()["errors"]
    assert error["field"] == field
    assert code is None or error["code"] == code
    assert pauses_of(world.ana) == []
    assert change_seq(world.ana) == 0


def test_one_safety_hold_is_open_at_a_time(caller: Caller, world: World) -> None:
    me = caller.as_(world.rui)
    body = {"starts_on": d(25), "reason": "safety_hold"}

    first = me.post(f"patients/{world.ana.pk}/pauses", body)
    second = me.post(f"patients/{world.ana.pk}/pauses", body)

    assert first.status_code == 201
    assert (second.status_code, second.json()["code"]) == (409, "safety_hold_already_open")
    assert len(pauses_of(world.ana)) == 1


# ---- change -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "newly", "no_longer"),
    [
        ({"ends_on": d(3, 12)}, [span(d(1, 12), d(3, 12))], []),
        ({"ends_on": d(27)}, [], [span(d(28), d(30))]),
        ({"ends_on": None}, [span(d(1, 12), None)], []),
        ({"note": "with her daughter"}, [], []),
        ({"reason": "illness"}, [], []),
    ],
)
def test_a_change_says_what_it_does(
    caller: Caller, world: World, change: dict[str, Any], newly: list[Any], no_longer: list[Any]
) -> None:
    running = pause(world.ana)

    response = caller.as_(world.rui).patch(f"patients/{world.ana.pk}/pauses/{running.pk}", change)

    assert response.status_code == 200
    shown = response.json()
    assert {name: shown["pause"][name] for name in change} == change
    assert shown["effect"] == {
        "newly_paused": newly,
        "no_longer_paused": no_longer,
        "past_weeks": [],
    }
    assert change_seq(world.ana) == 1
    (event,) = events(world, "pause_changed")
    assert event.details == {"fields": list(change)}


def test_a_change_of_past_dates_is_confirmed(caller: Caller, world: World) -> None:
    running = pause(world.ana)
    before = pauses_of(world.ana)
    me = caller.as_(world.rui)
    path = f"patients/{world.ana.pk}/pauses/{running.pk}"

    asked = me.patch(path, {"starts_on": d(23)})
    left_alone = pauses_of(world.ana)
    confirmed = me.patch(path, {"starts_on": d(23), "confirm": ["past_dates"]})

    assert (asked.status_code, asked.json()["code"]) == (409, "changes_past_dates")
    assert asked.json()["no_longer_paused"] == [span(d(20), d(22))]
    assert asked.json()["past_weeks"] == [span(d(16), d(22))]
    assert left_alone == before
    assert confirmed.status_code == 200
    assert pauses_of(world.ana)[0]["starts_on"] == dt.date(2026, 11, 23)


def test_a_change_that_changes_nothing_leaves_no_trace(caller: Caller, world: World) -> None:
    running = pause(world.ana)

    response = caller.as_(world.rui).patch(
        f"patients/{world.ana.pk}/pauses/{running.pk}", {"ends_on": d(30), "reason": "holiday"}
    )

    assert response.status_code == 200
    assert change_seq(world.ana) == 0


def test_a_pause_does_not_come_to_end_before_it_starts(caller: Caller, world: World) -> None:
    coming = pause(world.ana, starts_on=d(28))
    before = pauses_of(world.ana)

    response = caller.as_(world.rui).patch(
        f"patients/{world.ana.pk}/pauses/{coming.pk}", {"ends_on": d(27)}
    )

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "ends_on"
    assert pauses_of(world.ana) == before


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        ("safety_hold", {"starts_on": d(26)}),
        ("safety_hold", {"ends_on": d(28)}),
        ("safety_hold", {"reason": "illness"}),
        ("holiday", {"reason": "safety_hold"}),
    ],
)
def test_a_safety_hold_is_ended_not_changed(
    caller: Caller, world: World, reason: str, change: dict[str, Any]
) -> None:
    hold = pause(world.ana, reason=reason, ends_on=None)
    before = pauses_of(world.ana)

    response = caller.as_(world.rui).patch(f"patients/{world.ana.pk}/pauses/{hold.pk}", change)

    assert (response.status_code, response.json()["code"]) == (409, "safety_hold_only_ends")
    assert pauses_of(world.ana) == before


def test_a_safety_hold_may_get_a_note(caller: Caller, world: World) -> None:
    hold = pause(world.ana, reason="safety_hold", ends_on=None)

    response = caller.as_(world.rui).patch(
        f"patients/{world.ana.pk}/pauses/{hold.pk}", {"note": "called her: well"}
    )

    assert response.status_code == 200
    assert response.json()["pause"]["note"] == "called her: well"


def test_an_ended_pause_may_get_new_dates(caller: Caller, world: World) -> None:
    me = caller.as_(world.rui)
    running = pause(world.ana)
    path = f"patients/{world.ana.pk}/pauses/{running.pk}"
    me.post(f"{path}/end")

    response = me.patch(path, {"ends_on": d(28)})

    assert response.status_code == 200
    assert response.json()["pause"] | {"id": ""} == {
        "id": "",
        "starts_on": d(20),
        "ends_on": d(28),
        "reason": "holiday",
        "note": "",
        "state": "running",
        "made_by": None,
        "made_at": "2026-01-05T09:00:00Z",
        "ended_by": None,
        "ended_at": None,
    }
    assert response.json()["effect"]["newly_paused"] == [span(d(25), d(28))]


# ---- end ----------------------------------------------------------------------------------------


def test_ending_twice_is_as_once(caller: Caller, world: World) -> None:
    running = pause(world.ana)
    path = f"patients/{world.ana.pk}/pauses/{running.pk}/end"

    first = caller.as_(world.rui).post(path)
    second = caller.as_(world.rui).post(path)

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["pause"] == second.json()["pause"]
    assert first.json()["pause"]["ends_on"] == d(24)
    assert first.json()["pause"]["ended_by"] == "Rui Costa"
    assert first.json()["effect"]["no_longer_paused"] == [span(d(25), d(30))]
    assert second.json()["effect"]["no_longer_paused"] == []
    assert change_seq(world.ana) == 1


def test_one_that_began_today_is_kept_and_covers_no_date(caller: Caller, world: World) -> None:
    hold = pause(world.ana, starts_on=d(25), ends_on=None, reason="safety_hold")

    shown = caller.as_(world.rui).post(f"patients/{world.ana.pk}/pauses/{hold.pk}/end").json()

    assert (shown["pause"]["starts_on"], shown["pause"]["ends_on"]) == (d(25), d(24))
    assert shown["pause"]["state"] == "over"
    patient = caller.as_(world.rui).get(f"patients/{world.ana.pk}").json()
    assert patient["is_paused"] is False


def test_a_pause_that_is_over_is_not_ended_again(caller: Caller, world: World) -> None:
    over = pause(world.ana, ends_on=d(24))
    before = pauses_of(world.ana)

    response = caller.as_(world.rui).post(f"patients/{world.ana.pk}/pauses/{over.pk}/end")

    assert (response.status_code, response.json()["code"]) == (409, "pause_is_over")
    assert pauses_of(world.ana) == before


# ---- list ---------------------------------------------------------------------------------------


def test_pauses_are_listed_latest_first_in_pages(caller: Caller, world: World) -> None:
    for first in (1, 10, 20):
        pause(world.ana, starts_on=d(first), ends_on=d(first + 2))
    me = caller.as_(world.rui)

    page = me.get(f"patients/{world.ana.pk}/pauses", {"limit": 2}).json()
    rest = me.get(f"patients/{world.ana.pk}/pauses", {"limit": 2, "cursor": page["next"]}).json()

    assert [one["starts_on"] for one in page["results"]] == [d(20), d(10)]
    assert [one["starts_on"] for one in rest["results"]] == [d(1)]
    assert [one["state"] for one in page["results"]] == ["over", "over"]
    assert rest["next"] is None
