"""
The weeks of every patient of 20 clinics worked out and stored, with what is to be mailed.

Against two floors: the plain INSERT … SELECT of the weekly adherence, which stores two numbers, and
one that stores as much as the product does. The week before was told already, as in any other week.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection

from benchmarks.figures import Finding, Sample, Side, ratio
from benchmarks.floors import TOLD, TOLD_TABLES, WEEK
from benchmarks.generate import NotAsPlanned, clinics_of
from benchmarks.kept import connect, keep_weeks
from benchmarks.weekly import TODAY, ZONE, Size, cost_of, filled
from clinics.models import Clinic
from core.calendar import DAY, week_start
from core.calendar import WEEK as A_WEEK
from core.tenancy import clinic_context
from reminders.actions.summaries import make_summaries
from reminders.telling import Telling

MONDAY = week_start(TODAY) - A_WEEK
DUE = dt.datetime.combine(TODAY, dt.time(8), tzinfo=dt.UTC)
MOST_TIMES_THE_FLOOR = 3.0
MOST_TIMES_SHORT = 1.3

FULL = (
    (Size(1_000, 12), Size(1_000, 52)),
    (Size(10_000, 12), Size(10_000, 52)),
    (Size(100_000, 12),),
)
QUICK = ((Size(200, 2), Size(200, 4)),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One size's own database, open to the product as its application and to the floors."""

    size: Size
    database: str
    server: psycopg.Connection[Any]

    def prepare(self) -> None:
        """Keep all weeks, as the uploads of these sessions would have, and tell the week before."""
        self.server.execute(TOLD_TABLES)
        clinics = clinics_of(self.size.crowd)
        keep_weeks(self.database, clinics, last=MONDAY, count=self.size.weeks + 1)
        self.make(Telling(week=MONDAY - A_WEEK, zone_name=ZONE, due_at=DUE - A_WEEK))
        self.server.execute("CREATE TABLE told_before AS SELECT * FROM reminders_weeklysummary")

    def floor(self) -> Sample:
        self.server.execute("TRUNCATE floor_week")
        return cost_of(lambda: self.server.execute(WEEK, self._days), self.server)

    def storing_floor(self) -> Sample:
        self.server.execute("TRUNCATE floor_summary, floor_delivery")
        return cost_of(lambda: self.server.execute(TOLD, self._days), self.server)

    def product(self) -> Sample:
        """Tell the last week of every clinic, in slices, each in a transaction of its own."""
        self.server.execute("TRUNCATE reminders_weeklysummary, reminders_delivery")
        self.server.execute("INSERT INTO reminders_weeklysummary SELECT * FROM told_before")
        self.server.execute(
            "VACUUM (ANALYZE) reminders_weeklysummary, reminders_delivery,"
            " rehab_sessions_patientweek, patients_patient"
        )
        connect(self.database)
        telling = Telling(week=MONDAY, zone_name=ZONE, due_at=DUE)
        return cost_of(lambda: self.make(telling), connection.connection)

    def make(self, telling: Telling) -> None:
        for clinic_id in clinics_of(self.size.crowd):
            after, is_over = None, False
            while not is_over:
                with clinic_context(clinic_id):
                    clinic = Clinic.objects.get(pk=clinic_id)
                    _count, after = make_summaries(
                        clinic=clinic, telling=telling, after=after, now=telling.due_at
                    )
                is_over = after is None

    def compare(self) -> None:
        """Refuse to measure what does not say how it was: all days done, some in part; each told once."""
        told = self.server.execute(
            "SELECT count(*), count(DISTINCT patient_id) FROM reminders_weeklysummary"
            " WHERE week = %s AND (contents ->> 'days_done')::int = 3"
            " AND (contents ->> 'times_done')::int = 3 AND contents ->> 'rule' IN ('all_done', 'each_time')"
            " AND contents ->> 'in_a_row' = %s",
            [MONDAY, f"{3 * self.size.weeks} planned days in a row."],
        ).fetchone()
        mails = self.server.execute("SELECT count(*) FROM reminders_delivery").fetchone()
        floor = self.server.execute("SELECT count(*) FROM floor_delivery").fetchone()
        patients = self.size.patients
        if (told, mails, floor) != ((patients, patients), (patients,), (patients,)):
            raise NotAsPlanned(
                f"{self.size.name}: {told} weeks, {mails} mails, {floor} of the floor"
            )

    @property
    def _days(self) -> dict[str, dt.date]:
        return {"first": MONDAY, "last": MONDAY + 6 * DAY}


def measure(
    groups: Sequence[Sequence[Size]], *, turns: int, url_of: Callable[[str], str],
    say: Callable[[str], None],
) -> tuple[list[Side], list[Finding]]:  # fmt: skip
    sides: dict[str, Side] = {}
    for group in groups:
        with ExitStack() as stack:
            places = []
            for size in group:
                database = f"summaries_{size.patients}_{size.weeks}"
                server = stack.enter_context(filled(database, size, url_of, say))
                places.append(Place(size=size, database=database, server=server))
                places[-1].prepare()
            sides |= _in_turns(places, turns=turns)
    return list(sides.values()), findings(groups, sides)


def name_of(size: Size) -> str:
    return f"weeks told: {size.name}"


def findings(groups: Sequence[Sequence[Size]], sides: dict[str, Side]) -> list[Finding]:
    found = []
    for group in groups:
        for size in group:
            side = sides[name_of(size)]
            found += [
                Finding(
                    what=f"{side.name} ÷ {which}", value=ratio(side, sides[f"{side.name}: {which}"]),
                    unit="×", most=MOST_TIMES_THE_FLOOR,
                )
                for which in ("floor", "storing floor")
            ]  # fmt: skip
        found += [
            Finding(
                what=f"{name_of(longer)} ÷ {group[0].weeks} weeks", unit="×",
                most=MOST_TIMES_SHORT,
                value=ratio(sides[name_of(longer)], sides[name_of(group[0])]),
            )
            for longer in group[1:]
        ]  # fmt: skip
    return found


def _in_turns(places: Sequence[Place], *, turns: int) -> dict[str, Side]:
    samples: dict[str, list[Sample]] = {}
    for number in range(turns + 1):
        for place in places:
            name = name_of(place.size)
            for called, run in (
                (f"{name}: floor", place.floor),
                (f"{name}: storing floor", place.storing_floor),
                (name, place.product),
            ):
                sample = run()
                if number:
                    samples.setdefault(called, []).append(sample)
            if not number:
                place.compare()
    return {name: Side(name=name, samples=tuple(found)) for name, found in samples.items()}
