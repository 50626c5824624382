"""A line moves to its exercise's newest version where a therapist, revising it, says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

import pytest
from django.db import transaction

from core.errors import Invalid
from core.models import AuditEvent
from core.tenancy import clinic_context
from patients.actions import lines as actions
from patients.actions.assignments import draft_assignment
from patients.confirmations import ContraindicationsNotRuledOut, NotConfirmed, OutsideUsualRange
from patients.models import Assignment, Line, PrescribedExercise
from patients.orders import LineOrder, RowOrder
from programs.actions.own_exercises import publish_exercise_version, retire_exercise
from programs.doses import RepetitionsDose
from programs.models import Exercise
from tests.factories import people, programs
from tests.factories import prescriptions as rx
from tests.unit.patients.logged import MON, THU, TUE, WED, Nothing

EVERYTHING = rx.EVERYTHING
RULED_OUT = ["contraindications"]
DEEPER = "Water above the hip"


@pytest.fixture
def pool(world: people.World) -> Exercise:
    return programs.own_exercise(world.clinic)


@pytest.fixture
def line(world: people.World, pool: Exercise) -> Line:
    """Ana's pool walking: 3 sets of 10 every day from Monday, in the first version."""
    return prescribed(world, pool)


def prescribed(world: people.World, pool: Exercise) -> Line:
    assignment = rx.assign(world.ana, ordered(pool))
    with clinic_context(world.clinic.pk):
        return assignment.lines.select_related("assignment__patient", "patient").get()


def ordered(pool: Exercise) -> LineOrder:
    return LineOrder(
        exercise=pool.pk,
        dose=RepetitionsDose(sets=3, repetitions=10),
        side="both",
        schedule=rx.times_per_week(5),
    )


def publish(world: people.World, pool: Exercise, **changes: Any) -> None:
    """Publish the next version: "Pool walking, deeper" that lists one contra-indication more."""
    said = programs.exercise_body()["contraindications"]
    fields = {"name": "Pool walking, deeper", "contraindications": [*said, DEEPER]} | changes
    with clinic_context(world.clinic.pk):
        number = Exercise.objects.select_related("current").get(pk=pool.pk).current.number
        publish_exercise_version(
            exercise_id=pool.pk,
            replaces=number,
            order=programs.exercise_order(**fields),
            confirm=["reads_hard"],
            by=people.acting(world.rui),
            now=dt.datetime(2026, 11, 23, 6, number, tzinfo=dt.UTC),
        )


def move(
    line: Line,
    *,
    from_: dt.date | None = WED,
    confirm: Collection[str] = RULED_OUT,
    now: dt.date = TUE,
    logged: Nothing | None = None,
    **order: Any,
) -> PrescribedExercise:
    with transaction.atomic(), clinic_context(line.clinic_id):
        return actions.revise_line(
            line_id=line.pk,
            order=RowOrder(newest_version=True, **order),
            starts_on=from_,
            confirm=confirm,
            logged=logged or Nothing(),
            by=rx.therapist_of(line.patient),
            now=rx.morning(line.patient, now),
        )


def versions(line: Line) -> list[tuple[dt.date, int, int]]:
    """Return of each row, in order of time, where it begins, its version and its sets."""
    with clinic_context(line.clinic_id):
        rows = PrescribedExercise.objects.filter(line=line).order_by("in_force_from")
        return list(rows.values_list("in_force_from", "exercise_version__number", "sets"))


def screened(line: Line) -> list[tuple[int, list[str], str | None]]:
    with clinic_context(line.clinic_id):
        kept = Assignment.objects.get(pk=line.assignment_id).screening["exercises"]
    return [(one["version"], one["contraindications"], one["confirmed_by"]) for one in kept]


def test_the_version_alone_can_change_and_rows_that_have_been_keep_theirs(world, pool, line):
    publish(world, pool)

    row = move(line)

    assert versions(line) == [(MON, 1, 3), (WED, 2, 3)]
    assert row.exercise_version.name == "Pool walking, deeper"
    assert (row.repetitions, row.side, row.times_per_week) == (10, "both", 5)


def test_without_the_wish_a_revision_stays_on_the_version_that_was_prescribed(world, pool, line):
    publish(world, pool)

    rx.revise(line, from_=WED, sets=2)

    assert versions(line) == [(MON, 1, 3), (WED, 1, 2)]


def test_version_and_dose_change_together(world, pool, line):
    publish(world, pool)

    move(line, dose=RepetitionsDose(sets=2, repetitions=8))

    assert versions(line) == [(MON, 1, 3), (WED, 2, 2)]


def test_it_skips_to_the_newest_and_moves_again(world, pool, line):
    publish(world, pool)
    publish(world, pool, name="Pool walking, backwards")
    move(line)
    publish(world, pool, name="Pool walking, sideways")

    move(line, from_=THU)

    assert versions(line) == [(MON, 1, 3), (WED, 3, 3), (THU, 4, 3)]


