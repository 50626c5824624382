"""Histories of the oracle's making, stored as rows the way the product stores them."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from dataclasses import dataclass, field
from functools import cache
from math import prod

from django.db import connection
from django.db.models import Model

from clinics.models import Clinic, Membership
from core.ids import uuid7
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


@dataclass
class Place:
    """A clinic with a therapist, Rui Costa, and one exercise of its own: to sit and stand."""

    clinic: Clinic
    rui: Membership
    exercise: ExerciseVersion


@dataclass
class Stored:
    patient: Patient
    lines: list[LineModel]


@dataclass
class Batch:
    """Rows that wait to be inserted, in the order in which they refer to each other."""

    assignments: list[Assignment] = field(default_factory=list)
    lines: list[LineModel] = field(default_factory=list)
    rows: list[PrescribedExercise] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    sessions: list[dict[str, object]] = field(default_factory=list)
    results: list[dict[str, object]] = field(default_factory=list)
    checks: list[SafetyCheck] = field(default_factory=list)

    def insert(self) -> None:
        for models in (self.assignments, self.lines, self.rows, self.pauses):
            if models:
                _insert(type(models[0]), [values_of(each) for each in models])
        _insert(ExerciseSession, self.sessions)
        _insert(ExerciseResult, self.results)
        _insert(SafetyCheck, [values_of(each) for each in self.checks])


def values_of(row: Model) -> dict[str, object]:
    return {
        one.column: _plain(one.pre_save(row, add=True)) for one in row._meta.local_concrete_fields
    }


@cache
def _defaults(model: type[Model]) -> dict[str, object]:
    return values_of(model())


def _new(model: type[Model], **values: object) -> dict[str, object]:
    """Return a row by column; making tens of thousands of models would cost seconds here."""
    return {**_defaults(model), "id": uuid7(), **values}


def _insert(model: type[Model], values: list[dict[str, object]]) -> None:
    """Insert with one parameter, however many: binding each value costs seconds here."""
    if not values:
        return
    table = model._meta.db_table
    columns = ", ".join(f'"{column}"' for column in values[0])
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {columns}"
            f" FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb)",
            [json.dumps(values, default=str)],
        )


def _plain(value: object) -> object:
    return rf"\x{value.hex()}" if isinstance(value, bytes) else value


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
    batch = [
        Patient(
            clinic=where.clinic, name=f"Ana Silva {number}", affected_side="left",
            date_of_birth=dt.date(1958, 4, 17), medical_record_number=uuid.uuid4().hex,
            **{"time_zone": where.clinic.time_zone} | patient,
        )
        for number in range(len(histories))
    ]  # fmt: skip
    Patient.objects.bulk_create(batch)
    return store_all(where, list(zip(batch, histories, strict=True)))


def store_all(where: Place, histories: list[tuple[Patient, History]]) -> list[Stored]:
    batch = Batch()
    stored = []
    for ana, history in histories:
        owned = {"clinic_id": where.clinic.pk, "patient_id": ana.pk}
        programs: dict[tuple, Assignment] = {}
        lines = [_line(where, owned, line, batch, programs) for line in history.lines]
        rows = [
            {row: _row(where, owned, model, row, batch) for row in line.rows}
            for model, line in zip(lines, history.lines, strict=True)
        ]
        for pause in history.pauses:
            batch.pauses.append(
                Pause(
                    **owned, starts_on=pause.first, ends_on=pause.last, reason=pause.reason,
                    made_at=LONG_AGO,
                )
            )  # fmt: skip
        for number, session in enumerate(history.sessions):
            _session(
                where, session, batch, owned=owned, number=number, history=history,
                lines=lines, rows=rows,
            )  # fmt: skip
        for check in history.checks:
            at = dt.datetime.combine(check.on, NOON)
            batch.checks.append(
                SafetyCheck(
                    **owned, phone_id=uuid.uuid4(), checked_at=at, checked_on=check.on,
                    received_at=at, answers={}, has_red_flag=check.red_flag,
                    logged_by=where.rui.user, logged_as="therapist",
                    content_hash=bytes(32), answer={},
                )
            )  # fmt: skip
        stored.append(Stored(ana, lines))
    batch.insert()
    return stored


def _line(
    where: Place, owned: dict, line: Line, batch: Batch, programs: dict[tuple, Assignment]
) -> LineModel:
    """Make a line; those with equal dates and state share an assignment."""
    key = (line.starts_on, line.ends_on, line.state)
    if key not in programs:
        programs[key] = _assignment(where, owned, line)
        batch.assignments.append(programs[key])
    model = LineModel(
        **owned, assignment=programs[key], exercise=where.exercise.exercise,
        measure=line.measure, position=len(batch.lines) + 1,
    )  # fmt: skip
    batch.lines.append(model)
    return model


def _assignment(where: Place, owned: dict, line: Line) -> Assignment:
    was_active = line.state in {"active", "ended"}
    return Assignment(
        **owned, therapist=where.rui, title="At home", starts_on=line.starts_on,
        ends_on=line.ends_on, status="ended" if line.state == "discarded" else line.state,
        drafted_at=LONG_AGO, activated_at=LONG_AGO if was_active else None,
        screened_at=LONG_AGO if was_active else None,
        screened_by=where.rui.user if was_active else None,
        screening={} if was_active else None,
    )  # fmt: skip


def _row(where: Place, owned: dict, line: LineModel, row: Row, batch: Batch) -> PrescribedExercise:
    model = PrescribedExercise(
        **owned, line=line, exercise_version=where.exercise, in_force_from=row.first,
        in_force_until=row.until, side=row.side, measure=line.measure, sets=row.sets,
        schedule=row.schedule, weekdays=weekday_bits(list(row.weekdays)),
        times_per_day=row.per_day or None, times_per_week=row.per_week or None,
        prescribed_by=where.rui.user, prescribed_at=LONG_AGO,
        **dict(zip(MEASURE_FIELDS[line.measure], row.targets, strict=True)),
    )  # fmt: skip
    batch.rows.append(model)
    return model


def _session(
    where: Place, session: Session, batch: Batch, *, owned: dict, number: int,
    history: History, lines: list[LineModel], rows: list[dict[Row, PrescribedExercise]],
) -> None:  # fmt: skip
    at = dt.datetime.combine(session.on, NOON) + dt.timedelta(minutes=number)
    made = _new(
        ExerciseSession, **owned, phone_id=uuid.uuid4(), status=session.status, performed_at=at,
        performed_on=session.on, claimed_performed_at=at, received_at=at,
        logged_by_id=where.rui.user_id, logged_as="therapist", has_red_flag=session.red_flag,
        withdrawn_at=at if session.status == "withdrawn" else None,
    )  # fmt: skip
    batch.sessions.append(made)
    for result in session.results:
        of_line = history.lines[result.line]
        row = row_in_force(of_line, session.on)
        batch.results.append(
            _new(
                ExerciseResult, **owned, session_id=made["id"], line_id=lines[result.line].pk,
                performed_on=session.on,
                performed_at=at, counts=session.status == "counted", side=result.side,
                set_count=len(result.sets), asks_to_stop=result.asks_to_stop,
                total=sum(prod(each) for each in result.sets),
                prescribed_exercise_id=rows[result.line][row].pk if row else None,
                **_amounts(of_line.measure, result), **_credit(row, result),
            )
        )  # fmt: skip


def _amounts(measure: str, result: Result) -> dict[str, list[int]]:
    names = MEASURE_FIELDS[measure]
    return {name: [each[place] for each in result.sets] for place, name in enumerate(names)}


def _credit(row: Row | None, result: Result) -> dict[str, object]:
    if row is None or result.side not in row.sides:
        return {"is_off_plan": True, "credit_numerator": None, "credit_denominator": None}
    if row.schedule == "as_needed":
        return {"is_off_plan": False, "credit_numerator": None, "credit_denominator": None}
    earned = sum(
        prod(min(value, target) for value, target in zip(each, row.targets, strict=True))
        for each in result.sets
    )
    return {
        "is_off_plan": False,
        "credit_numerator": earned,
        "credit_denominator": prod(row.targets),
    }
