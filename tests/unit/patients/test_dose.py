"""Every bound of a dose and a schedule: the struct refuses first, the database as well."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from core.bodies import decode
from core.errors import Invalid
from core.tenancy import clinic_context
from patients.models import Line, PrescribedExercise
from programs.dose import RANGES
from programs.doses import (
    AsNeeded,
    Dose,
    HoldDose,
    OnWeekdays,
    RepetitionsDose,
    Schedule,
    StepsDose,
    TimesPerWeek,
    dose_columns,
    dose_errors,
    dose_of,
    schedule_columns,
    schedule_of,
)
from tests.factories import people
from tests.factories import prescriptions as rx


class Sent(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    dose: Dose
    schedule: Schedule


WHOLE: dict[str, dict[str, Any]] = {
    "repetitions": {"measure": "repetitions", "sets": 3, "repetitions": 10},
    "hold": {"measure": "hold", "sets": 3, "repetitions": 10, "hold_seconds": 20},
    "duration": {"measure": "duration", "sets": 1, "duration_seconds": 600},
    "distance": {"measure": "distance", "sets": 1, "distance_m": 100},
    "steps": {"measure": "steps", "sets": 1, "steps": 500},
}
SCHEDULES: dict[str, dict[str, Any]] = {
    "weekdays": {"kind": "weekdays", "weekdays": [1, 3, 5], "times_per_day": 1},
    "times_per_week": {"kind": "times_per_week", "times_per_week": 3},
    "as_needed": {"kind": "as_needed"},
}
# domain.md section 2, figure by figure.
DOSE_BOUNDS = [
    ("repetitions", "sets", 1, 20),
    ("hold", "sets", 1, 20),
    ("repetitions", "repetitions", 1, 200),
    ("hold", "repetitions", 1, 200),
    ("repetitions", "repetitions_max", 1, 200),
    ("hold", "repetitions_max", 1, 200),
    ("hold", "hold_seconds", 1, 600),
    ("duration", "duration_seconds", 5, 7200),
    ("distance", "distance_m", 1, 20000),
    ("steps", "steps", 1, 20000),
    ("repetitions", "rest_seconds", 0, 900),
    ("repetitions", "effort_ceiling", 0, 10),
    ("repetitions", "load_kg", 0, 500),
]
SCHEDULE_BOUNDS = [("weekdays", "times_per_day", 1, 6), ("times_per_week", "times_per_week", 1, 7)]


def dose_sent(measure: str, /, **changed: Any) -> dict[str, Any]:
    return {"dose": WHOLE[measure] | changed, "schedule": SCHEDULES["as_needed"]}


def schedule_sent(kind: str, /, **changed: Any) -> dict[str, Any]:
    return {"dose": WHOLE["steps"], "schedule": SCHEDULES[kind] | changed}


def refused(sent: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(Invalid) as error:
        decode(sent, Sent)
    return error.value.errors[0].field, error.value.errors[0].code


@pytest.fixture
def lines(world: people.World) -> dict[str, Line]:
    """One line of Ana's in each measure; the walk can be prescribed in three."""
    wanted = {
        "repetitions": rx.order("knee_twist", measure="repetitions", side="both"),
        "hold": rx.order("wall_stretch"),
        "duration": rx.order("walking_stick", measure="duration", side="alternating"),
        "distance": rx.order("walking_stick", measure="distance", side="alternating"),
        "steps": rx.order("walking_stick", measure="steps", side="alternating"),
    }
    assignment = rx.assign(world.ana, *wanted.values())
    with clinic_context(world.clinic.pk):
        return {line.measure: line for line in assignment.lines.all()}


def store(line: Line, **columns: Any) -> None:
    with transaction.atomic(), clinic_context(line.clinic_id):
        assert PrescribedExercise.objects.filter(line=line).update(**columns) == 1


def refused_by_database(line: Line, **columns: Any) -> str:
    with pytest.raises(IntegrityError) as error:
        store(line, **columns)
    constraint: str = error.value.__cause__.diag.constraint_name  # type: ignore[union-attr]
    return constraint


@pytest.mark.parametrize(("measure", "name", "low", "high"), DOSE_BOUNDS)
def test_an_amount_holds_its_bounds_in_a_request(
    measure: str, name: str, low: int, high: int
) -> None:
    step = 0.5 if name == "load_kg" else 1

    assert refused(dose_sent(measure, **{name: low - step})) == (f"dose.{name}", "out_of_range")
    assert getattr(decode(dose_sent(measure, **{name: low}), Sent).dose, name) == low
    assert getattr(decode(dose_sent(measure, **{name: high}), Sent).dose, name) == high
    assert refused(dose_sent(measure, **{name: high + step})) == (f"dose.{name}", "out_of_range")


