"""Scores corrected and withdrawn: the earlier ones are kept."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from core.errors import Invalid, NotFound
from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.actions.assessments import (
    AlreadyAssessed,
    AssessmentNotCurrent,
    correct_assessment,
    withdraw_assessment,
)
from patients.bodies.assessments import Rescore
from patients.models import Assessment
from tests.factories import measured, people
from tests.factories.people import World
from tests.unit.patients.assessing import NOW, WALK, change_seq, day, found_in, record, rui, stored


def correct(world: World, earlier: Assessment, **fields: Any) -> Assessment:
    asked = Rescore(**{"assessed_on": day(25), "score": 0.62, **WALK} | fields)
    with transaction.atomic(), clinic_context(world.clinic.pk):
        return correct_assessment(
            patient_id=world.ana.pk, assessment_id=earlier.pk, asked=asked, by=rui(world), now=NOW
        )


def withdraw(world: World, earlier: Assessment, reason: str = "Not hers.") -> Assessment:
    with transaction.atomic(), clinic_context(world.clinic.pk):
        return withdraw_assessment(
            patient_id=world.ana.pk,
            assessment_id=earlier.pk,
            reason=reason,
            by=rui(world),
            now=NOW,
        )


# ---- correct ------------------------------------------------------------------------------------


def test_a_correction_replaces_and_keeps_the_earlier_score(world: World) -> None:
    wrong = record(world, score=0.26)

    right = correct(world, wrong)

    rows = {row["id"]: row for row in stored(world)}
    assert (rows[wrong.pk]["status"], rows[wrong.pk]["score"]) == ("replaced", Decimal("0.260"))
    assert (rows[right.pk]["status"], rows[right.pk]["score"]) == ("current", Decimal("0.620"))
    assert rows[right.pk]["replaces_id"] == wrong.pk
    assert change_seq(world.ana) == 2
    with clinic_context(world.clinic.pk):
        assert AuditEvent.objects.filter(action="assessment_corrected").count() == 1


def test_a_correction_may_move_the_date_and_say_unable(world: World) -> None:
    right = correct(world, record(world), assessed_on=day(20), score=None, is_unable=True)

    assert (right.assessed_on, right.score, right.is_unable) == (day(20), None, True)


def test_the_same_correction_again_is_answered_as_the_first_time(world: World) -> None:
    wrong = record(world, score=0.26)
    right = correct(world, wrong)
    before = stored(world), change_seq(world.ana)

    assert correct(world, wrong).pk == right.pk
    assert (stored(world), change_seq(world.ana)) == before


def test_another_correction_of_the_same_score_is_refused(world: World) -> None:
    wrong = record(world, score=0.26)
    correct(world, wrong)
    before = stored(world)

    with pytest.raises(AssessmentNotCurrent):
        correct(world, wrong, score=0.72)

    assert stored(world) == before


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"score": 5.1}, ("score", "out_of_range")),
        ({"assessed_on": day(26)}, ("assessed_on", "in_the_future")),
        ({"aid": None}, ("aid", "missing")),
    ],
)
def test_a_correction_is_held_to_the_same_rules(
    world: World, fields: dict[str, Any], fault: tuple[str, str]
) -> None:
    wrong = record(world)
    before = stored(world)

    with pytest.raises(Invalid) as refused:
        correct(world, wrong, **fields)

    assert found_in(refused) == [fault]
    assert stored(world) == before


def test_a_correction_does_not_take_another_score_s_place(world: World) -> None:
    record(world, assessed_on=day(24))
    wrong = record(world)
    before = stored(world)

    with pytest.raises(AlreadyAssessed):
        correct(world, wrong, assessed_on=day(24))

    assert stored(world) == before


# ---- withdraw -----------------------------------------------------------------------------------


def test_what_is_withdrawn_is_kept_with_who_when_and_why(world: World) -> None:
    withdraw(world, record(world))

    (row,) = stored(world)
    assert (row["status"], row["withdrawn_reason"]) == ("withdrawn", "Not hers.")
    assert (row["withdrawn_by_id"], row["withdrawn_at"]) == (world.rui.user_id, NOW)
    record(world)  # its place is free


def test_withdrawing_twice_is_as_once(world: World) -> None:
    mistake = record(world)
    withdraw(world, mistake)
    before = stored(world), change_seq(world.ana)

    withdraw(world, mistake, "Another reason.")

    assert (stored(world), change_seq(world.ana)) == before


def test_what_was_corrected_is_not_withdrawn_and_what_was_withdrawn_not_corrected(
    world: World,
) -> None:
    wrong = record(world, score=0.26)
    right = correct(world, wrong)
    with pytest.raises(AssessmentNotCurrent):
        withdraw(world, wrong)
    withdraw(world, right)
    before = stored(world)

    with pytest.raises(AssessmentNotCurrent):
        correct(world, right)

    assert stored(world) == before


@pytest.mark.parametrize("action", [correct, withdraw])
def test_an_unknown_score_and_another_patient_s_are_not_found(world: World, action: Any) -> None:
    bruno = people.patient(world.clinic, "Bruno Lopes", care_team=[world.rui])
    of_bruno = measured.assessment(bruno)

    for unknown in (of_bruno, Assessment(pk=uuid.uuid4())):
        with pytest.raises(NotFound):
            action(world, unknown)

    assert [row["status"] for row in stored(world)] == ["current"]