def test_its_contra_indications_are_confirmed_anew_and_kept_with_who_and_when(world, pool, line):
    publish(world, pool)
    before = screened(line)

    with pytest.raises(ContraindicationsNotRuledOut) as refusal:
        move(line, confirm=[])
    assert refusal.value.extra["confirm"] == ["contraindications"]
    assert [one.field for one in refusal.value.errors] == ["newest_version"]
    assert DEEPER in refusal.value.errors[0].detail
    assert (versions(line), screened(line)) == ([(MON, 1, 3)], before)

    move(line)

    said = programs.exercise_body()["contraindications"]
    assert screened(line) == [*before, (2, [*said, DEEPER], str(world.rui.user_id))]


def test_what_was_confirmed_of_a_version_is_not_asked_again(world, pool, line):
    publish(world, pool)
    move(line, from_=THU)

    move(line, from_=WED, confirm=[])

    assert versions(line) == [(MON, 1, 3), (WED, 2, 3)]
    assert len(screened(line)) == 2


def test_a_version_without_any_asks_nothing(world, pool, line):
    publish(world, pool, contraindications=[])

    move(line, confirm=[])

    assert versions(line) == [(MON, 1, 3), (WED, 2, 3)]
    assert len(screened(line)) == 1


def test_a_draft_asks_when_it_is_activated(world, pool):
    with clinic_context(world.clinic.pk):
        draft = draft_assignment(
            patient_id=world.ana.pk, title="In the pool", items=(ordered(pool),), starts_on=THU,
            confirm=EVERYTHING, by=people.acting(world.rui), now=rx.morning(world.ana, MON),
        )  # fmt: skip
        line = draft.lines.select_related("assignment__patient", "patient").get()
    publish(world, pool)

    move(line, from_=None, confirm=[])

    assert versions(line) == [(THU, 2, 3)]
    rx.activate(draft, now=rx.morning(world.ana, THU))
    assert [version for version, _said, _who in screened(line)] == [2]


def test_a_usual_range_that_became_narrower_asks_about_a_dose_that_stays(world, pool, line):
    publish(world, pool, usual_dose__sets={"low": 1, "high": 2, "start": 1}, contraindications=[])

    with pytest.raises(OutsideUsualRange):
        move(line, confirm=[])
    row = move(line, confirm=["outside_usual_range"])

    assert row.is_outside_usual_range
    assert versions(line) == [(MON, 1, 3), (WED, 2, 3)]


ONE_SIDED = {
    "laterality": "one",
    "steps": ["Push up on your {side} toes.", "Lower slowly.", "Rest."],
}


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"measures": ["hold"]}, "dose.measure"), (ONE_SIDED, "side")],
)
def test_a_version_that_the_line_does_not_fit_is_refused_by_its_field(
    world, pool, line, changes, field
):
    publish(world, pool, **changes)

    with pytest.raises(Invalid) as refusal:
        move(line)

    assert [one.field for one in refusal.value.errors] == [field]
    assert versions(line) == [(MON, 1, 3)]


def test_a_side_that_fits_the_new_version_may_come_with_it(world, pool, line):
    publish(world, pool, **ONE_SIDED)

    row = move(line, side="affected")

    assert (row.side, row.side_asked) == ("left", "affected")


def test_on_the_newest_version_already_the_wish_alone_changes_nothing(world, pool, line):
    with pytest.raises(Invalid) as refusal:
        move(line)

    assert [(one.field, one.code) for one in refusal.value.errors] == [
        ("newest_version", "nothing_changes")
    ]
    move(line, dose=RepetitionsDose(sets=2, repetitions=10), confirm=[])
    assert versions(line) == [(MON, 1, 3), (WED, 1, 2)]


def test_what_is_offered_no_longer_stays_on_its_version(world, pool, line):
    publish(world, pool)
    with clinic_context(world.clinic.pk):
        retire_exercise(exercise_id=pool.pk, by=people.acting(world.rui), now=people.LONG_AFTER)

    with pytest.raises(Invalid) as refusal:
        move(line)

    assert [(one.field, one.code) for one in refusal.value.errors] == [
        ("newest_version", "retired_exercise")
    ]
    rx.revise(line, from_=WED, sets=2)
    assert versions(line) == [(MON, 1, 3), (WED, 1, 2)]


def test_a_retired_one_whose_newest_is_prescribed_is_revised_as_ever(world, pool, line):
    with clinic_context(world.clinic.pk):
        retire_exercise(exercise_id=pool.pk, by=people.acting(world.rui), now=people.LONG_AFTER)

    move(line, dose=RepetitionsDose(sets=2, repetitions=10), confirm=[])

    assert versions(line) == [(MON, 1, 3), (WED, 1, 2)]


def test_the_audit_says_to_which_version(world, pool, line):
    publish(world, pool)

    row = move(line)

    with clinic_context(world.clinic.pk):
        kept = AuditEvent.objects.get(action="line_revised")
    assert kept.details == {"row": str(row.pk), "version": 2, "confirmed": RULED_OUT}


def test_with_a_result_today_today_is_confirmed_together_with_the_rest(world, pool, line):
    publish(world, pool)

    with pytest.raises(NotConfirmed) as refusal:
        move(line, from_=TUE, confirm=[], logged=Nothing(exists=True))

    assert set(refusal.value.extra["confirm"]) == {"results_today", "contraindications"}
    assert versions(line) == [(MON, 1, 3)]
