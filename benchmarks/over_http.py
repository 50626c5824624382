"""Uploads, plans and the token check over HTTP, with no history and with 100,000 logged sets."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from django.db import connection

from benchmarks.crowd import Crowd
from benchmarks.figures import Finding, Side, difference, ratio
from benchmarks.floors import TABLES
from benchmarks.generate import clinics_of, fill
from benchmarks.inserts import id_of, insert, key
from benchmarks.kept import keep_weeks
from benchmarks.rows import PATIENTS_LOGIN, SETS
from benchmarks.web import Call, Contender, Web, in_turns, web_server
from clinics.models import Device, User
from core.calendar import WEEK, week_start
from patients.models import Line, Patient

EXERCISES = 6
PATIENTS = 8
DAYS_BACK = 28
CHECKS = {"heel-down": "yes"}
MOST = {"upload": 4.0, "plan": 1.5, "history": 1.2, "token": 0.8}


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many sets a patient with a history has logged, and how much is measured."""

    sets: int
    turns: int
    calls: int

    @property
    def fresh(self) -> int:
        """So many patients without a history that each logs but one session, the first turn's too."""
        return self.calls * (self.turns + 1)


FULL = Size(sets=100_000, turns=9, calls=120)
QUICK = Size(sets=1_000, turns=2, calls=16)


