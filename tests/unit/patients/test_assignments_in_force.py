"""Activating assignments and ending them: domain.md section 3, "Assignment"."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from core.errors import Invalid
from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.actions import activation as activating
from patients.actions import assignments as actions
from patients.actions.prescribing import AssignmentNotDraft
from patients.confirmations import AlreadyPrescribed
from patients.models import Assignment, Patient, PrescribedExercise
from patients.screening import ScreeningAnswers, ScreeningIncomplete
from tests.factories import people
from tests.factories import prescriptions as rx
from tests.unit.patients.assigning import _all, activate, codes, end, in_force
from tests.unit.patients.logged import FRI, MON, SAT, THU, TUE, WED

# ---- Activating --------------------------------------------------------------------------------------


def test_activating_keeps_who_confirmed_what_and_when(world: people.World) -> None:
    assignment = rx.draft(world.ana, from_=WED)

    activate(world, assignment, _all(world, assignment), now=TUE)

    with clinic_context(world.clinic.pk):
        assignment.refresh_from_db()
    moment = rx.morning(world.ana, TUE)
    assert (assignment.status, assignment.starts_on) == ("active", WED)
    assert assignment.screened_by_id == world.rui.user_id
    assert (assignment.screened_at, assignment.activated_at) == (moment, moment)
    assert [item["id"] for item in assignment.screening["items"]] == [
        "medically-stable", "falls-and-senses", "weak-shoulder", "bone-and-joint",
        "skin-and-splints", "aids-and-helper",
    ]  # fmt: skip
    assert assignment.screening["exercises"][0]["contraindications"] == [
        "Calf swelling or suspected blood clot",
        "Unhealed ankle or Achilles injury",
        "Cannot stand with support",
    ]
    assert in_force(world, TUE) == []
    assert in_force(world, WED) == ["Wall stretch"]


def test_a_start_that_has_passed_moves_to_today_with_the_rows(world: people.World) -> None:
    assignment = rx.draft(world.ana, from_=MON)

    activate(world, assignment, _all(world, assignment), now=THU)

    with clinic_context(world.clinic.pk):
        assignment.refresh_from_db()
        rows = rx.rows_of(assignment.lines.get())
    assert assignment.starts_on == THU
    assert [(row.in_force_from, row.in_force_until) for row in rows] == [(THU, None)]
    assert in_force(world, WED) == []


def test_today_is_the_patients(world: people.World) -> None:
    with clinic_context(world.clinic.pk):
        Patient.objects.filter(pk=world.ana.pk).update(time_zone="Pacific/Auckland")
    assignment = rx.draft(world.ana, from_=MON)

    with clinic_context(world.clinic.pk):
        activating.activate_assignment(
            assignment_id=assignment.pk,
            answers=rx.all_confirmed(assignment),
            by=rx.therapist_of(world.ana),
            now=dt.datetime(2026, 11, 24, 12, 0, tzinfo=dt.UTC),
        )
        assignment.refresh_from_db()

    assert assignment.starts_on == WED


def test_every_point_of_the_screening_is_confirmed(world: people.World) -> None:
    assignment = rx.draft(world.ana, rx.order(), rx.order("bridging"))
    whole = _all(world, assignment)
    short = ScreeningAnswers(items=whole.items[1:], exercises=whole.exercises[:1])

    with pytest.raises(ScreeningIncomplete) as refusal:
        activate(world, assignment, short)

    assert codes(refusal) == [
        ("screening.items", "not_confirmed"),
        ("screening.exercises", "not_confirmed"),
    ]
    assert refusal.value.status == 400
    with clinic_context(world.clinic.pk):
        assignment.refresh_from_db()
    assert (assignment.status, assignment.screening) == ("draft", None)


def test_an_end_that_has_passed_is_changed_first(world: people.World) -> None:
    assignment = rx.draft(world.ana, from_=MON, until=TUE)

    with pytest.raises(Invalid) as refusal:
        activate(world, assignment, _all(world, assignment), now=WED)

    assert codes(refusal) == [("ends_on", "in_past")]


def test_nothing_is_activated_twice_or_empty(world: people.World) -> None:
    assignment, empty = rx.assign(world.ana), rx.draft(world.ana, rx.order("bridging"))
    with clinic_context(world.clinic.pk):
        PrescribedExercise.objects.filter(line__assignment=empty).delete()
        empty.lines.all().delete()

    with pytest.raises(AssignmentNotDraft):
        activate(world, assignment, _all(world, assignment))
    with pytest.raises(activating.AssignmentEmpty):
        activate(world, empty, _all(world, empty))


def test_what_came_into_force_since_the_draft_is_confirmed(world: people.World) -> None:
    first = rx.draft(world.ana, from_=WED, now=rx.morning(world.ana, MON))
    second = rx.draft(world.ana, from_=WED, now=rx.morning(world.ana, MON))
    rx.activate(first, now=rx.morning(world.ana, TUE))

    with pytest.raises(AlreadyPrescribed):
        activate(world, second, _all(world, second), now=TUE)
    rx.activate(second, now=rx.morning(world.ana, TUE))

    assert in_force(world, WED) == ["Wall stretch", "Wall stretch"]


def test_what_was_confirmed_with_the_draft_is_not_asked_again(world: people.World) -> None:
    rx.prescribe(world.ana, from_=MON)
    again = rx.draft(world.ana, from_=WED, now=rx.morning(world.ana, TUE))

    activate(world, again, _all(world, again), now=TUE)

    assert in_force(world, WED) == ["Wall stretch", "Wall stretch"]


def test_the_database_refuses_an_active_assignment_without_screening(world: people.World) -> None:
    assignment = rx.draft(world.ana)

    with (
        clinic_context(world.clinic.pk),
        pytest.raises(IntegrityError, match="assignment_is_active_only_after_screening"),
        transaction.atomic(),
    ):
        Assignment.objects.filter(pk=assignment.pk).update(status="active")


# ---- Ending ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("on", "last"), [(None, WED), (WED, WED), (TUE, TUE), (SAT, SAT)], ids=str)
def test_the_last_date_is_inclusive(world: people.World, on: dt.date | None, last: dt.date) -> None:
    assignment = rx.assign(world.ana, from_=MON)

    end(world, assignment, WED, on=on)

    assert in_force(world, last) == ["Wall stretch"]
    assert in_force(world, last + dt.timedelta(days=1)) == []


def test_yesterday_is_the_earliest_last_date(world: people.World) -> None:
    assignment = rx.assign(world.ana, from_=MON)

    with pytest.raises(Invalid) as refusal:
        end(world, assignment, WED, on=MON)

    assert codes(refusal) == [("on", "in_past")]
    assert in_force(world, WED) == ["Wall stretch"]


def test_one_that_has_not_begun_covers_no_date(world: people.World) -> None:
    assignment = rx.assign(world.ana, from_=FRI, now=rx.morning(world.ana, MON))

    end(world, assignment, MON)

    with clinic_context(world.clinic.pk):
        assignment.refresh_from_db()
    assert (assignment.status, assignment.ends_on) == ("ended", THU)
    assert in_force(world, FRI) == []


def test_an_end_may_come_sooner_but_not_later_and_twice_is_as_once(world: people.World) -> None:
    assignment = rx.assign(world.ana, from_=MON)
    end(world, assignment, TUE, on=SAT)

    end(world, assignment, TUE, on=FRI)
    end(world, assignment, TUE, on=FRI)
    with pytest.raises(actions.AssignmentAlreadyEnded):
        end(world, assignment, TUE, on=SAT)

    assert in_force(world, SAT) == []
    with clinic_context(world.clinic.pk):
        assert AuditEvent.objects.filter(action="assignment_ended").count() == 2


def test_what_was_over_is_not_taken_up_again(world: people.World) -> None:
    assignment = rx.assign(world.ana, from_=MON, until=TUE)

    with pytest.raises(actions.AssignmentAlreadyEnded):
        end(world, assignment, FRI, on=FRI)

    assert in_force(world, WED) == []


def test_a_draft_is_deleted_not_ended(world: people.World) -> None:
    with pytest.raises(actions.AssignmentIsDraft):
        end(world, rx.draft(world.ana), MON)
