"""
What the alert rules need to know of what was said before, and which alerts are open.

It is one column of the statement that judges a session (`sessions.facts`), each part found by an
index, and asked line by line only for what this session says of the line.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

from sessions.alert_rules import (
    SKIPPED_FOR_PAIN,
    TOO_EASY,
    TOO_HARD,
    UNSURE,
    Earlier,
    Previous,
    ResultSaid,
    met_on_line,
)
from sessions.bodies import SessionFacts
from sessions.thresholds import DEFAULTS, LIMITS, Thresholds, thresholds_of

SIDES = 4
MOST_SKIPPED = SIDES * (LIMITS["skipped_for_pain_sessions"].most - 1)
MOST_SAID = SIDES * (LIMITS["suggestion_sessions"].most - 1)
ASKED = (SKIPPED_FOR_PAIN, TOO_EASY, UNSURE)

OPEN = """
    (SELECT jsonb_agg(jsonb_build_object('id', a.id, 'rule', a.rule, 'line', a.line_id,
                                         'severity', a.severity, 'status', a.status))
     FROM rehab_sessions_alert a
     WHERE a.patient_id = %(patient)s AND a.status IN ('open', 'acknowledged'))
"""
HEARD = """
    (SELECT jsonb_agg(jsonb_build_object('rule', a.rule, 'line', a.line_id, 'severity', o.severity))
     FROM rehab_sessions_alertoccurrence o JOIN rehab_sessions_alert a ON a.id = o.alert_id
     WHERE o.session_id = %(except)s)
"""
THRESHOLDS = """
    (SELECT to_jsonb(t) FROM rehab_sessions_alertthresholds t
     WHERE t.clinic_id = %(clinic)s ORDER BY t.number DESC LIMIT 1)
"""
# Whom a grave alert is told to: the patient's care team, and who is on call for the clinic.
TEAM = """
    (SELECT jsonb_agg(m.user_id ORDER BY c.id) FROM patients_careteammembership c
     JOIN clinics_membership m ON m.id = c.membership_id AND m.deactivated_at IS NULL
     JOIN clinics_user u ON u.id = m.user_id AND u.is_active
     WHERE c.patient_id = %(patient)s)
"""
ON_CALL = """
    (SELECT jsonb_build_object('address', k.on_call_contact, 'admins', (
         SELECT jsonb_agg(DISTINCT m.user_id) FROM clinics_membership m
         JOIN clinics_user u ON u.id = m.user_id AND u.is_active
         WHERE m.clinic_id = k.id AND m.role = 'admin' AND m.deactivated_at IS NULL))
     FROM clinics_clinic k WHERE k.id = %(clinic)s)
"""


def _earlier(lines: str, *, answered: str, most: int) -> str:
    """The newest earlier results of each line that counted and answered, those of one session together."""
    return f"""
    (SELECT jsonb_agg(jsonb_build_object(
         'line', asked.line, 'session', said.session_id, 'skipped', said.skipped,
         'difficulty', said.difficulty, 'checks', said.checks, 'complete',
         COALESCE(said.credit_numerator >= said.credit_denominator * p.sets, false))
         ORDER BY said.performed_at DESC, said.session_id)
     FROM unnest(%({lines})s::uuid[]) AS asked (line)
     CROSS JOIN LATERAL (
         SELECT e.session_id, e.performed_at, e.skipped, e.difficulty, e.checks,
                e.credit_numerator, e.credit_denominator, e.prescribed_exercise_id
         FROM rehab_sessions_exerciseresult e
         WHERE e.line_id = asked.line AND e.counts {answered}
           AND e.performed_at < %(performed_at)s AND e.session_id IS DISTINCT FROM %(except)s
         ORDER BY e.performed_at DESC LIMIT {most}
     ) said
     LEFT JOIN patients_prescribedexercise p ON p.id = said.prescribed_exercise_id)"""  # noqa: S608  the parts are constants of this module


ALERT_FACTS = f"""
  jsonb_build_object(
    'thresholds', {THRESHOLDS}, 'open', {OPEN}, 'team', {TEAM}, 'on_call', {ON_CALL},
    'heard', {HEARD},
    'pain_after',
    (SELECT s.pain_after FROM rehab_sessions_exercisesession s
     WHERE s.patient_id = %(patient)s AND s.status = 'counted' AND s.pain_after IS NOT NULL
       AND s.performed_at < %(performed_at)s AND s.id IS DISTINCT FROM %(except)s
     ORDER BY s.performed_at DESC LIMIT 1),
    '{SKIPPED_FOR_PAIN}', {_earlier(SKIPPED_FOR_PAIN, answered="", most=MOST_SKIPPED)},
    '{TOO_EASY}',
    {_earlier(TOO_EASY, answered="AND NOT e.difficulty = ''", most=MOST_SAID)},
    '{UNSURE}',
    {_earlier(UNSURE, answered="AND NOT e.checks = '{}'", most=MOST_SAID)})
"""  # noqa: S608  the parts are constants of this module
# Without a session: what a safety check needs to raise its symptoms.
STANDING = f"""
SELECT patient.id, jsonb_build_object(
    'thresholds', {THRESHOLDS}, 'open', {OPEN}, 'team', {TEAM}, 'on_call', {ON_CALL})
