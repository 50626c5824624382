"""The record's zone follows the phone where the patient allows it, and stays where it is otherwise."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.api.caller import Caller
from tests.api.patients.stored import change_seq, events
from tests.api.reminders.choosing import NOW, chosen_by
from tests.factories.people import World


@pytest.fixture(autouse=True)
def _stopped_clock(stop_clock: Callable[[str], None]) -> None:
    stop_clock(NOW)


def test_the_zone_follows_the_phone_where_the_patient_allows_it(
    caller: Caller, world: World
) -> None:
    chosen_by(caller, world.ana, "09:00", follows_phone=True)
    ana = caller.as_(world.ana)

    for _again in range(2):
        response = ana.put("me/time-zone", {"time_zone": "Atlantic/Azores"})
        assert (response.status_code, response.json()) == (200, {"time_zone": "Atlantic/Azores"})

    assert ana.get("me/reminders").json()["time_zone"] == "Atlantic/Azores"
    [event] = events(world, "time_zone_followed")
    assert (event.patient_id, event.details) == (world.ana.pk, {"fields": ["time_zone"]})
    assert change_seq(world.ana) == 2


@pytest.mark.parametrize(
    ("allows", "who", "zone", "status", "code"),
    [
        (None, "ana", "Europe/Oslo", 409, "zone_not_followed"),
        (False, "ana", "Europe/Oslo", 409, "zone_not_followed"),
        (True, "carer", "Europe/Oslo", 403, "patient_decides"),
        (True, "ana", "Europe/Atlantis", 400, "unknown_zone"),
        (True, "ana", "Etc/GMT+3", 400, "unknown_zone"),
        (True, "ana", "CET", 400, "unknown_zone"),
        (True, "ana", "../../etc/passwd", 400, "unknown_zone"),
        (True, "ana", "E" * 65, 400, "too_long"),
    ],
)
def test_and_stays_where_it_is_otherwise(caller, world, allows, who, zone, status, code) -> None:
    if allows is not None:
        chosen_by(caller, world.ana, follows_phone=allows)

    response = caller.as_(getattr(world, who)).put("me/time-zone", {"time_zone": zone})

    assert response.status_code == status
    said = response.json()
    assert code == (said["errors"][0]["code"] if status == 400 else said["code"])
    assert caller.as_(world.ana).get("me/reminders").json()["time_zone"] == "Europe/Lisbon"
    assert events(world, "time_zone_followed") == []
