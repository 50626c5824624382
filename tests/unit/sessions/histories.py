"""Histories of the oracle's making, stored as rows the way the product stores them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from math import prod
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import Model

from clinics.models import Clinic, Membership
from core.ids import uuid7, uuid7_texts
from core.tenancy import clinic_context, set_clinic
from patients.models import Assignment, Patient, Pause, PrescribedExercise
from patients.models import Line as LineModel
from programs.dose import MEASURE_FIELDS, weekday_bits
from programs.models import Exercise, ExerciseVersion
from sessions.models import ExerciseResult, ExerciseSession, SafetyCheck
from tests.factories import people
from tests.unit.sessions.oracle import History, Line, Result, Row, Session, row_in_force

NOON = dt.time(12, 0, tzinfo=dt.UTC)
LONG_AGO = dt.datetime(2026, 1, 5, 9, 0, tzinfo=dt.UTC)
NO_HASH = rf"\x{bytes(32).hex()}"
NO_TARGETS = {name: None for names in MEASURE_FIELDS.values() for name in names}
Values = dict[str, object]
Sets = tuple[tuple[int, ...], ...]


@dataclass
class Place:
    """A clinic with a therapist, Rui Costa, and one exercise of its own: to sit and stand."""

    clinic: Clinic
    rui: Membership
    exercise: ExerciseVersion


@dataclass(frozen=True)
class StoredLine:
    pk: UUID


@dataclass
class Stored:
    patient: Patient
    lines: list[StoredLine]


def _keys() -> Iterator[str]:
    while True:
        yield from uuid7_texts(100)


@dataclass
class Batch:
    """
    Rows that wait to be inserted, in the order in which they refer to each other.

    Each holds what differs, by column; making tens of thousands of models would cost seconds here.
    """

    where: Place
    keys: Iterator[str] = field(default_factory=_keys)
    assignments: list[Values] = field(default_factory=list)
    lines: list[Values] = field(default_factory=list)
    rows: list[Values] = field(default_factory=list)
    pauses: list[Values] = field(default_factory=list)
    sessions: list[Values] = field(default_factory=list)
    results: list[Values] = field(default_factory=list)
    checks: list[Values] = field(default_factory=list)

    def insert(self) -> None:
        exercise, rui = self.where.exercise, self.where.rui
        here = {"clinic_id": self.where.clinic.pk}
        logged = here | {"logged_by_id": rui.user_id, "logged_as": "therapist"}
        drafted = {"therapist_id": rui.pk, "title": "At home", "drafted_at": LONG_AGO}
        prescribed = {"prescribed_by_id": rui.user_id, "prescribed_at": LONG_AGO}
        checked = {"answers": {}, "content_hash": NO_HASH, "answer": {}}
        _insert(Assignment, self.assignments, here | drafted)
        _insert(LineModel, self.lines, here | {"exercise_id": exercise.exercise_id})
        _insert(
            PrescribedExercise, self.rows, here | prescribed | {"exercise_version_id": exercise.pk}
        )
        _insert(Pause, self.pauses, here | {"made_at": LONG_AGO})
        _insert(ExerciseSession, self.sessions, logged)
        _insert(ExerciseResult, self.results, here)
        _insert(SafetyCheck, self.checks, logged | checked)


@cache
def _defaults(model: type[Model]) -> Values:
    row = model()
    return {one.column: one.pre_save(row, add=True) for one in row._meta.local_concrete_fields}


@cache
def _types(model: type[Model]) -> dict[str, str]:
    fields = model._meta.local_concrete_fields
    return {str(one.column): str(one.db_type(connection)) for one in fields}


def _insert(model: type[Model], rows: list[Values], alike: Values) -> None:
    """
    Insert with two parameters, however many: binding each value costs seconds here.

    `alike` are columns that are the same in all rows; what is in neither has the model's default.
    """
    if not rows:
        return
    table, types = model._meta.db_table, _types(model)
    given = {name: f'row."{name}"' for name in rows[0]}
    shape = ", ".join(f'"{name}" {types[name]}' for name in given)
    given |= {name: f'same."{name}"' for name in types if name not in given}
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(given)}) SELECT {', '.join(given.values())}"
            f" FROM json_to_recordset(%s::json) AS row ({shape}),"
            f" jsonb_populate_record(NULL::{table}, %s::jsonb) AS same",
            [
                msgspec.json.encode(rows).decode(),
                msgspec.json.encode(_defaults(model) | alike).decode(),
            ],
        )


def place(name: str = "Harbour Clinic") -> Place:
    """Make a clinic, and stay in its context until the test ends."""
    clinic = people.clinic(name)
    rui = people.therapist(clinic)
    with clinic_context(clinic.pk):
        exercise = Exercise.objects.create(clinic=clinic, slug="sit-to-stand")
        version = ExerciseVersion.objects.create(
            clinic=clinic, exercise=exercise, number=1, published_at=LONG_AGO,
            review_status="draft", name="Sit to stand", category="strengthening", level=1,
            helper="none", position="sitting", laterality="both",
            measures=list(MEASURE_FIELDS), content={}, content_hash=bytes(32),
        )  # fmt: skip
    set_clinic(clinic.pk)
    return Place(clinic, rui, version)


def store(where: Place, history: History, name: str = "Ana Silva", **patient: str) -> Stored:
    """Store one history as the record of a new patient."""
    ana = people.patient(where.clinic, name, email=None, **patient)
    [stored] = store_all(where, [(ana, history)])
    return stored


def store_many(where: Place, histories: list[History], **patient: str) -> list[Stored]:
    """Store each history as the record of a patient of its own, in few statements."""
    alike = {
        "clinic_id": where.clinic.pk, "affected_side": "left", "status": "active",
        "date_of_birth": dt.date(1958, 4, 17), "time_zone": where.clinic.time_zone,
    } | patient  # fmt: skip
    own = [
        {"id": uuid7(), "name": f"Ana Silva {place}", "medical_record_number": number}
        for place, number in enumerate(uuid7_texts(len(histories)))
    ]
    _insert(Patient, own, alike)
    batch = [Patient(**alike, **each) for each in own]
    return store_all(where, list(zip(batch, histories, strict=True)))


def store_all(where: Place, histories: list[tuple[Patient, History]]) -> list[Stored]:
    batch = Batch(where)
    stored = [Stored(ana, _add(batch, history, ana.pk)) for ana, history in histories]
    batch.insert()
    return stored


def _add(batch: Batch, history: History, patient_id: UUID) -> list[StoredLine]:
    """Add one patient's rows to the batch, and return their lines."""
    programs: dict[tuple, str] = {}
    lines = [_line(batch, patient_id, line, programs) for line in history.lines]
    rows = {
        id(row): _row(batch, patient_id, key, line, row)
        for key, line in zip(lines, history.lines, strict=True)
        for row in line.rows
    }
    for pause in history.pauses:
        batch.pauses.append({
            "id": next(batch.keys), "patient_id": patient_id, "starts_on": pause.first,
            "ends_on": pause.last, "reason": pause.reason,
        })  # fmt: skip
    for number, session in enumerate(history.sessions):
        at = dt.datetime.combine(session.on, NOON) + dt.timedelta(minutes=number)
        made = _session(batch, patient_id, session, at)
        for result in session.results:
            line = history.lines[result.line]
            row = row_in_force(line, session.on)
            batch.results.append({
                **made, "id": next(batch.keys), "line_id": lines[result.line],
                "prescribed_exercise_id": rows[id(row)] if row else None,
                **_amounts(line.measure, result.sets), **_credit(row, result),
                "side": result.side, "asks_to_stop": result.asks_to_stop,
            })  # fmt: skip
    for check in history.checks:
        at = dt.datetime.combine(check.on, NOON)
        batch.checks.append({
            "id": next(batch.keys), "patient_id": patient_id, "phone_id": next(batch.keys),
            "checked_at": at, "checked_on": check.on, "received_at": at,
            "has_red_flag": check.red_flag,
        })  # fmt: skip
    return [StoredLine(UUID(key)) for key in lines]


