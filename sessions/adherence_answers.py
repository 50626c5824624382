"""
What the care team is told of a patient's adherence: by line and by week, with the sums behind.

A fraction is given exactly ("9/2") and rounded to two places for the eye; percentages are rounded
down. Null stands where nothing was prescribed, never 0 or 100.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

import msgspec

from patients.models import PrescribedExercise
from sessions.adherence import Adherence, LineAdherence, Sums, WeekAdherence, adherence, percent


class FractionOut(msgspec.Struct, kw_only=True):
    exact: str
    rounded: float


class FiguresOut(msgspec.Struct, kw_only=True):
    """`dose` is credited of prescribed sets, `session` is done of expected occurrences."""

    dose_percent: int | None
    session_percent: int | None
    band: str | None
    credited_sets: FractionOut
    prescribed_sets: FractionOut
    done: int
    expected: int
    sets_logged: int


class CoversOut(msgspec.Struct, kw_only=True):
    """Inclusive local dates; whole ISO weeks where a line has a weekly quota."""

    first: dt.date = msgspec.field(name="from")
    last: dt.date = msgspec.field(name="until")


class LineFiguresOut(FiguresOut, kw_only=True):
    """`amount_logged` is in the line's measure (hold: repetitions × seconds)."""

    line: UUID
    exercise: str
    measure: str
    amount_logged: int


class WeekFiguresOut(FiguresOut, kw_only=True):
    """`week` is its Monday. A week in progress holds nothing against anybody yet."""

    week: dt.date
    in_progress: bool


class AdherenceAnswer(msgspec.Struct, kw_only=True):
    patient: UUID
    covers: CoversOut
    total: FiguresOut
    lowest_line: LineFiguresOut | None
    lines: list[LineFiguresOut]
    weeks: list[WeekFiguresOut]


@dataclass(frozen=True, slots=True)
class LineTitle:
    """An exercise's name in the line's newest row, and what it is measured in."""

    exercise: str
    measure: str


def adherence_answer(
    *, patient_id: UUID, first: dt.date, last: dt.date, today: dt.date
) -> AdherenceAnswer:
    """Read and build a patient's answer in two statements; weeks without anything are left out."""
    figures = adherence(patient_id=patient_id, first=first, last=last, today=today)
    return build(figures, patient_id=patient_id, titles=line_titles(patient_id=patient_id))


def line_titles(*, patient_id: UUID) -> dict[UUID, LineTitle]:
    """Return the title of each of a patient's lines, in the order in which they are prescribed."""
    rows = (
        PrescribedExercise.objects.filter(patient_id=patient_id)
        .order_by(
            "line__assignment__starts_on",
            "line__assignment_id",
            "line__position",
            "line_id",
            "in_force_from",
        )
        .values_list("line_id", "exercise_version__name", "measure")
    )
    return {line: LineTitle(name, measure) for line, name, measure in rows}


def build(
    figures: Adherence, *, patient_id: UUID, titles: Mapping[UUID, LineTitle]
) -> AdherenceAnswer:
    lowest = figures.lowest_line
    by_id = {line.line_id: line for line in figures.by_line}
    return AdherenceAnswer(
        patient=patient_id,
        covers=CoversOut(first=figures.first, last=figures.last),
        total=figures_out(figures.sums),
        lowest_line=_line(lowest, titles) if lowest else None,
        lines=[_line(by_id[line], titles) for line in titles if line in by_id],
        weeks=[_week(week) for week in figures.by_week],
    )


def figures_out(sums: Sums) -> FiguresOut:
    return FiguresOut(
        dose_percent=sums.percent,
        session_percent=percent(sums.session),
        band=sums.band.value if sums.band else None,
        credited_sets=fraction_out(sums.credited),
        prescribed_sets=fraction_out(sums.prescribed),
        done=sums.done,
        expected=sums.expected,
        sets_logged=sums.sets_logged,
    )


def fraction_out(value: Fraction) -> FractionOut:
    return FractionOut(exact=str(value), rounded=float(round(value, 2)))


def _line(line: LineAdherence, titles: Mapping[UUID, LineTitle]) -> LineFiguresOut:
    title = titles[line.line_id]
    return LineFiguresOut(
        **msgspec.structs.asdict(figures_out(line.sums)),
        line=line.line_id,
        exercise=title.exercise,
        measure=title.measure,
        amount_logged=line.sums.amount_logged,
    )


def _week(week: WeekAdherence) -> WeekFiguresOut:
    return WeekFiguresOut(
        **msgspec.structs.asdict(figures_out(week.sums)),
        week=week.week,
        in_progress=week.is_in_progress,
    )
