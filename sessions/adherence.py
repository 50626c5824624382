"""
Adherence and dose: the one definition that every page, answer, summary and export uses.

The rules stand in domain.md section 6; the arithmetic is in `sql/row_weeks.sql`, exact, in whole
numbers. Everything here runs inside the clinic's context.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from math import lcm
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from core.calendar import local_date, whole_weeks
from sessions.adherence_sql import (
    LINE_WEEKS_OF_ALL,
    LINE_WEEKS_OF_CHOSEN,
)

ON_TRACK = Fraction(80, 100)
SLIPPING = Fraction(50, 100)
NOTHING = Fraction(0)


class ZoneWithoutToday(LookupError):
    """A patient lives in a zone for which no local date was passed in."""


class Band(models.TextChoices):
    ON_TRACK = "on_track", _("on track")
    SLIPPING = "slipping", _("slipping")
    OFF_TRACK = "off_track", _("off track")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """
    What stands behind a figure: sets credited of sets prescribed, occurrences done of expected.

    `sets_logged` and `amount_logged` are the dose: everything counted, extra sets too. An amount
    is in the line's measure (hold: repetitions × seconds) and means something for one line only.
    """

    credited: Fraction = NOTHING
    prescribed: Fraction = NOTHING
    done: int = 0
    expected: int = 0
    sets_logged: int = 0
    amount_logged: int = 0

    @property
    def dose(self) -> Fraction | None:
        """Dose adherence; None where nothing was prescribed."""
        return self.credited / self.prescribed if self.prescribed else None

    @property
    def session(self) -> Fraction | None:
        """Session adherence; None where no occurrence was expected."""
        return Fraction(self.done, self.expected) if self.expected else None

    @property
    def percent(self) -> int | None:
        """Dose adherence in whole percent, rounded down."""
        return percent(self.dose)

    @property
    def band(self) -> Band | None:
        return band(self.dose)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineWeek:
    """One line in one ISO week; the first and last week may be cut by the period."""

    patient_id: UUID
    line_id: UUID
    week: dt.date
    is_in_progress: bool
    sums: Sums
    covers: tuple[dt.date, dt.date]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAdherence:
    line_id: UUID
    sums: Sums


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekAdherence:
    """`week` is the Monday; a week in progress counts so far only what was done."""

    week: dt.date
    is_in_progress: bool
    sums: Sums


@dataclass(frozen=True, slots=True, kw_only=True)
class Adherence:
    """One patient's figures over the inclusive local dates `first` to `last`, as widened."""

    first: dt.date
    last: dt.date
    sums: Sums
    by_line: tuple[LineAdherence, ...]
    by_week: tuple[WeekAdherence, ...]

    @property
    def lowest_line(self) -> LineAdherence | None:
        """The line with the lowest dose adherence; of equal ones, the first by id."""
        asked = [line for line in self.by_line if line.sums.dose is not None]
        return min(asked, key=lambda line: line.sums.dose or NOTHING, default=None)


def percent(share: Fraction | None) -> int | None:
    """Return whole percent, rounded down, so that 80 % is never shown below it."""
    return None if share is None else int(share * 100)


def band(dose: Fraction | None) -> Band | None:
    """Return the band of an exact dose adherence."""
    if dose is None:
        return None
    if dose >= ON_TRACK:
        return Band.ON_TRACK
    return Band.SLIPPING if dose >= SLIPPING else Band.OFF_TRACK


def add(sums: Iterable[Sums]) -> Sums:
    """Add up exactly."""
    every = list(sums)
    return Sums(
        credited=sum((each.credited for each in every), NOTHING),
        prescribed=sum((each.prescribed for each in every), NOTHING),
        done=sum(each.done for each in every),
        expected=sum(each.expected for each in every),
        sets_logged=sum(each.sets_logged for each in every),
        amount_logged=sum(each.amount_logged for each in every),
    )


def todays(*, now: dt.datetime) -> dict[str, dt.date]:
    """Return the local date in every zone, for statements over many patients."""
    return {name: local_date(now, name) for name in zoneinfo.available_timezones()}