def _line(batch: Batch, patient_id: UUID, line: Line, programs: dict[tuple, str]) -> str:
    """Add a line; those with equal dates and state share an assignment."""
    program = (line.starts_on, line.ends_on, line.state)
    if program not in programs:
        programs[program] = _assignment(batch, patient_id, line)
    key = next(batch.keys)
    batch.lines.append({
        "id": key, "patient_id": patient_id, "assignment_id": programs[program],
        "measure": line.measure, "position": len(batch.lines) + 1,
    })  # fmt: skip
    return key


def _assignment(batch: Batch, patient_id: UUID, line: Line) -> str:
    was_active = line.state in {"active", "ended"}
    key = next(batch.keys)
    batch.assignments.append({
        "id": key, "patient_id": patient_id, "starts_on": line.starts_on, "ends_on": line.ends_on,
        "status": "ended" if line.state == "discarded" else line.state,
        "activated_at": LONG_AGO if was_active else None,
        "screened_at": LONG_AGO if was_active else None,
        "screened_by_id": batch.where.rui.user_id if was_active else None,
        "screening": {} if was_active else None,
    })  # fmt: skip
    return key


def _row(batch: Batch, patient_id: UUID, line_id: str, line: Line, row: Row) -> str:
    key = next(batch.keys)
    batch.rows.append({
        "id": key, "patient_id": patient_id, "line_id": line_id, "in_force_from": row.first,
        "in_force_until": row.until, "side": row.side, "measure": line.measure, "sets": row.sets,
        "schedule": row.schedule, "weekdays": weekday_bits(list(row.weekdays)),
        "times_per_day": row.per_day or None, "times_per_week": row.per_week or None,
        **NO_TARGETS, **dict(zip(MEASURE_FIELDS[line.measure], row.targets, strict=True)),
    })  # fmt: skip
    return key