FROM patients_patient AS patient
WHERE patient.clinic_id = %(clinic)s AND patient.id = ANY (%(patients)s::uuid[])
""".replace("%(patient)s", "patient.id")  # noqa: S608  the parts are constants of this module


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAlert:
    """An alert that is not resolved."""

    id: UUID
    severity: str
    status: str


AlertKey = tuple[str, UUID | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCall:
    """Who is on call for a clinic: an address, or where none is set its administrators."""

    address: str = ""
    admins: Sequence[UUID] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFacts:
    """
    The clinic's thresholds, what was said before, and which alerts stand, by rule and line.

    `heard` holds the gravest severity at which earlier versions of the session met a rule.
    """

    thresholds: Thresholds = DEFAULTS
    previous: Previous = field(default_factory=Previous)
    open: Mapping[AlertKey, OpenAlert] = field(default_factory=dict)
    heard: Mapping[AlertKey, Collection[str]] = field(default_factory=dict)
    team: Sequence[UUID] = ()
    on_call: OnCall = field(default_factory=OnCall)


def on_call(raw: Mapping[str, Any] | None) -> OnCall:
    """Make a clinic's on-call contact as it was read by ON_CALL."""
    if raw is None:
        return OnCall()
    return OnCall(address=raw["address"], admins=[UUID(each) for each in raw["admins"] or ()])


def asked_of(content: SessionFacts) -> dict[str, list[UUID]]:
    """Return, by rule, the lines whose earlier sessions matter to what this session says of them."""
    asked: dict[str, set[UUID]] = {rule: set() for rule in ASKED}
    for each in content.results:
        if each.skipped == "pain":
            asked[SKIPPED_FOR_PAIN].add(each.line)
        if each.difficulty in (TOO_EASY, TOO_HARD):
            asked[TOO_EASY].add(each.line)
        if UNSURE in each.checks.values():
            asked[UNSURE].add(each.line)
    return {rule: list(lines) for rule, lines in asked.items()}


def read_standing(*, clinic_id: UUID, patient_id: UUID) -> AlertFacts:
    """Read the thresholds and the alerts that stand, where no session is looked at."""
    return read_standing_of(clinic_id=clinic_id, patient_ids=[patient_id])[patient_id]


def read_standing_of(*, clinic_id: UUID, patient_ids: Iterable[UUID]) -> dict[UUID, AlertFacts]:
    """Read the same for many patients, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(STANDING, {"clinic": clinic_id, "patients": list(patient_ids)})
        return {key: alert_facts(parsed(raw)) for key, raw in cursor.fetchall()}


def read_thresholds(clinic_id: UUID) -> Thresholds:
    """Read a clinic's numbers."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {THRESHOLDS}", {"clinic": clinic_id})
        [raw] = cursor.fetchone() or [None]
    return thresholds_of(parsed(raw))


def read_on_call(clinic_id: UUID) -> OnCall:
    """Read who is on call for a clinic."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {ON_CALL}", {"clinic": clinic_id})
        [raw] = cursor.fetchone() or [None]
    return on_call(parsed(raw))


def parsed(raw: Any) -> Any:
    """A raw cursor gives jsonb as text."""
    return json.loads(raw) if isinstance(raw, str) else raw


def alert_facts(raw: Mapping[str, Any]) -> AlertFacts:
    """Make the facts of the column as it was read."""
    heard: dict[AlertKey, set[str]] = {}
    for each in raw.get("heard") or ():
        heard.setdefault(_key(each), set()).add(each["severity"])
    return AlertFacts(
        thresholds=thresholds_of(raw["thresholds"]),
        previous=Previous(pain_after=raw.get("pain_after"), of_lines=_of_lines(raw)),
        open={
            _key(each): OpenAlert(
                id=UUID(each["id"]), severity=each["severity"], status=each["status"]
            )
            for each in raw["open"] or ()
        },
        heard=heard,
        team=[UUID(each) for each in raw["team"] or ()],
        on_call=on_call(raw["on_call"]),
    )


def _key(each: Mapping[str, Any]) -> AlertKey:
    return each["rule"], UUID(each["line"]) if each["line"] else None


def _of_lines(raw: Mapping[str, Any]) -> dict[tuple[str, UUID], Sequence[Earlier]]:
    """Say of each earlier session, for each rule, whether it met the rule on the line."""
    rules_of = {
        SKIPPED_FOR_PAIN: (SKIPPED_FOR_PAIN,),
        TOO_EASY: (TOO_EASY, TOO_HARD),
        UNSURE: (UNSURE,),
    }
    found: dict[tuple[str, UUID], Sequence[Earlier]] = {}
    for asked, rules in rules_of.items():
        for line, sessions in _sessions_by_line(raw.get(asked) or ()).items():
            met = {session: met_on_line(results) for session, results in sessions.items()}
            for rule in rules:
                found[rule, line] = [
                    Earlier(session, rule if rule in said else "") for session, said in met.items()
                ]
    return found


def _sessions_by_line(
    rows: Sequence[Mapping[str, Any]],
) -> dict[UUID, dict[UUID, list[ResultSaid]]]:
    """Gather the rows by line and session, in the order in which they were read."""
    lines: dict[UUID, dict[UUID, list[ResultSaid]]] = {}
    for row in rows:
        line = UUID(row["line"])
        said = ResultSaid(
            line=line,
            skipped=row["skipped"],
            difficulty=row["difficulty"],
            is_complete=row["complete"],
            checks=row["checks"],
        )
        lines.setdefault(line, {}).setdefault(UUID(row["session"]), []).append(said)
    return lines