@pytest.mark.parametrize(
    ("measure", "name", "low", "high"), [one for one in DOSE_BOUNDS if one[1] != "repetitions_max"]
)
def test_an_amount_holds_its_bounds_in_the_database(
    lines: dict[str, Line], measure: str, name: str, low: int, high: int
) -> None:
    line, limit = lines[measure], f"prescribed_{name}_in_range"
    negative = f"patients_prescribedexercise_{name}_check"
    is_whole_from_0 = low == 0 and name != "load_kg"

    assert refused_by_database(line, **{name: low - 1}) == (negative if is_whole_from_0 else limit)
    store(line, **{name: low})
    store(line, **{name: high})
    assert refused_by_database(line, **{name: high + 1}) == limit


def test_the_upper_end_of_a_range_holds_its_bounds_in_the_database(lines: dict[str, Line]) -> None:
    line = lines["repetitions"]
    store(line, repetitions=1)

    store(line, repetitions_max=2)
    store(line, repetitions_max=200)

    assert refused_by_database(line, repetitions_max=201) == "prescribed_repetitions_max_in_range"
    assert refused_by_database(line, repetitions_max=1) == "prescribed_repetition_range_rises"


@pytest.mark.parametrize(("kind", "name", "low", "high"), SCHEDULE_BOUNDS)
def test_a_schedule_holds_its_bounds(
    lines: dict[str, Line], kind: str, name: str, low: int, high: int
) -> None:
    line = lines["repetitions"]
    others = {"schedule": kind, "weekdays": 21 if kind == "weekdays" else 0}
    unset = {"times_per_day": None, "times_per_week": None}

    assert refused(schedule_sent(kind, **{name: low - 1})) == (f"schedule.{name}", "out_of_range")
    assert getattr(decode(schedule_sent(kind, **{name: low}), Sent).schedule, name) == low
    assert getattr(decode(schedule_sent(kind, **{name: high}), Sent).schedule, name) == high
    assert refused(schedule_sent(kind, **{name: high + 1})) == (f"schedule.{name}", "out_of_range")
    for value in (low, high):
        store(line, **others | unset | {name: value})
    for value in (low - 1, high + 1):
        stored = others | unset | {name: value}
        assert refused_by_database(line, **stored) == f"prescribed_{name}_in_range"


def test_the_bounds_above_are_all_there_are() -> None:
    named = {name for _, name, _, _ in (*DOSE_BOUNDS, *SCHEDULE_BOUNDS)}

    assert named - {"load_kg"} == set(RANGES)


@pytest.mark.parametrize(
    ("sent", "field", "code"),
    [
        (dose_sent("hold") | {"dose": {**WHOLE["repetitions"], "measure": "hold"}},
         "dose.hold_seconds", "missing"),
        (dose_sent("repetitions", hold_seconds=5), "dose.hold_seconds", "unknown_field"),
        (dose_sent("duration", repetitions=5), "dose.repetitions", "unknown_field"),
        (dose_sent("steps", steps=None), "dose.steps", "wrong_type"),
        (dose_sent("steps", steps=5.0), "dose.steps", "wrong_type"),
        (dose_sent("steps", steps="5"), "dose.steps", "wrong_type"),
        (dose_sent("steps", steps=True), "dose.steps", "wrong_type"),
        (dose_sent("steps", measure="stairs"), "dose.measure", "not_a_choice"),
        (dose_sent("steps", load_kg=2.25), "dose.load_kg", "not_a_multiple"),
        (dose_sent("steps", tempo="x" * 41), "dose.tempo", "too_long"),
        (dose_sent("steps", device="x" * 81), "dose.device", "too_long"),
        (schedule_sent("weekdays", weekdays=[]), "schedule.weekdays", "too_few"),
        (schedule_sent("weekdays", weekdays=[0]), "schedule.weekdays.0", "out_of_range"),
        (schedule_sent("weekdays", weekdays=[1, 8]), "schedule.weekdays.1", "out_of_range"),
        (schedule_sent("weekdays", times_per_week=3), "schedule.times_per_week", "unknown_field"),
        (schedule_sent("times_per_week", weekdays=[1]), "schedule.weekdays", "unknown_field"),
        (schedule_sent("as_needed", times_per_day=1), "schedule.times_per_day", "unknown_field"),
        (schedule_sent("as_needed", kind="monthly"), "schedule.kind", "not_a_choice"),
    ],
)  # fmt: skip
def test_what_a_measure_or_a_schedule_does_not_have_is_refused_by_name(
    sent: dict[str, Any], field: str, code: str
) -> None:
    assert refused(sent) == (field, code)


@pytest.mark.parametrize(("upper", "errors"), [(7, 1), (8, 1), (9, 0), (None, 0)])
def test_a_range_of_repetitions_rises(upper: int | None, errors: int) -> None:
    dose = RepetitionsDose(sets=1, repetitions=8, repetitions_max=upper)

    found = dose_errors(dose, field="dose")

    assert [one.code for one in found] == ["does_not_rise"] * errors
    assert [one.field for one in found] == ["dose.repetitions_max"] * errors


