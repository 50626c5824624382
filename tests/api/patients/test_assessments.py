from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from core.tenancy import clinic_context
from patients.models import Assessment
from tests.api.caller import Caller
from tests.api.patients.stored import change_seq, events
from tests.factories import measured, people
from tests.factories.people import World

NOW = "2026-11-25T10:00:00Z"
WALK = {"variant": "comfortable", "aid": "stick"}
NEW = {"measure": "gait_speed", "assessed_on": "2026-11-25", "score": 0.62, **WALK}
RIGHT = {"assessed_on": "2026-11-25", "score": 0.62, **WALK}


def day(number: int, month: int = 11) -> dt.date:
    return dt.date(2026, month, number)


@pytest.fixture(autouse=True)
def _stopped_clock(stop_clock: Callable[[str], None]) -> None:
    stop_clock(NOW)


def of_ana(world: World) -> str:
    return f"patients/{world.ana.pk}/assessments"


def stored(world: World) -> list[dict[str, Any]]:
    with clinic_context(world.clinic.pk):
        return list(Assessment.objects.order_by("recorded_at", "pk").values())


def listed(caller: Caller, world: World, **query: Any) -> list[dict[str, Any]]:
    response = caller.as_(world.rui).get(of_ana(world), query)
    assert response.status_code == 200, response.content
    return response.json()["results"]


def test_a_score_is_recorded_and_shown_with_what_its_change_says(
    caller: Caller, world: World
) -> None:
    measured.assessment(world.ana, score="0.5", on=day(26, 10))

    response = caller.as_(world.rui).post(of_ana(world), NEW)

    assert response.status_code == 201
    shown = response.json()
    change = {
        "since": "2026-10-26",
        "score": 0.5,
        "difference": 0.12,
        "reading": "real_change",
        "words": "real change",
        "figure": {
            "kind": "mdc",
            "amount": 0.11,
            "group": "",
            "baseline": "gait_speed at least 0.4, at most 0.8",
            "source": "Hosoi 2023, Front Neurol 1219505",
            "seen_words": "seen in the source",
        },
        "matters": False,
        "mcid": {
            "kind": "mcid",
            "amount": 0.16,
            "group": "20 to 60 days after the stroke",
            "baseline": "",
            "source": "Tilson 2010, PMC2816032",
            "seen_words": "seen in the source",
        },
    }
    assert shown == {
        "id": shown["id"],
        "measure": "gait_speed",
        "name": "10-metre walk",
        "unit": "m/s",
        "assessed_on": "2026-11-25",
        "score": 0.62,
        "is_unable": False,
        **WALK,
        "side": None,
        "note": "",
        "status": "current",
        "replaces": None,
        "recorded_by": "Rui Costa",
        "recorded_at": NOW,
        "withdrawn_reason": "",
        "since_previous": change,
        "since_first": change,
    }
    assert change_seq(world.ana) == 1
    (event,) = events(world, "assessment_recorded")
    assert event.target_id == uuid.UUID(shown["id"])


@pytest.mark.parametrize("grade", ["0", "1", "1+", "2", "3", "4"])
def test_a_grade_of_ashworth_comes_back_as_it_was_sent(
    caller: Caller, world: World, grade: str
) -> None:
    body = {
        "measure": "modified_ashworth",
        "assessed_on": "2026-11-25",
        "score": grade,
        "variant": "plantar_flexors",
        "side": "left",
    }

    assert caller.as_(world.rui).post(of_ana(world), body).json()["score"] == grade
    assert [one["score"] for one in listed(caller, world)] == [grade]


def test_small_steps_add_up_against_the_first_score(caller: Caller, world: World) -> None:
    for number, score in ((1, "0.50"), (8, "0.56"), (15, "0.62")):
        measured.assessment(world.ana, score=score, on=day(number))

    last, middle, first = listed(caller, world)

    assert (last["since_previous"]["reading"], last["since_first"]["reading"]) == (
        "within_measurement_error",
        "real_change",
    )
    assert (middle["since_previous"], middle["since_first"]) == (
        middle["since_first"],
        middle["since_previous"],
    )
    assert (first["since_previous"], first["since_first"]) == (None, None)


def test_what_is_not_alike_and_unable_compare_with_nothing(caller: Caller, world: World) -> None:
    measured.assessment(world.ana, score="0.5", on=day(1))
    measured.assessment(world.ana, score="0.9", on=day(2), aid="none")
    measured.assessment(world.ana, score=None, on=day(3))
    measured.assessment(world.ana, score="0.4", on=day(4))

    shown = {one["assessed_on"][-2:]: one for one in listed(caller, world)}

    assert shown["02"]["since_previous"] is None
    assert (shown["03"]["is_unable"], shown["03"]["score"]) == (True, None)
    assert shown["03"]["since_previous"] is None
    assert shown["04"]["since_previous"] is None  # the one before was `unable`
    assert shown["04"]["since_first"]["since"] == "2026-11-01"
    assert shown["04"]["since_first"]["reading"] == "within_measurement_error"


def test_no_figure_is_said_to_be_none(caller: Caller, world: World) -> None:
    fast = {"variant": "maximum"}
    measured.assessment(world.ana, score="0.9", on=day(1), **fast)
    measured.assessment(world.ana, score="1.4", on=day(2), **fast)

    change = listed(caller, world)[0]["since_previous"]

    assert (change["reading"], change["words"]) == (None, "no published figure fits")
    assert (change["figure"], change["matters"], change["mcid"]) == (None, None, None)