def crowds(size: Size, today: dt.date) -> tuple[Crowd, Crowd]:
    """Patients of one clinic without a history, and of another with one: 3 sessions a day."""
    days = -(-size.sets * 10 // (9 * 3 * EXERCISES * SETS))
    fresh = Crowd(
        patients=size.fresh, clinics=1, lines=EXERCISES, days=0, per_day=3, today=today,
        starts_on=today - dt.timedelta(days=DAYS_BACK + 7), quota=False, only_mon_wed_fri=False,
    )  # fmt: skip
    long = Crowd(
        patients=PATIENTS, clinics=1, lines=EXERCISES, days=days, per_day=3, today=today,
        starts_on=today - dt.timedelta(days=days), quota=False, only_mon_wed_fri=False,
        first=size.fresh,
    )  # fmt: skip
    return fresh, long


def measure(
    size: Size, *, server: psycopg.Connection[Any], app_url: str, floor_url: str, now: dt.datetime,
    log: Path,
) -> tuple[list[Side], list[Finding]]:  # fmt: skip
    """Measure all of it on the catalogue's own database."""
    fresh, long = crowds(size, now.date())
    last_week = week_start(now.date()) - WEEK
    for crowd in (fresh, long):
        fill(server, crowd)
        weeks = (last_week - week_start(crowd.starts_on)).days // 7 + 1
        database = connection.settings_dict["NAME"]
        keep_weeks(database, clinics_of(crowd), last=last_week, count=weeks)
    server.execute("VACUUM (ANALYZE) rehab_sessions_patientweek, patients_patient")
    server.execute(TABLES)
    server.execute(_devices(fresh.patients + long.patients))
    with ExitStack() as stack:
        product = stack.enter_context(
            web_server("product", settings="benchmarks.settings", database_url=app_url, log=log)
        )
        floor = stack.enter_context(
            web_server(
                "floor", settings="benchmarks.floor_settings", database_url=floor_url, log=log
            )
        )
        sides = in_turns(contenders(product, floor, size, now=now), turns=size.turns, server=server)
    return list(sides.values()), findings(sides)


def contenders(product: Web, floor: Web, size: Size, *, now: dt.datetime) -> list[Contender]:
    """Every side, in the order in which they take turns: each beside its floor."""
    fresh = range(1, size.fresh + 1)
    long = range(size.fresh + 1, size.fresh + PATIENTS + 1)
    made: list[Contender] = []

    def add(name: str, web: Web, one: Callable[[int], Call], patients: range) -> None:
        whose = itertools.cycle(patients)
        made.append(
            Contender(
                name=name,
                web=web,
                calls=lambda _turn: [one(next(whose)) for _ in range(size.calls)],
            )
        )

    uploads, floor_uploads = Uploads(now), Uploads(now)
    day = now.date().isoformat()
    add("upload: floor", floor, floor_uploads.to_the_floor, fresh)
    add("upload: no history", product, uploads.to_the_product, fresh)
    add("upload: history", product, uploads.to_the_product, long)
    add("plan: floor", floor, lambda n: _get(f"/floor/plan/{id_of(Patient, n)}/{day}"), fresh)
    add("plan: no history", product, lambda n: _get("/api/v1/me/plan", n), fresh)
    add("plan: history", product, lambda n: _get("/api/v1/me/plan", n), long)
    made.append(_unchanged("plan: 304", product, fresh, size.calls))
    made.append(_unchanged("plan: 304, history", product, long, size.calls))
    add("token: nobody asked", product, lambda n: _get("/benchmark/open"), fresh)
    add("token: checked", product, lambda n: _get("/benchmark/identified", n), fresh)
    return made


def findings(sides: dict[str, Side]) -> list[Finding]:
    def times(what: str, name: str, other: str, most: float | None) -> Finding:
        return Finding(what=what, value=ratio(sides[name], sides[other]), unit="×", most=most)

    return [
        times("upload ÷ floor", "upload: no history", "upload: floor", MOST["upload"]),
        times("upload with history ÷ without", "upload: history", "upload: no history",
              MOST["history"]),
        times("plan ÷ floor", "plan: no history", "plan: floor", MOST["plan"]),
        times("plan with history ÷ without", "plan: history", "plan: no history",
              MOST["history"]),
        times("plan not changed (304) ÷ plan", "plan: 304", "plan: no history", None),
        times("304 with history ÷ without", "plan: 304, history", "plan: 304", MOST["history"]),
        Finding(
            what="token check", unit="ms", most=MOST["token"],
            value=difference(sides["token: checked"], sides["token: nobody asked"]),
        ),
    ]  # fmt: skip


class Uploads:
    """Sessions of 6 results and 18 sets, 1.9 KB each, spread over the last four weeks."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now
        self.numbers = itertools.count()

    def to_the_product(self, patient: int) -> Call:
        body = self._session(patient)
        return Call(
            method="POST", path="/api/v1/me/sessions", status=201, body=body,
            headers=authorized(patient),
        )  # fmt: skip

    def to_the_floor(self, patient: int) -> Call:
        path = f"/floor/sessions/{id_of(Patient, patient)}"
        return Call(method="POST", path=path, status=201, body=self._session(patient))

    def _session(self, patient: int) -> bytes:
        number = next(self.numbers)
        at = self.now - dt.timedelta(days=1 + number // PATIENTS % DAYS_BACK, minutes=number % 600)
        return session(patient, at=at, sent_at=self.now)


def session(patient: int, *, at: dt.datetime, sent_at: dt.datetime) -> bytes:
    """Return the JSON of one session on all of a patient's lines."""
    return json.dumps(
        {
            "id": str(uuid4()),
            "performed_at": at.isoformat(timespec="seconds"),
            "sent_at": sent_at.isoformat(timespec="seconds"),
            "duration_seconds": 1260,
            "effort": 4,
            "pain_before": 1,
            "pain_after": 2,
            "symptoms": [],
            "help": "independent",
            "note": "Went well, a little tired at the end. Sat down twice.",
            "results": [
                {
                    "line": str(id_of(Line, patient * EXERCISES + place)),
                    "side": "both",
                    "sets": [{"repetitions": 10}] * SETS,
                    "checks": CHECKS,
                    "difficulty": "just_right",
                    "pain": 1,
                }
                for place in range(EXERCISES)
            ],
        }
    ).encode()


def authorized(patient: int) -> dict[str, str]:
    return {"Authorization": f"Bearer {_token(str(patient))}"}


def _token(number: str) -> str:
    return f"token-of-a-benchmark-{number}"


def _devices(patients: int) -> Any:
    """One signed-in phone for each patient."""
    return insert(
        Device,
        {
            "id": "gen_random_uuid()", "user_id": key(User, PATIENTS_LOGIN), "name": "'Phone'",
            "token_hash": f"sha256(('{_token('')}' || n)::bytea)", "epoch": str(User._meta.get_field("token_epoch").get_default()),
            "signed_in_at": "now()", "last_seen_on": "now()::date + 1",
            "ends_at": "now() + interval '90 days'",
        },
        f"generate_series(1, {patients}) AS n",
    )  # fmt: skip


def _get(path: str, patient: int | None = None) -> Call:
    headers = {} if patient is None else authorized(patient)
    return Call(method="GET", path=path, status=200, headers=headers)


def _unchanged(name: str, product: Web, patients: range, calls: int) -> Contender:
    """Ask again for plans that did not change: their tags are asked for before each turn."""

    def made(_turn: int) -> list[Call]:
        seen = {n: product.tag(_get("/api/v1/me/plan", n)) for n in patients}
        tagged = [
            Call(
                method="GET", path="/api/v1/me/plan", status=304,
                headers=authorized(n) | {"If-None-Match": seen[n]},
            )
            for n in patients
        ]  # fmt: skip
        return list(itertools.islice(itertools.cycle(tagged), calls))

    return Contender(name=name, web=product, calls=made)