def test_the_database_refuses_a_range_that_does_not_rise(lines: dict[str, Line]) -> None:
    store(lines["repetitions"], repetitions=8, repetitions_max=9)

    refusal = refused_by_database(lines["repetitions"], repetitions=8, repetitions_max=8)

    assert refusal == "prescribed_repetition_range_rises"


def test_the_database_refuses_a_load_between_two_halves(lines: dict[str, Line]) -> None:
    store(lines["hold"], load_kg=Decimal("2.5"))

    assert (
        refused_by_database(lines["hold"], load_kg=Decimal("2.3")) == "prescribed_load_kg_in_range"
    )


@pytest.mark.parametrize(
    ("measure", "columns"),
    [
        ("repetitions", {"repetitions": None}),
        ("repetitions", {"steps": 5}),
        ("hold", {"hold_seconds": None}),
        ("duration", {"duration_seconds": None}),
        ("distance", {"duration_seconds": 60}),
        ("steps", {"measure": "distance"}),
    ],
)
def test_the_database_refuses_amounts_that_are_not_the_measures(
    lines: dict[str, Line], measure: str, columns: dict[str, Any]
) -> None:
    assert refused_by_database(lines[measure], **columns) == "prescribed_amounts_fit_measure"


@pytest.mark.parametrize(
    "columns",
    [
        {"schedule": "weekdays", "weekdays": 0, "times_per_day": 1},
        {"schedule": "weekdays", "weekdays": 128, "times_per_day": 1},
        {"schedule": "weekdays", "weekdays": 1, "times_per_day": None},
        {"schedule": "weekdays", "weekdays": 1, "times_per_day": 1, "times_per_week": 1},
        {"schedule": "times_per_week", "weekdays": 1, "times_per_day": None, "times_per_week": 1},
        {"schedule": "times_per_week", "weekdays": 0, "times_per_day": None},
        {"schedule": "as_needed", "weekdays": 0, "times_per_day": 1},
    ],
)
def test_the_database_refuses_half_a_schedule(
    lines: dict[str, Line], columns: dict[str, Any]
) -> None:
    assert refused_by_database(lines["hold"], **columns) == "prescribed_schedule_is_whole"


def test_a_dose_fills_every_column_of_its_own_and_clears_the_others() -> None:
    dose = HoldDose(sets=2, repetitions=5, repetitions_max=8, hold_seconds=20, load_kg=2.5)

    assert dose_columns(dose) == {
        "measure": "hold", "sets": 2, "repetitions": 5, "repetitions_max": 8, "hold_seconds": 20,
        "duration_seconds": None, "distance_m": None, "steps": None, "load_kg": Decimal("2.5"),
        "rest_seconds": None, "tempo": "", "device": "", "effort_ceiling": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("schedule", "columns"),
    [
        (OnWeekdays(weekdays=[5, 1, 3, 3], times_per_day=2), ("weekdays", 0b10101, 2, None)),
        (TimesPerWeek(times_per_week=4), ("times_per_week", 0, None, 4)),
        (AsNeeded(), ("as_needed", 0, None, None)),
    ],
)
def test_a_schedule_fills_every_column(schedule: Schedule, columns: tuple[Any, ...]) -> None:
    assert tuple(schedule_columns(schedule).values()) == columns


def between(name: str) -> st.SearchStrategy[int]:
    return st.integers(*RANGES[name])


SHARED = {
    "sets": between("sets"),
    "load_kg": st.none() | st.integers(0, 1000).map(lambda halves: halves / 2),
    "rest_seconds": st.none() | between("rest_seconds"),
    "tempo": st.text(max_size=40),
    "device": st.text(max_size=80),
    "effort_ceiling": st.none() | between("effort_ceiling"),
}
DOSES = st.one_of(
    st.builds(RepetitionsDose, repetitions=between("repetitions"), **SHARED),
    st.builds(
        HoldDose,
        repetitions=between("repetitions"),
        repetitions_max=st.none() | between("repetitions_max"),
        hold_seconds=between("hold_seconds"),
        **SHARED,
    ),
    st.builds(StepsDose, steps=between("steps"), **SHARED),
)
SCHEDULE_CHOICES = st.one_of(
    st.builds(
        OnWeekdays,
        weekdays=st.lists(st.integers(1, 7), min_size=1, unique=True).map(sorted),
        times_per_day=between("times_per_day"),
    ),
    st.builds(TimesPerWeek, times_per_week=between("times_per_week")),
    st.builds(AsNeeded),
)


@given(dose=DOSES, schedule=SCHEDULE_CHOICES)
def test_what_is_stored_is_answered_as_it_was_sent(dose: Dose, schedule: Schedule) -> None:
    row = PrescribedExercise(**dose_columns(dose), **schedule_columns(schedule))

    assert dose_of(row) == dose
    assert schedule_of(row) == schedule
    assert decode(msgspec.to_builtins(Sent(dose=dose, schedule=schedule)), Sent).dose == dose
