"""The week's adherence of every patient of 20 clinics, against one plain INSERT … SELECT."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection
from psycopg import sql

from benchmarks.cpu import seconds_of
from benchmarks.crowd import Crowd
from benchmarks.figures import Finding, Sample, Side, ratio
from benchmarks.floors import WEEK
from benchmarks.generate import NotAsPlanned, clinics_of, fill
from benchmarks.kept import connect, each_slice, keep_weeks
from core.calendar import WEEK as A_WEEK
from core.calendar import week_start
from sessions.patient_weeks import WeekFigures, figures_of

CLINICS = 20
LINES = 2
TODAY = dt.date(2026, 11, 23)
LAST_WEEK = week_start(TODAY) - A_WEEK
ZONE = "Europe/Lisbon"  # where every generated patient lives
MOST_TIMES_THE_FLOOR = 3.0
MOST_TIMES_SHORT = 1.3
MOST_SECONDS = 10.0


@dataclass(frozen=True, slots=True, order=True)
class Size:
    patients: int
    weeks: int

    @property
    def name(self) -> str:
        return f"{self.patients:,} patients, {self.weeks} weeks"

    @property
    def crowd(self) -> Crowd:
        """Two lines each, one on weekdays and one a quota, both logged three times a week."""
        return Crowd(
            patients=self.patients, clinics=CLINICS, lines=LINES, days=7 * self.weeks, per_day=1,
            today=TODAY, starts_on=TODAY - self.weeks * A_WEEK, quota=True, only_mon_wed_fri=True,
        )  # fmt: skip


# Measured together are those of one tuple.
FULL = (
    (Size(1_000, 12), Size(1_000, 52)),
    (Size(10_000, 12), Size(10_000, 52)),
    (Size(100_000, 12),),
)
LARGE = ((Size(100_000, 12), Size(100_000, 52)),)  # some 30 GB on the disk, and most of an hour
QUICK = ((Size(200, 2), Size(200, 4)),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One size's own database, open to the product as its application and to the floor."""

    size: Size
    database: str
    server: psycopg.Connection[Any]

    def floor(self) -> Sample:
        """Run the one statement; the table it writes is emptied before."""
        self.server.execute("TRUNCATE floor_week")
        days = {"first": LAST_WEEK, "last": LAST_WEEK + dt.timedelta(days=6)}
        return cost_of(lambda: self.server.execute(WEEK, days), self.server)

    def prepare(self) -> None:
        """Keep every week of the history, as the uploads of these sessions would have."""
        clinics = clinics_of(self.size.crowd)
        keep_weeks(self.database, clinics, last=LAST_WEEK, count=self.size.weeks)
        self.vacuum()

    def kept(self) -> Sample:
        """Read the last week of every clinic as it was kept."""
        self._open()
        return cost_of(self.week, connection.connection)

    def anew(self) -> Sample:
        """Work out the last week of every clinic, and keep it, as where no upload kept it."""
        self.server.execute("DELETE FROM rehab_sessions_patientweek WHERE week = %s", [LAST_WEEK])
        self.vacuum()
        self._open()
        try:
            return cost_of(self.week, connection.connection)
        finally:
            self.vacuum()

    def vacuum(self) -> None:
        """Do what autovacuum would do between two turns: it is off, so as not to run within one."""
        self.server.execute("VACUUM (ANALYZE) rehab_sessions_patientweek, patients_patient")

    def week(self, monday: dt.date = LAST_WEEK) -> dict[UUID, WeekFigures]:
        """Return every patient's figures for a week, clinic by clinic, slice by slice."""
        found: dict[UUID, WeekFigures] = {}
        read = partial(figures_of, weeks=[monday])
        for figures in each_slice(clinics_of(self.size.crowd), read):
            found |= {patient_id: of_week for (patient_id, _week), of_week in figures.items()}
        return found

    def _open(self) -> None:
        """Connect as the application, like a worker that has done other work before."""
        connect(self.database)
        self.week(LAST_WEEK - A_WEEK)

    def compare(self) -> None:
        """Refuse to measure two sides that do not say the same."""
        asked = "SELECT patient_id, round(credited * 10), prescribed FROM floor_week"
        floor = {one: (done, most) for one, done, most in self.server.execute(asked).fetchall()}
        product = {
            one: (of_week.credited, of_week.prescribed / of_week.denominator)
            for one, of_week in self.week().items()
        }
        if product != floor:
            raise NotAsPlanned(f"{self.size.name}: the floor and the product differ")