def _session(batch: Batch, patient_id: UUID, session: Session, at: dt.datetime) -> Values:
    """Add a session, and return what its results have of it."""
    key = next(batch.keys)
    batch.sessions.append({
        "id": key, "patient_id": patient_id, "phone_id": next(batch.keys),
        "status": session.status, "performed_at": at, "performed_on": session.on,
        "claimed_performed_at": at, "received_at": at, "has_red_flag": session.red_flag,
        "withdrawn_at": at if session.status == "withdrawn" else None,
    })  # fmt: skip
    return {
        "session_id": key, "patient_id": patient_id, "performed_at": at,
        "performed_on": session.on, "counts": session.status == "counted",
    }  # fmt: skip


@lru_cache(maxsize=4096)
def _amounts(measure: str, sets: Sets) -> Values:
    logged: Values = {
        name: [each[place] for each in sets] for place, name in enumerate(MEASURE_FIELDS[measure])
    }
    totals = {"set_count": len(sets), "total": sum(prod(each) for each in sets)}
    return {name: [] for name in NO_TARGETS} | logged | totals


def _credit(row: Row | None, result: Result) -> Values:
    if row is None or result.side not in row.sides:
        return {"is_off_plan": True, "credit_numerator": None, "credit_denominator": None}
    if row.schedule == "as_needed":
        return {"is_off_plan": False, "credit_numerator": None, "credit_denominator": None}
    return {
        "is_off_plan": False,
        "credit_numerator": _earned(row.targets, result.sets),
        "credit_denominator": prod(row.targets),
    }


@lru_cache(maxsize=4096)
def _earned(targets: tuple[int, ...], sets: Sets) -> int:
    return sum(
        prod(min(value, target) for value, target in zip(each, targets, strict=True))
        for each in sets
    )