def test_a_correction_leaves_the_list_and_is_there_when_asked(caller: Caller, world: World) -> None:
    me = caller.as_(world.rui)
    wrong = me.post(of_ana(world), NEW | {"score": 0.26}).json()["id"]

    response = me.put(f"{of_ana(world)}/{wrong}", RIGHT)

    assert (response.status_code, response.json()["replaces"]) == (200, wrong)
    assert [one["score"] for one in listed(caller, world)] == [0.62]
    assert [(one["score"], one["status"]) for one in listed(caller, world, earlier=True)] == [
        (0.62, "current"),
        (0.26, "replaced"),
    ]


def test_what_is_withdrawn_leaves_the_list_and_what_follows_from_it(
    caller: Caller, world: World
) -> None:
    me = caller.as_(world.rui)
    first = measured.assessment(world.ana, score="0.5", on=day(1))
    measured.assessment(world.ana, score="0.9", on=day(2))
    assert listed(caller, world)[0]["since_previous"] is not None

    response = me.post(f"{of_ana(world)}/{first.pk}/withdraw", {"reason": "Not hers."})

    assert (response.status_code, response.json()["status"]) == (200, "withdrawn")
    (left,) = listed(caller, world)
    assert (left["score"], left["since_previous"], left["since_first"]) == (0.9, None, None)


def test_the_list_is_by_measure_and_by_pages(caller: Caller, world: World) -> None:
    for number in range(1, 6):
        measured.assessment(world.ana, on=day(number))
        measured.assessment(world.ana, "berg_balance", "40", on=day(number))
    me = caller.as_(world.rui)
    query = {"measure": "gait_speed", "limit": 3}

    first = me.get(of_ana(world), query).json()
    second = me.get(of_ana(world), query | {"cursor": first["next"]}).json()
    elsewhere = me.get(of_ana(world), {"limit": 3, "cursor": first["next"]})

    days = [one["assessed_on"] for page in (first, second) for one in page["results"]]
    assert days == [day(number).isoformat() for number in range(5, 0, -1)]
    assert second["next"] is None
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (400, "bad_cursor")


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        (NEW | {"score": 5.5}, "score", "out_of_range"),
        (NEW | {"score": True}, "score", "wrong_type"),
        (NEW | {"assessed_on": "2026-11-26"}, "assessed_on", "in_the_future"),
        (NEW | {"aid": "wings"}, "aid", "not_a_choice"),
        (NEW | {"measure": "grip_strength"}, "measure", "unknown_measure"),
        (NEW | {"surprise": 1}, "surprise", "unknown_field"),
    ],
)
def test_a_refusal_names_the_field_and_stores_nothing(
    caller: Caller, world: World, body: dict[str, Any], field: str, code: str
) -> None:
    response = caller.as_(world.rui).post(of_ana(world), body)

    assert response.status_code == 400
    assert [(one["field"], one["code"]) for one in response.json()["errors"]] == [(field, code)]
    assert (stored(world), change_seq(world.ana)) == ([], 0)


def test_a_refusal_says_the_range(caller: Caller, world: World) -> None:
    response = caller.as_(world.rui).post(of_ana(world), NEW | {"score": 5.5})

    assert response.json()["errors"][0]["detail"] == "10-metre walk: above 0, up to 5 m/s."


WITHDRAW = {"reason": "Not hers."}
PERMISSIONS = [
    # who, method, path, body, status
    (None, "get", "patients/{ana}/assessments", None, 401),
    ("ana", "get", "patients/{ana}/assessments", None, 403),
    ("carer", "post", "patients/{ana}/assessments", NEW, 403),
    ("admin", "get", "patients/{ana}/assessments", None, 403),
    ("admin", "post", "patients/{ana}/assessments", NEW, 403),
    ("admin", "put", "patients/{ana}/assessments/{score}", RIGHT, 403),
    ("marta", "get", "patients/{ana}/assessments", None, 404),
    ("marta", "post", "patients/{ana}/assessments", NEW, 404),
    ("marta", "put", "patients/{ana}/assessments/{score}", RIGHT, 404),
    ("marta", "post", "patients/{ana}/assessments/{score}/withdraw", WITHDRAW, 404),
    ("far_therapist", "get", "patients/{ana}/assessments", None, 404),
    ("far_therapist", "put", "patients/{far_patient}/assessments/{score}", RIGHT, 404),
    ("far_therapist", "post", "patients/{far_patient}/assessments/{score}/withdraw", WITHDRAW, 404),
    ("rui", "put", "patients/{ana}/assessments/{unknown}", RIGHT, 404),
    ("rui", "post", "patients/{ana}/assessments/{unknown}/withdraw", WITHDRAW, 404),
    ("rui", "post", "patients/{far_patient}/assessments", NEW, 404),
]


@pytest.mark.parametrize(("who", "method", "path", "body", "status"), PERMISSIONS)
def test_who_may_do_what_with_scores(
    caller: Caller, world: World, who: str | None, method: str, path: str, body: Any, status: int
) -> None:
    score = measured.assessment(world.ana)
    before = stored(world), change_seq(world.ana)
    me = caller.as_(getattr(world, who)) if who else caller
    address = path.format(
        ana=world.ana.pk, far_patient=world.far_patient.pk, score=score.pk, unknown=uuid.uuid4()
    )

    response = me.call(method, address, body)

    assert response.status_code == status
    assert (stored(world), change_seq(world.ana)) == before


def test_another_patient_s_score_is_unknown_here(caller: Caller, world: World) -> None:
    bruno = people.patient(world.clinic, "Bruno Lopes", care_team=[world.rui])
    score = measured.assessment(world.ana)

    response = caller.as_(world.rui).put(f"patients/{bruno.pk}/assessments/{score.pk}", RIGHT)

    assert response.status_code == 404
    assert [row["status"] for row in stored(world)] == ["current"]