def line_weeks(
    *,
    patient_ids: Collection[UUID] | None,
    first: dt.date,
    last: dt.date,
    today_by_zone: Mapping[str, dt.date],
) -> list[LineWeek]:
    """
    Return every line and week with something in force or logged, of these patients or of all.

    One statement. Where a patient has a quota line in force between the dates, theirs are widened
    to whole ISO weeks; `covers` says so. Raises ZoneWithoutToday.
    """
    return _line_weeks(
        patient_ids, first, last, zones=list(today_by_zone), todays=list(today_by_zone.values())
    )


def adherence(*, patient_id: UUID, first: dt.date, last: dt.date, today: dt.date) -> Adherence:
    """Return one patient's figures. `today` is the patient's local date."""
    return _gather(_line_weeks([patient_id], first, last, today=today), first, last)


def _line_weeks(
    patient_ids: Collection[UUID] | None,
    first: dt.date,
    last: dt.date,
    *,
    today: dt.date | None = None,
    zones: list[str] | None = None,
    todays: list[dt.date] | None = None,
) -> list[LineWeek]:
    values = _values(patient_ids, first, last, today=today, zones=zones, todays=todays)
    statement = LINE_WEEKS_OF_ALL if patient_ids is None else LINE_WEEKS_OF_CHOSEN
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows = cursor.fetchall()
    return [_line_week(list(same)) for _key, same in groupby(rows, itemgetter(0, 1, 2))]


def _values(
    patient_ids: Collection[UUID] | None,
    first: dt.date,
    last: dt.date,
    *,
    today: dt.date | None = None,
    zones: list[str] | None = None,
    todays: list[dt.date] | None = None,
) -> dict[str, Any]:
    """Return what `sql/line_parts.sql` needs to know."""
    if first > last:
        raise ValueError("a period does not end before it starts")
    monday, sunday = whole_weeks(first, last)
    values: dict[str, Any] = {
        "first": first, "last": last, "first_monday": monday, "last_sunday": sunday,
        "is_whole_weeks": (monday, sunday) == (first, last),
        "today": today, "zones": zones or [], "todays": todays or [],
    }  # fmt: skip
    if patient_ids is not None:
        values["patient_ids"] = list(patient_ids)
    return values


def _line_week(rows: list[tuple[Any, ...]]) -> LineWeek:
    """Make one line's week of its rows, one for each denominator."""
    patient_id, line_id, week, is_in_progress = rows[0][:4]
    if is_in_progress is None:
        raise ZoneWithoutToday(patient_id)
    return LineWeek(
        patient_id=patient_id,
        line_id=line_id,
        week=week,
        is_in_progress=is_in_progress,
        sums=_sums([row[4:11] for row in rows]),
        covers=(rows[0][11], rows[0][12]),
    )


def _sums(rows: list[tuple[Any, ...]]) -> Sums:
    """
    Add up rows of denominator, numerators credited and prescribed, and four whole numbers.

    Over the common denominator, in whole numbers: as exact as adding fractions, and the week of a
    hundred thousand patients makes two fractions of each, not ten.
    """
    denominators = [int(row[0]) for row in rows]
    common = lcm(*denominators)
    times = [common // each for each in denominators]
    return Sums(
        credited=Fraction(sum(int(row[1]) * n for row, n in zip(rows, times, strict=True)), common),
        prescribed=Fraction(
            sum(int(row[2]) * n for row, n in zip(rows, times, strict=True)), common
        ),
        done=sum(row[3] for row in rows),
        expected=sum(row[4] for row in rows),
        sets_logged=sum(row[5] for row in rows),
        amount_logged=sum(row[6] for row in rows),
    )


def _gather(rows: list[LineWeek], first: dt.date, last: dt.date) -> Adherence:
    lines = sorted({row.line_id for row in rows})
    weeks = sorted({(row.week, row.is_in_progress) for row in rows})
    covers = rows[0].covers if rows else (first, last)
    return Adherence(
        first=covers[0],
        last=covers[1],
        sums=add(row.sums for row in rows),
        by_line=tuple(
            LineAdherence(line_id=line, sums=add(row.sums for row in rows if row.line_id == line))
            for line in lines
        ),
        by_week=tuple(
            WeekAdherence(
                week=week,
                is_in_progress=in_progress,
                sums=add(row.sums for row in rows if row.week == week),
            )
            for week, in_progress in weeks
        ),
    )
