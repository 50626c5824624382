from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from core.bodies import LocalDate
from core.errors import Forbidden, Invalid, NotFound
from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.actions import assessments
from patients.actions.assessments import (
    AlreadyAssessed,
    TooManyAssessments,
)
from patients.models import Patient
from tests.factories import measured, people
from tests.factories.database import checked_at_once
from tests.factories.people import World
from tests.unit.patients.assessing import NOW, change_seq, day, found_in, record, stored

LATE = dt.datetime(2026, 11, 25, 23, 30, tzinfo=dt.UTC)


# ---- record -------------------------------------------------------------------------------------


def test_a_score_is_kept_with_how_it_was_done_and_by_whom(world: World) -> None:
    record(world, note="Two trials, the faster one.")

    (row,) = stored(world)
    assert {key: row[key] for key in ("slug", "variant", "aid", "side", "assessed_on")} == {
        "slug": "gait_speed",
        "variant": "comfortable",
        "aid": "stick",
        "side": "",
        "assessed_on": dt.date(2026, 11, 25),
    }
    assert (row["score"], row["code"], row["is_unable"]) == (Decimal("0.620"), "", False)
    assert row["note"] == "Two trials, the faster one."
    assert (row["recorded_by_id"], row["recorded_at"]) == (world.rui.user_id, NOW)
    assert (row["status"], row["measure_id"]) == ("current", measured.measure("gait_speed").pk)
    assert change_seq(world.ana) == 1
    with clinic_context(world.clinic.pk):
        (event,) = AuditEvent.objects.filter(action="assessment_recorded")
    assert (event.patient_id, event.target_id, event.details) == (world.ana.pk, row["id"], {})


@pytest.mark.parametrize("grade", ["0", "1", "1+", "2", "3", "4"])
def test_a_grade_of_ashworth_round_trips(world: World, grade: str) -> None:
    record(
        world, measure="modified_ashworth", score=grade, variant="knee_flexors", aid=None,
        side="left",
    )  # fmt: skip

    (row,) = stored(world)
    assert (row["code"], row["score"], row["side"]) == (grade, None, "left")


def test_unable_is_neither_nothing_nor_0(world: World) -> None:
    record(world, score=None, is_unable=True)
    record(world, measure="six_minute_walk", score=0, variant=None)

    unable, nothing_walked = stored(world)
    assert (unable["score"], unable["is_unable"]) == (None, True)
    assert (nothing_walked["score"], nothing_walked["is_unable"]) == (Decimal(0), False)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"score": 0}, ("score", "out_of_range")),
        ({"score": 5.001}, ("score", "out_of_range")),
        ({"score": 0.6251}, ("score", "too_precise")),
        ({"score": 10**400}, ("score", "out_of_range")),
        ({"score": None}, ("score", "score_or_unable")),
        ({"is_unable": True}, ("score", "score_or_unable")),
        ({"score": "1+"}, ("score", "wrong_type")),
        ({"variant": None}, ("variant", "missing")),
        ({"variant": "backwards"}, ("variant", "unknown_variant")),
        ({"aid": None}, ("aid", "missing")),
        ({"side": "left"}, ("side", "not_asked")),
        ({"measure": "berg_balance", "variant": None, "aid": None, "score": 57}, ("score", "out_of_range")),
        ({"measure": "grip_strength"}, ("measure", "unknown_measure")),
        # It has a range, but no figure whose source is named.
        ({"measure": "two_minute_walk", "variant": None, "score": 80}, ("measure", "unknown_measure")),
        ({"assessed_on": day(26)}, ("assessed_on", "in_the_future")),
        ({"assessed_on": day(16, 4, 1958)}, ("assessed_on", "before_birth")),
    ],
)  # fmt: skip
def test_what_does_not_hold_together_is_refused_by_field(
    world: World, fields: dict[str, Any], fault: tuple[str, str]
) -> None:
    with pytest.raises(Invalid) as refused:
        record(world, **fields)

    assert found_in(refused) == [fault]
    assert (stored(world), change_seq(world.ana)) == ([], 0)


