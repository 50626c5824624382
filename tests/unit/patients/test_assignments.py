"""Drafting, screening, activating and ending assignments: domain.md section 3."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import transaction

from core.errors import Forbidden, Invalid, NotFound
from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.actions import assignments as actions
from patients.actions.prescribing import AssignmentNotDraft, PatientDischarged
from patients.confirmations import AlreadyPrescribed, OutsideUsualRange
from patients.models import Assignment, Line, Patient, PrescribedExercise
from patients.orders import ItemChange, LineOrder
from programs.doses import HoldDose, StepsDose
from programs.models import Program
from tests.factories import people
from tests.factories import prescriptions as rx
from tests.unit.patients.assigning import _all, activate, codes, draft, end, in_force
from tests.unit.patients.logged import FRI, MON, THU, TUE, WED


def program(slug: str) -> Program:
    found: Program = Program.objects.get(clinic=None, slug=slug)
    return found


def change(world: people.World, one: Assignment, **asked: Any) -> Assignment:
    with transaction.atomic(), clinic_context(world.clinic.pk):
        return actions.change_draft(
            assignment_id=one.pk,
            by=rx.therapist_of(world.ana),
            now=rx.morning(world.ana, MON),
            **asked,
        )


def counts(world: people.World) -> tuple[int, int, int]:
    with clinic_context(world.clinic.pk):
        return Assignment.objects.count(), Line.objects.count(), PrescribedExercise.objects.count()


# ---- Drafting ----------------------------------------------------------------------------------------


def test_a_program_is_drafted_with_its_default_doses(world: people.World) -> None:
    six = program("six_leg_exercises")

    assignment = draft(world, program_id=six.pk)

    with clinic_context(world.clinic.pk):
        lines = list(assignment.lines.order_by("position").select_related("exercise"))
    assert assignment.title == "Six leg exercises"
    assert (assignment.status, assignment.starts_on, assignment.ends_on) == ("draft", MON, None)
    assert assignment.program_version_id == six.current_id
    assert [line.exercise.slug for line in lines] == [
        "wall_stretch", "leg_crossover", "knee_twist", "knee_hug", "walking_stick", "leg_press",
    ]  # fmt: skip
    first = rx.rows_of(lines[0])[0]
    assert (first.sets, first.repetitions, first.hold_seconds) == (1, 3, 20)
    assert (first.side, first.side_asked) == ("left", "affected")
    assert (first.in_force_from, first.in_force_until) == (MON, None)


def test_items_of_a_program_are_changed_or_left_out(world: people.World) -> None:
    changes = [
        ItemChange(
            position=1,
            dose=HoldDose(sets=2, repetitions=4, hold_seconds=30),
            side="unaffected",
            schedule=rx.weekdays(1, 3, 5),
            note="Hold on to the worktop.",
        ),
        ItemChange(position=2, leave_out=True),
    ]

    assignment = draft(world, program_id=program("six_leg_exercises").pk, changes=changes)

    with clinic_context(world.clinic.pk):
        lines = list(assignment.lines.order_by("position"))
    row = rx.rows_of(lines[0])[0]
    assert [line.position for line in lines] == [1, 2, 3, 4, 5]
    assert (row.sets, row.repetitions, row.hold_seconds, row.weekdays) == (2, 4, 30, 0b10101)
    assert (row.side, row.side_asked) == ("right", "unaffected")
    assert lines[0].note == "Hold on to the worktop."


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ([ItemChange(position=7)], "changes.0.position", "unknown_position"),
        ([ItemChange(position=1), ItemChange(position=1)], "changes.1.position", "repeated"),
        ([ItemChange(position=p, leave_out=True) for p in range(1, 7)], "changes", "nothing_left"),
        ([ItemChange(position=1, dose=StepsDose(sets=1, steps=9))], "changes.0.dose.measure",
         "measure_does_not_suit"),
        ([ItemChange(position=3, side="left")], "changes.0.side", "side_does_not_suit"),
    ],
)  # fmt: skip
def test_changes_that_cannot_be_are_refused_by_name(
    world: people.World, changes: list[ItemChange], field: str, code: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        draft(world, program_id=program("six_leg_exercises").pk, changes=changes)

    assert codes(refusal) == [(field, code)]
    assert counts(world) == (0, 0, 0)


@pytest.mark.parametrize("affected", ["both", "none"])
def test_affected_needs_one_affected_side(world: people.World, affected: str) -> None:
    with clinic_context(world.clinic.pk):
        Patient.objects.filter(pk=world.ana.pk).update(affected_side=affected)

    with pytest.raises(Invalid) as refusal:
        draft(world, title="Stretch", items=[rx.order("wall_stretch", side="affected")])

    assert codes(refusal) == [("items.0.side", "no_affected_side")]


@pytest.mark.parametrize(
    ("affected", "asked", "side"),
    [
        ("left", "affected", "left"),
        ("left", "unaffected", "right"),
        ("right", "affected", "right"),
        ("right", "unaffected", "left"),
        ("both", "left", "left"),
        ("none", "each", "each"),
    ],
)
def test_a_side_is_resolved_when_prescribed(
    world: people.World, affected: str, asked: str, side: str
) -> None:
    with clinic_context(world.clinic.pk):
        Patient.objects.filter(pk=world.ana.pk).update(affected_side=affected)

    assignment = draft(world, title="Stretch", items=[rx.order("wall_stretch", side=asked)])

    with clinic_context(world.clinic.pk):
        row = rx.rows_of(assignment.lines.get())[0]
    assert row.side == side
    assert row.side_asked == (asked if "affected" in asked else "")


@pytest.mark.parametrize(
    ("slug", "allowed"),
    [
        ("wall_stretch", {"left", "right", "alternating", "each"}),
        ("bridging", {"both"}),
        ("walking_stick", {"left", "right", "alternating", "each"}),
    ],
)
def test_a_side_suits_the_exercise(world: people.World, slug: str, allowed: set[str]) -> None:
    for side in allowed:
        draft(world, title="One", items=[rx.order(slug, side=side, sets=1)])
    for side in {"left", "right", "both", "alternating", "each"} - allowed:
        with pytest.raises(Invalid) as refusal:
            draft(world, title="One", items=[rx.order(slug, side=side, sets=1)])
        assert codes(refusal) == [("items.0.side", "side_does_not_suit")]

    assert counts(world)[0] == len(allowed)


def test_all_that_is_wrong_is_named_at_once(world: people.World) -> None:
    items = [
        rx.order("wall_stretch", side="both"),
        rx.order("bridging", repetitions=10, repetitions_max=9),
    ]

    with pytest.raises(Invalid) as refusal:
        draft(world, title="Two", items=items)

    assert codes(refusal) == [
        ("items.0.side", "side_does_not_suit"),
        ("items.1.dose.repetitions_max", "does_not_rise"),
    ]
    assert counts(world) == (0, 0, 0)


@pytest.mark.parametrize(
    ("asked", "field", "code"),
    [
        ({}, "program", "program_or_items"),
        ({"title": "x", "items": "one", "program_id": "six"}, "program", "program_or_items"),
        ({"items": "one"}, "title", "missing"),
        ({"title": "x", "items": "one", "starts_on": WED, "ends_on": TUE}, "ends_on",
         "before_start"),
        ({"title": "x", "program_id": "unknown"}, "program", "unknown_program"),
        ({"title": "x", "items": "unknown"}, "items.0.exercise", "unknown_exercise"),
    ],
)  # fmt: skip
def test_half_an_assignment_is_refused(
    world: people.World, asked: dict[str, Any], field: str, code: str
) -> None:
    known = {
        "one": [rx.order()],
        "six": program("six_leg_exercises").pk,
        "unknown": world.ana.pk,
    }
    given = {name: known.get(value, value) for name, value in asked.items()}
    if asked.get("items") == "unknown":
        one = rx.order()
        given["items"] = [
            LineOrder(exercise=world.ana.pk, dose=one.dose, side="left", schedule=one.schedule)
        ]

    with pytest.raises(Invalid) as refusal:
        draft(world, **given)

    assert codes(refusal) == [(field, code)]
    assert counts(world) == (0, 0, 0)


def test_another_clinics_program_is_as_unknown_as_none(world: people.World) -> None:
    with clinic_context(world.far_clinic.pk):
        theirs = Program.objects.create(clinic=world.far_clinic, slug="theirs")

    with pytest.raises(Invalid) as refusal:
        draft(world, program_id=theirs.pk)

    assert codes(refusal) == [("program", "unknown_program")]


def test_an_exercise_in_force_on_the_same_side_is_confirmed(world: people.World) -> None:
    rx.prescribe(world.ana, "wall_stretch", side="left")
    same, other = rx.order("wall_stretch", side="left"), rx.order("wall_stretch", side="right")

    with pytest.raises(AlreadyPrescribed) as refusal:
        draft(world, title="Again", items=[other, same])
    draft(world, title="Other side", items=[other])
    draft(world, title="Before it", items=[same], starts_on=MON - dt.timedelta(days=9),
          ends_on=MON - dt.timedelta(days=1))  # fmt: skip
    draft(world, title="Again", items=[same], confirm=["already_prescribed"])

    assert codes(refusal) == [("items.1.exercise", "already_prescribed")]
    assert refusal.value.extra == {"confirm": ["already_prescribed"]}


def test_an_exercise_twice_in_one_assignment_is_confirmed(world: people.World) -> None:
    left = rx.order("wall_stretch", side="left")

    with pytest.raises(AlreadyPrescribed) as refusal:
        draft(world, title="Twice", items=[left, rx.order("wall_stretch", side="each")])

    assert codes(refusal) == [("items.1.exercise", "already_prescribed")]


def test_a_dose_outside_the_usual_range_is_confirmed_and_marked(world: people.World) -> None:
    items = [rx.order("wall_stretch", sets=4, schedule=rx.weekdays(1))]

    with pytest.raises(OutsideUsualRange) as refusal:
        draft(world, title="More", items=items)
    assignment = draft(world, title="More", items=items, confirm=["outside_usual_range"])

    assert refusal.value.extra == {
        "confirm": ["outside_usual_range"],
        "usual_range": {"items.0.dose.sets": [1, 3], "items.0.schedule.weekdays": [3, 7]},
    }
    with clinic_context(world.clinic.pk):
        assert rx.rows_of(assignment.lines.get())[0].is_outside_usual_range


def test_a_draft_expects_nothing(world: people.World) -> None:
    rx.draft(world.ana, from_=MON)

    assert in_force(world, MON) == []


# ---- The draft is changed, or dropped ----------------------------------------------------------------


def test_a_drafts_rows_follow_its_start(world: people.World) -> None:
    assignment = rx.draft(world.ana, from_=MON)

    change(world, assignment, title="Later", starts_on=WED, ends_on=FRI)

    with clinic_context(world.clinic.pk):
        assignment.refresh_from_db()
        rows = rx.rows_of(assignment.lines.get())
        event = AuditEvent.objects.filter(action="assignment_changed").get()
    assert (assignment.title, assignment.starts_on, assignment.ends_on) == ("Later", WED, FRI)
    assert [row.in_force_from for row in rows] == [WED]
    assert event.details == {"fields": ["ends_on", "starts_on", "title"]}


def test_a_drafts_end_is_not_before_its_start(world: people.World) -> None:
    assignment = rx.draft(world.ana, from_=MON, until=WED)

    with pytest.raises(Invalid) as refusal:
        change(world, assignment, starts_on=THU)

    assert codes(refusal) == [("ends_on", "before_start")]
    with clinic_context(world.clinic.pk):
        assert [row.in_force_from for row in rx.rows_of(assignment.lines.get())] == [MON]


def test_a_draft_is_deleted_whole_and_what_is_prescribed_is_not(world: people.World) -> None:
    prescribed = rx.assign(world.ana, rx.order("bridging"))
    dropped = rx.draft(world.ana, rx.order(), rx.order("knee_twist"))
    by, now = rx.therapist_of(world.ana), rx.morning(world.ana, MON)

    def delete(one: Assignment) -> None:
        with transaction.atomic(), clinic_context(world.clinic.pk):
            actions.delete_draft(assignment_id=one.pk, by=by, now=now)

    delete(dropped)
    with pytest.raises(AssignmentNotDraft):
        delete(prescribed)
    with pytest.raises(NotFound):
        delete(dropped)

    assert counts(world) == (1, 1, 1)
    with clinic_context(world.clinic.pk):
        assert AuditEvent.objects.filter(action="assignment_draft_deleted").count() == 1


# ---- Who may -----------------------------------------------------------------------------------------


def test_only_the_care_teams_therapists_prescribe(world: people.World) -> None:
    for by, refusal in (
        (people.acting(world.marta), NotFound),
        (people.acting(world.admin), NotFound),
        (people.acting(world.far_therapist), NotFound),
        (people.acting_for(world.ana), Forbidden),
        (people.acting_for(world.ana, world.carer.user), Forbidden),
    ):
        with pytest.raises(refusal):
            draft(world, title="No", items=[rx.order()], by=by)

    assert counts(world) == (0, 0, 0)


def test_nothing_is_prescribed_after_discharge(world: people.World) -> None:
    with clinic_context(world.clinic.pk):
        Patient.objects.filter(pk=world.ana.pk).update(status="discharged", discharged_on=MON)

    with pytest.raises(PatientDischarged):
        draft(world, title="No", items=[rx.order()])


def test_every_write_is_audited_and_raises_the_sequence(world: people.World) -> None:
    assignment = draft(world, title="Stretch", items=[rx.order()])
    activate(world, assignment, _all(world, assignment))
    end(world, assignment, MON, on=FRI)

    with clinic_context(world.clinic.pk):
        events = list(AuditEvent.objects.filter(target_id=assignment.pk).order_by("id"))
        assert Patient.objects.get(pk=world.ana.pk).change_seq == 3
    assert [one.action for one in events] == [
        "assignment_drafted", "assignment_activated", "assignment_ended",
    ]  # fmt: skip
    assert {(one.patient_id, one.actor_id) for one in events} == {(world.ana.pk, world.rui.user_id)}