def measure(
    groups: Sequence[Sequence[Size]], *, turns: int, url_of: Callable[[str], str],
    say: Callable[[str], None],
) -> tuple[list[Side], list[Finding]]:  # fmt: skip
    sides: dict[str, Side] = {}
    for group in groups:
        with ExitStack() as stack:
            places = [stack.enter_context(_place(size, url_of, say)) for size in group]
            sides |= _in_turns(places, turns=turns)
    return list(sides.values()), findings(groups, sides)


def kept(size: Size) -> str:
    return size.name


def anew(size: Size) -> str:
    return f"{size.name}, anew"


def findings(groups: Sequence[Sequence[Size]], sides: dict[str, Side]) -> list[Finding]:
    """Weeks as they are kept are held to the target; those worked out anew are told beside them."""
    found = []
    for group in groups:
        for size in group:
            floor = sides[f"{size.name}: floor"]
            found += [
                Finding(
                    what=f"{name} ÷ floor", value=ratio(sides[name], floor), unit="×", most=most
                )
                for name, most in ((kept(size), MOST_TIMES_THE_FLOOR), (anew(size), None))
            ]  # fmt: skip
            if size.patients >= 100_000:
                found += [
                    Finding(
                        what=f"{name}, elapsed", value=sides[name].elapsed, unit="s",
                        most=MOST_SECONDS,
                    )
                    for name in (kept(size), anew(size))
                ]  # fmt: skip
        found += [
            Finding(
                what=f"{of(longer)} ÷ {group[0].weeks} weeks", unit="×", most=MOST_TIMES_SHORT,
                value=ratio(sides[of(longer)], sides[of(group[0])]),
            )
            for longer in group[1:]
            for of in (kept, anew)
        ]  # fmt: skip
    return found


def _in_turns(places: Sequence[Place], *, turns: int) -> dict[str, Side]:
    samples: dict[str, list[Sample]] = {}
    for number in range(turns + 1):
        for place in places:
            for name, run in (
                (f"{place.size.name}: floor", place.floor),
                (kept(place.size), place.kept),
                (anew(place.size), place.anew),
            ):
                sample = run()
                if number:
                    samples.setdefault(name, []).append(sample)
            if not number:
                place.compare()
    return {name: Side(name=name, samples=tuple(found)) for name, found in samples.items()}


def cost_of(work: Callable[[], object], server: psycopg.Connection[Any]) -> Sample:
    """Return what it takes, in this process and in the backend of that connection."""
    backend = server.info.backend_pid
    database = seconds_of([backend])[backend]
    application, started = time.process_time(), time.perf_counter()
    work()
    return Sample(
        calls=1,
        elapsed=time.perf_counter() - started,
        application=time.process_time() - application,
        database=seconds_of([backend])[backend] - database,
    )


@contextmanager
def _place(size: Size, url_of: Callable[[str], str], say: Callable[[str], None]) -> Iterator[Place]:
    database = f"weekly_{size.patients}_{size.weeks}"
    with filled(database, size, url_of, say) as server:
        place = Place(size=size, database=database, server=server)
        say(f"Keeping {size.patients * size.weeks:,} weeks …")
        place.prepare()
        yield place


@contextmanager
def filled(
    database: str, size: Size, url_of: Callable[[str], str], say: Callable[[str], None]
) -> Iterator[psycopg.Connection[Any]]:
    """Make a database with that many patients, and the floor's table, for the length of a block."""
    say(f"Generating {size.crowd.results:,} results of {size.name} …")
    with psycopg.connect(url_of("template1"), autocommit=True) as maker:
        maker.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE catalogue OWNER rehab_owner").format(
                sql.Identifier(database)
            )
        )
        try:
            with psycopg.connect(url_of(database), autocommit=True) as server:
                fill(server, size.crowd)
                server.execute(
                    "CREATE UNLOGGED TABLE floor_week (patient_id uuid, "
                    "credited float8, prescribed bigint)"
                )
                yield server
        finally:
            connection.close()
            maker.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))
