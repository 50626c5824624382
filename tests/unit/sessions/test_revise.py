"""A prescription that changes on the day on which something was logged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.models import ProtectedError

from core.tenancy import clinic_context
from patients.confirmations import ResultsToday
from patients.models import Line, PrescribedExercise
from patients.orders import RowOrder
from programs.doses import Dose, RepetitionsDose
from sessions.actions import revise as actions
from sessions.actions.store import log_session
from sessions.credit import SetDone
from sessions.models import ExerciseResult, ExerciseSession, SessionVersion
from tests.factories import people
from tests.factories import prescriptions as rx
from tests.unit.sessions import bodies

MON, TUE, WED = dt.date(2026, 11, 23), dt.date(2026, 11, 24), dt.date(2026, 11, 25)


@pytest.fixture
def twist(world: people.World) -> Line:
    """Ana's knee twist: 3 sets of 10, both legs, every day from Monday."""
    return rx.prescribe(world.ana, "knee_twist", measure="repetitions", sets=3, from_=MON)


def log(
    world: people.World, line: Line, *repetitions: int, day: dt.date = MON, **more: Any
) -> None:
    sent = bodies.result(line, *repetitions, side=more.pop("side", "both"), **more)
    content = bodies.log(bodies.session(sent, performed_at=f"{day}T09:30:00+00:00"))
    with clinic_context(world.clinic.pk):
        log_session(
            patient_id=world.ana.pk,
            content=content,
            by=people.acting_for(world.ana),
            now=rx.morning(world.ana, day) + dt.timedelta(hours=4),
        )


def revise(
    line: Line,
    *,
    from_: dt.date,
    now: dt.date = MON,
    dose: Dose | None = None,
    confirm: Sequence[str] = ("results_today",),
    **order: Any,
) -> PrescribedExercise:
    wanted = RowOrder(**order) if order else RowOrder(dose=dose or reps(1, 8))
    with transaction.atomic(), clinic_context(line.clinic_id):
        return actions.revise_line(
            line_id=line.pk,
            order=wanted,
            starts_on=from_,
            confirm=[*confirm, "outside_usual_range"],
            by=rx.therapist_of(line.patient),
            now=rx.morning(line.patient, now) + dt.timedelta(hours=6),
        )


def reps(sets: int, repetitions: int) -> RepetitionsDose:
    return RepetitionsDose(sets=sets, repetitions=repetitions)


def results(line: Line) -> list[ExerciseResult]:
    with clinic_context(line.clinic_id):
        return list(ExerciseResult.objects.filter(line=line).order_by("performed_at", "side"))


def test_today_needs_a_confirmation_once_there_is_a_result(
    world: people.World, twist: Line
) -> None:
    log(world, twist, 10, 10, 5)

    with pytest.raises(ResultsToday):
        revise(twist, from_=MON, confirm=())
    revise(twist, from_=TUE, confirm=())

    assert [row.in_force_from for row in rx.rows_of(twist)] == [MON, TUE]


@pytest.mark.parametrize(
    ("performed", "status", "asks"),
    [
        (MON, "counted", True),
        (MON, "held", True),
        (MON, "refused", False),
        (MON, "withdrawn", False),
        (TUE, "held", False),
        (WED, "held", False),
    ],
)
def test_only_what_may_count_today_needs_the_confirmation(
    world: people.World, twist: Line, performed: dt.date, status: str, asks: bool
) -> None:
    log(world, twist, 10)
    with clinic_context(world.clinic.pk):
        ExerciseSession.objects.update(
            status=status, performed_on=performed, withdrawn_at=people.LONG_AGO
        )
        ExerciseResult.objects.update(performed_on=performed, counts=status == "counted")

    if asks:
        with pytest.raises(ResultsToday):
            revise(twist, from_=MON, confirm=())
        assert [row.sets for row in rx.rows_of(twist)] == [3]
    else:
        revise(twist, from_=MON, confirm=())
        assert [row.sets for row in rx.rows_of(twist)] == [1]


def test_what_was_logged_today_counts_against_the_new_row(world: people.World, twist: Line) -> None:
    log(world, twist, 10, 10, 5)
    before = results(twist)[0]

    row = revise(twist, from_=MON, dose=reps(2, 20))

    after = results(twist)[0]
    assert (before.credit_numerator, before.credit_denominator) == (25, 10)
    assert after.prescribed_exercise_id == row.pk
    assert (after.credit_numerator, after.credit_denominator) == (25, 20)
    assert not after.is_off_plan
    assert [one.pk for one in rx.rows_of(twist)] == [row.pk]


def test_the_verdict_and_the_answer_given_stay(world: people.World, twist: Line) -> None:
    log(world, twist, 10, 10, 10)
    with clinic_context(world.clinic.pk):
        given = SessionVersion.objects.get().answer

    revise(twist, from_=MON, dose=reps(3, 20))

    assert results(twist)[0].verdict == "right"
    with clinic_context(world.clinic.pk):
        assert SessionVersion.objects.get().answer == given