def test_every_fault_is_named_at_once(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        record(world, assessed_on=day(26), score=9, aid=None)

    assert found_in(refused) == [
        ("assessed_on", "in_the_future"),
        ("aid", "missing"),
        ("score", "out_of_range"),
    ]


@pytest.mark.parametrize("on", [day(17, 4, 1958), day(25)])
def test_the_day_of_birth_and_today_are_allowed(world: World, on: LocalDate) -> None:
    record(world, assessed_on=on)

    assert [row["assessed_on"] for row in stored(world)] == [on]


def test_today_is_where_the_patient_is(world: World) -> None:
    """At 23:30 in Lisbon it is Thursday in Oslo and Wednesday still in Lisbon."""
    with pytest.raises(Invalid):
        record(world, assessed_on=day(26), now=LATE)
    with clinic_context(world.clinic.pk):
        Patient.objects.filter(pk=world.ana.pk).update(time_zone="Europe/Oslo")

    record(world, assessed_on=day(26), now=LATE)

    assert len(stored(world)) == 1


@pytest.mark.parametrize(
    ("fields", "is_refused"),
    [
        ({}, True),
        ({"score": 0.7}, True),
        ({"score": None, "is_unable": True}, True),
        ({"assessed_on": day(24)}, False),
        ({"variant": "maximum"}, False),
        ({"aid": "none"}, False),
        ({"measure": "six_minute_walk", "variant": None, "score": 200}, False),
    ],
)
def test_what_is_alike_has_one_score_a_day(
    world: World, fields: dict[str, Any], is_refused: bool
) -> None:
    record(world)

    if is_refused:
        with pytest.raises(AlreadyAssessed):
            record(world, **fields)
    else:
        record(world, **fields)

    assert len(stored(world)) == (1 if is_refused else 2)


def test_left_and_right_are_two_scores(world: World) -> None:
    for side in ("left", "right"):
        record(
            world, measure="modified_ashworth", score="1+", variant="knee_flexors", aid=None,
            side=side,
        )  # fmt: skip

    assert [row["side"] for row in stored(world)] == ["left", "right"]


def test_a_record_holds_no_more_than_so_many(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(assessments, "MOST_ASSESSMENTS", 2)
    record(world)
    record(world, assessed_on=day(24))

    with pytest.raises(TooManyAssessments):
        record(world, assessed_on=day(23))

    assert len(stored(world)) == 2


@pytest.mark.parametrize("who", ["marta", "admin", "far_therapist", "ana", "carer"])
def test_only_the_care_team_s_therapists_record(world: World, who: str) -> None:
    person = getattr(world, who)
    acting = {
        "ana": lambda: people.acting_for(world.ana),
        "carer": lambda: people.acting_for(world.ana, world.carer.user),
    }.get(who, lambda: people.acting(person))

    with pytest.raises((NotFound, Forbidden)) as refused:
        record(world, by=acting())

    assert refused.value.code in {"not_found", "forbidden"}
    assert stored(world) == []


# ---- the database's own rules -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"score": "100000"}, None),
        ({"score": "-0.001"}, "assessment_score_in_range"),
        ({"code": "1+"}, "assessment_is_a_score_a_code_or_unable"),
        ({"is_unable": True}, "assessment_is_a_score_a_code_or_unable"),
        ({"score": None, "is_unable": False}, "assessment_is_a_score_a_code_or_unable"),
        (
            {"score": None, "code": "1", "is_unable": True},
            "assessment_is_a_score_a_code_or_unable",
        ),
        ({"status": "gone"}, "assessment_status_is_known"),
        ({"side": "both"}, "assessment_side_is_known"),
        ({"aid": "wings"}, "assessment_aid_is_known"),
        ({"status": "withdrawn"}, "assessment_withdrawn_has_who_when_and_why"),
        (
            {"status": "withdrawn", "withdrawn_at": NOW, "withdrawn_reason": "Why."},
            "assessment_withdrawn_has_who_when_and_why",
        ),
        ({"withdrawn_at": NOW}, "assessment_withdrawn_has_who_when_and_why"),
    ],
)
def test_the_database_refuses_what_is_no_assessment(
    world: World, fields: dict[str, Any], constraint: str | None
) -> None:
    with pytest.raises(Exception, match=constraint or "overflow|digits"), transaction.atomic():
        measured.assessment(world.ana, **fields)

    assert stored(world) == []


def test_the_database_holds_one_score_alike_for_a_date_and_one_correction(world: World) -> None:
    first = measured.assessment(world.ana)

    with pytest.raises(IntegrityError, match="one_assessment_alike"), transaction.atomic():
        measured.assessment(world.ana)
    measured.assessment(world.ana, status="replaced", replaces=first)
    with pytest.raises(IntegrityError, match="one_correction_of"), checked_at_once():
        measured.assessment(world.ana, status="replaced", replaces=first)
