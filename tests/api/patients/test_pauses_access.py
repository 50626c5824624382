from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.api.caller import Caller
from tests.api.patients.stored import change_seq, pauses_of
from tests.factories import people
from tests.factories.people import World, pause

NEW = {"starts_on": "2026-11-26", "reason": "illness"}
PERMISSIONS = [
    # who, method, path, body, status
    (None, "get", "patients/{ana}/pauses", None, 401),
    (None, "post", "patients/{ana}/pauses", NEW, 401),
    ("ana", "get", "patients/{ana}/pauses", None, 403),
    ("ana", "post", "patients/{ana}/pauses", NEW, 403),
    ("carer", "post", "patients/{ana}/pauses/{pause}/end", None, 403),
    ("admin", "get", "patients/{ana}/pauses", None, 403),
    ("admin", "post", "patients/{ana}/pauses", NEW, 403),
    ("admin", "patch", "patients/{ana}/pauses/{pause}", {"note": "x"}, 403),
    ("admin", "post", "patients/{ana}/pauses/{pause}/end", None, 403),
    ("marta", "get", "patients/{ana}/pauses", None, 404),
    ("marta", "post", "patients/{ana}/pauses", NEW, 404),
    ("marta", "patch", "patients/{ana}/pauses/{pause}", {"note": "x"}, 404),
    ("marta", "post", "patients/{ana}/pauses/{pause}/end", None, 404),
    ("far_therapist", "get", "patients/{ana}/pauses", None, 404),
    ("far_therapist", "post", "patients/{ana}/pauses", NEW, 404),
    ("far_therapist", "patch", "patients/{ana}/pauses/{pause}", {"note": "x"}, 404),
    ("far_therapist", "patch", "patients/{far_patient}/pauses/{pause}", {"note": "x"}, 404),
    ("far_therapist", "post", "patients/{far_patient}/pauses/{pause}/end", None, 404),
    ("rui", "patch", "patients/{ana}/pauses/{unknown}", {"note": "x"}, 404),
    ("rui", "post", "patients/{ana}/pauses/{unknown}/end", None, 404),
    ("rui", "post", "patients/{far_patient}/pauses", NEW, 404),
]


@pytest.mark.parametrize(("who", "method", "path", "body", "status"), PERMISSIONS)
def test_who_may_do_what_with_pauses(
    caller: Caller, world: World, who: str | None, method: str, path: str, body: Any, status: int
) -> None:
    running = pause(world.ana)
    before = pauses_of(world.ana), pauses_of(world.far_patient), change_seq(world.ana)
    me = caller.as_(getattr(world, who)) if who else caller
    address = path.format(
        ana=world.ana.pk,
        far_patient=world.far_patient.pk,
        pause=running.pk,
        unknown=uuid.uuid4(),
    )

    response = me.call(method, address, body)

    assert response.status_code == status
    assert (
        pauses_of(world.ana),
        pauses_of(world.far_patient),
        change_seq(world.ana),
    ) == before


def test_another_patients_pause_is_unknown_here(caller: Caller, world: World) -> None:
    bruno = people.patient(world.clinic, "Bruno Lopes", care_team=[world.rui])
    of_ana = pause(world.ana)

    response = caller.as_(world.rui).post(f"patients/{bruno.pk}/pauses/{of_ana.pk}/end")

    assert response.status_code == 404
    assert pauses_of(world.ana)[0]["ended_at"] is None