def test_what_was_logged_before_is_left_as_it_was(world: people.World, twist: Line) -> None:
    log(world, twist, 10, day=MON)
    log(world, twist, 10, day=TUE)
    first = results(twist)[0]

    revise(twist, from_=TUE, now=TUE, dose=reps(1, 20))

    monday, tuesday = results(twist)
    assert (monday.prescribed_exercise_id, monday.credit_denominator) == (
        first.prescribed_exercise_id, 10,
    )  # fmt: skip
    assert tuesday.credit_denominator == 20


def test_a_side_that_is_no_longer_prescribed_is_extra(world: people.World) -> None:
    line = rx.prescribe(world.ana, "seated_knee_extension", measure="repetitions",
                        repetitions=10, sets=1, side="each", from_=MON)  # fmt: skip
    log(world, line, 10, side="left")
    log(world, line, 10, side="right")

    row = revise(line, from_=MON, side="right")

    left, right = sorted(results(line), key=lambda one: one.side)
    assert (left.prescribed_exercise_id, left.is_off_plan, left.credit_numerator) == (
        None,
        True,
        None,
    )
    assert (right.prescribed_exercise_id, right.is_off_plan) == (row.pk, False)


def test_as_needed_asks_no_credit(world: people.World, twist: Line) -> None:
    log(world, twist, 10)

    row = revise(twist, from_=MON, schedule=rx.as_needed())

    after = results(twist)[0]
    assert (after.prescribed_exercise_id, after.is_off_plan) == (row.pk, False)
    assert (after.credit_numerator, after.credit_denominator) == (None, None)


def test_a_result_whose_row_is_gone_is_extra(world: people.World, twist: Line) -> None:
    log(world, twist, 10)

    with clinic_context(world.clinic.pk):
        actions.end_line(
            line_id=twist.pk, on=MON - dt.timedelta(days=1), confirm=["results_today"],
            by=rx.therapist_of(world.ana), now=rx.morning(world.ana, MON),
        )  # fmt: skip

    assert rx.rows_of(twist) == []
    after = results(twist)[0]
    assert (after.prescribed_exercise_id, after.is_off_plan) == (None, True)


def test_ending_the_assignment_yesterday_makes_today_extra(
    world: people.World, twist: Line
) -> None:
    log(world, twist, 10, day=MON)
    log(world, twist, 10, day=TUE)

    def end(*confirm: str) -> None:
        with transaction.atomic(), clinic_context(world.clinic.pk):
            actions.end_assignment(
                assignment_id=twist.assignment_id, on=MON, confirm=confirm,
                by=rx.therapist_of(world.ana), now=rx.morning(world.ana, TUE),
            )  # fmt: skip

    with pytest.raises(ResultsToday):
        end()
    end("results_today")

    assert [one.is_off_plan for one in results(twist)] == [False, True]


def test_a_row_on_which_something_was_counted_cannot_be_deleted(
    world: people.World, twist: Line
) -> None:
    log(world, twist, 10)

    with clinic_context(world.clinic.pk), pytest.raises(ProtectedError):
        PrescribedExercise.objects.filter(line=twist).delete()

    assert len(rx.rows_of(twist)) == 1


def test_what_was_withdrawn_asks_for_no_confirmation_but_is_pointed_anew(
    world: people.World, twist: Line
) -> None:
    log(world, twist, 10)
    with clinic_context(world.clinic.pk):
        ExerciseSession.objects.update(status="withdrawn", withdrawn_at=rx.morning(world.ana, MON))

    row = revise(twist, from_=MON, confirm=())

    assert results(twist)[0].prescribed_exercise_id == row.pk


def test_another_line_is_left_alone(world: people.World, twist: Line) -> None:
    bridge = rx.prescribe(world.ana, "bridging", repetitions=8, sets=2, from_=MON)
    log(world, bridge, 8, **_seconds(bridge))
    before = results(bridge)[0]

    revise(twist, from_=MON)

    after = results(bridge)[0]
    assert after.prescribed_exercise_id == before.prescribed_exercise_id
    assert after.updated_at == before.updated_at


def test_the_sets_are_read_back_as_they_were_logged(world: people.World, twist: Line) -> None:
    sets = [{"repetitions": 10, "load_kg": 2.5}, {"repetitions": 0}]
    log(world, twist, sets=sets)

    read = list(actions.sets_of(results(twist)[0]))

    assert read == [SetDone(repetitions=10, load_kg=Decimal("2.5")), SetDone(repetitions=0)]


def _seconds(line: Line) -> dict[str, Any]:
    if line.measure != "hold":
        return {}
    return {"sets": [{"repetitions": 8, "hold_seconds": 5}]}
