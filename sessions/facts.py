"""What must be known to judge one session, read in one statement whatever the history holds."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection

from sessions.alert_facts import ALERT_FACTS, AlertFacts, alert_facts
from sessions.goals import GOALS_OF_LINE, GoalFact, goal_fact

DUPLICATE_WINDOW = dt.timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class CheckFact:
    """A check as the exercise version in force defines it."""

    id: str
    right: str
    fix: str
    fault: int | None
    safety: bool
    optional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFact:
    """The row of a line in force on the date: its dose, side and schedule."""

    id: UUID
    side: str
    schedule: str
    sets: int
    repetitions: int | None
    repetitions_max: int | None
    hold_seconds: int | None
    duration_seconds: int | None
    distance_m: int | None
    steps: int | None
    load_kg: Decimal | None
    effort_ceiling: int | None = None

    def prescribes(self, side: str) -> bool:
        """Tell whether a result on that side is part of the row: `each` is two results."""
        return side in ("left", "right") if self.side == "each" else side == self.side


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFact:
    """
    One line of the patient. `row` is None where none is in force on the date.

    `best_before` holds the highest total of any counted result so far, by side that was asked for.
    """

    id: UUID
    measure: str
    name: str
    row: RowFact | None
    checks: tuple[CheckFact, ...]
    best_before: Mapping[str, int]
    goals: tuple[GoalFact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionFact:
    number: int
    content_hash: bytes
    answer: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFact:
    """The session that already has the phone's id, with every version that was kept of it."""

    id: UUID
    status: str
    version: int
    logged_by: UUID
    received_at: dt.datetime
    performed_at: dt.datetime
    claimed_performed_at: dt.datetime
    versions: tuple[VersionFact, ...]

    @property
    def newest(self) -> VersionFact:
        return max(self.versions, key=lambda version: version.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    stored: StoredFact | None
    lines: Mapping[UUID, LineFact] = field(default_factory=dict)
    doubles: tuple[UUID, ...] = ()
    alerts: AlertFacts = field(default_factory=AlertFacts)


READ = """
WITH wanted AS (
    SELECT l.id, l.measure, l.exercise_id, r.row_, COALESCE(r.version_id, x.current_id) AS version_id
    FROM patients_line l
    JOIN programs_exercise x ON x.id = l.exercise_id
    JOIN patients_assignment a ON a.id = l.assignment_id AND a.status <> 'draft'
    LEFT JOIN LATERAL (
        SELECT json_build_array({columns_of_row}) AS row_, p.exercise_version_id AS version_id
        FROM patients_prescribedexercise p
        WHERE p.line_id = l.id AND p.in_force_from <= %(day)s
          AND (p.in_force_until IS NULL OR p.in_force_until > %(day)s)
          AND a.starts_on <= %(day)s AND (a.ends_on IS NULL OR a.ends_on >= %(day)s)
    ) r ON true
    WHERE l.patient_id = %(patient)s AND l.id = ANY (%(lines)s)
)
SELECT
  (SELECT jsonb_build_object(
       'id', s.id, 'status', s.status, 'version', s.version, 'logged_by', s.logged_by_id,
       'received_at', s.received_at, 'performed_at', s.performed_at,
       'claimed_performed_at', s.claimed_performed_at,
       'versions', (SELECT jsonb_agg(jsonb_build_object(
                        'number', v.number, 'hash', encode(v.content_hash, 'hex'),
                        'answer', v.answer))
                    FROM rehab_sessions_sessionversion v WHERE v.session_id = s.id))
   FROM rehab_sessions_exercisesession s
   WHERE s.clinic_id = %(clinic)s AND s.patient_id = %(patient)s AND s.phone_id = %(phone_id)s),
  (SELECT json_agg(json_build_object(
       'id', w.id, 'measure', w.measure, 'row', w.row_, 'name', v.name,
       'checks', (v.content -> 'checks')::text, 'goals', {goals_of_line},
       'best', (SELECT json_object_agg(side, best) FROM (
           SELECT side, (SELECT e.total FROM rehab_sessions_exerciseresult e
                         WHERE e.line_id = w.id AND e.side = sides.side AND e.counts
                           AND e.performed_at < %(performed_at)s
                           AND e.session_id IS DISTINCT FROM %(except)s
                         ORDER BY e.total DESC LIMIT 1) AS best
           FROM unnest(%(sides)s::text[]) AS sides (side)
       ) bests WHERE best IS NOT NULL)))::text
   FROM wanted w
   LEFT JOIN programs_exerciseversion v ON v.id = w.version_id),
  (SELECT array_agg(DISTINCT s.id) FROM rehab_sessions_exercisesession s
   JOIN rehab_sessions_exerciseresult e ON e.session_id = s.id
   WHERE s.patient_id = %(patient)s AND s.status IN ('counted', 'held')
     AND s.performed_at BETWEEN %(earliest)s AND %(latest)s
     AND s.logged_by_id <> %(logged_by)s AND s.phone_id <> %(phone_id)s
     AND e.line_id = ANY (%(lines)s)),
"""
# JSON as text, and a row as a list: PostgreSQL makes them in two thirds of what JSONB takes.
READ = READ.replace("{goals_of_line}", GOALS_OF_LINE).replace(
    "{columns_of_row}", ", ".join(f"p.{name}" for name in RowFact.__dataclass_fields__)
)


def read_facts(
    *,
    clinic_id: UUID,
    patient_id: UUID,
    phone_id: UUID,
    day: dt.date,
    performed_at: dt.datetime,
    lines: Collection[UUID],
    sides: Collection[str],
    logged_by: UUID,
    asked: Mapping[str, Collection[UUID]],
    ignoring: UUID | None = None,
) -> Facts:
    """
    Read what judging needs: the stored session of that id, the lines named with the row in force
    on `day`, earlier bests on those sides (without those of the session `ignoring`), possible doubles,
    and what the alert rules compare with; `asked` are the lines that matter to each (alert_facts.asked_of).

    A line of a draft, or of another patient, is not there.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            READ + ALERT_FACTS,
            {
                "clinic": clinic_id,
                "patient": patient_id,
                "phone_id": phone_id,
                "day": day,
                "lines": list(lines),
                "sides": list(sides),
                "except": ignoring,
                "performed_at": performed_at,
                "earliest": performed_at - DUPLICATE_WINDOW,
                "latest": performed_at + DUPLICATE_WINDOW,
                "logged_by": logged_by,
                **{rule: list(ids) for rule, ids in asked.items()},
            },
        )
        [(stored, lines_found, doubles, alerts)] = cursor.fetchall()
    found = [_line(each) for each in _json(lines_found) or []]
    return Facts(
        stored=_stored(_json(stored)),
        lines={line.id: line for line in found},
        doubles=tuple(doubles or ()),
        alerts=alert_facts(_json(alerts)),
    )


def _json(value: Any) -> Any:
    """A raw cursor gives jsonb as text; parse it, amounts exactly."""
    return json.loads(value, parse_float=Decimal) if isinstance(value, str) else value


def _stored(raw: dict[str, Any] | None) -> StoredFact | None:
    if raw is None:
        return None
    return StoredFact(
        id=UUID(raw["id"]),
        status=raw["status"],
        version=raw["version"],
        logged_by=UUID(raw["logged_by"]),
        received_at=dt.datetime.fromisoformat(raw["received_at"]),
        performed_at=dt.datetime.fromisoformat(raw["performed_at"]),
        claimed_performed_at=dt.datetime.fromisoformat(raw["claimed_performed_at"]),
        versions=tuple(
            VersionFact(
                number=each["number"],
                content_hash=bytes.fromhex(each["hash"]),
                answer=each["answer"],
            )
            for each in raw["versions"]
        ),
    )


def _line(raw: dict[str, Any]) -> LineFact:
    return LineFact(
        id=UUID(raw["id"]),
        measure=raw["measure"],
        name=raw["name"] or "",
        row=_row(raw["row"]) if raw["row"] else None,
        checks=_checks(raw["checks"] or "[]"),
        best_before=raw["best"] or {},
        goals=tuple(goal_fact(each) for each in raw["goals"] or []),
    )


def _row(raw: list[Any]) -> RowFact:
    """Make the row of its columns, in the order of the fields."""
    row = dict(zip(RowFact.__dataclass_fields__, raw, strict=True))
    load = row["load_kg"]
    return RowFact(
        **row | {"id": UUID(row["id"]), "load_kg": None if load is None else Decimal(str(load))}
    )


@lru_cache(maxsize=2048)
def _checks(stored: str) -> tuple[CheckFact, ...]:
    """Read a version's checks from their JSON; the same text is read once."""
    return tuple(_check(each) for each in json.loads(stored))


def _check(raw: dict[str, Any]) -> CheckFact:
    return CheckFact(
        id=raw["id"],
        right=raw["right"],
        fix=raw.get("fix") or "",
        fault=raw.get("fault"),
        safety=bool(raw.get("safety")),
        optional=bool(raw.get("optional")),
    )
