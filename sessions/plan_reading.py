"""What today's plan is read from: two statements, written as SQL since every phone sends them daily."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from clinics.actors import Actor
from core.calendar import local_date
from core.errors import NotFound
from patients.models import Pause
from sessions.line_history import counted_since, history_sql

_FOLDER = Path(__file__).parent / "sql"
HEAD = (_FOLDER / "plan_head.sql").read_text(encoding="utf-8")
ROWS = (
    (_FOLDER / "plan_rows.sql")
    .read_text(encoding="utf-8")
    .replace("{history}", history_sql("prescribed.line_id"))
)
MOST_PAUSES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Of the patient and their clinic, what a plan depends on."""

    id: UUID
    affected_side: str
    language: str
    time_zone: str
    change_seq: int
    updated_at: dt.datetime
    country: str
    clinic_phone: str
    clinic_updated_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """`safety_block` is the newest block as JSON: its number, content and review status."""

    reader: Reader
    day: dt.date
    is_paused: bool
    is_safety_hold: bool
    safety_block: str


@dataclass(frozen=True, slots=True)
class Prescribed:
    """How much of an exercise and when, as one row says: equal ones are said in equal words."""

    side: str
    measure: str
    sets: int
    repetitions: int | None
    repetitions_max: int | None
    hold_seconds: int | None
    duration_seconds: int | None
    distance_m: int | None
    steps: int | None
    load_kg: Decimal | None
    rest_seconds: int | None
    tempo: str
    device: str
    effort_ceiling: int | None
    schedule: str
    weekdays: int
    times_per_day: int | None
    times_per_week: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """One row in force, the JSON of its exercise's version, and its line's history."""

    id: UUID
    line_id: UUID
    position: int
    note: str
    program: str
    content: str
    history: dict[str, Any]
    prescribed: Prescribed


def read_head(*, who: Actor, on: dt.date | None, now: dt.datetime) -> Head:
    """
    Read whose plan it is, for the day asked or the patient's today. One statement.

    :raises NotFound: no such record for this actor
    """
    values = {
        "patient": who.patient_id, "clinic": who.clinic_id, "about": on or now.date(),
        "most_pauses": MOST_PAUSES,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(HEAD, values)
        found = cursor.fetchone()
    if found is None:
        raise NotFound(_("There is no such record."))
    *known, block, pauses = found
    reader = Reader(**dict(zip(Reader.__dataclass_fields__, known, strict=True)))
    day = on or local_date(now, reader.time_zone)
    covering = [each for each in json.loads(pauses) if _covers(each, day)]
    return Head(
        reader=reader,
        day=day,
        is_paused=bool(covering),
        is_safety_hold=any(each["reason"] == Pause.Reason.SAFETY_HOLD for each in covering),
        safety_block=block,
    )


def read_rows(*, patient_id: UUID, day: dt.date) -> list[PlanRow]:
    """Read the rows whose range holds the day, in the plan's order. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS, [counted_since(day), patient_id, day, day])
        return [_row(found) for found in cursor.fetchall()]


def _row(found: tuple[Any, ...]) -> PlanRow:
    key, line_id, position, note, program, content, history, *prescribed = found
    return PlanRow(
        id=key,
        line_id=line_id,
        position=position,
        note=note,
        program=program,
        content=content,
        history=json.loads(history),
        prescribed=Prescribed(*prescribed),
    )


def _covers(pause: dict[str, Any], day: dt.date) -> bool:
    last = pause["last"]
    return dt.date.fromisoformat(pause["first"]) <= day and (
        last is None or day <= dt.date.fromisoformat(last)
    )
