"""
Making a drawn request fit what is known: ids that exist, dates around today, versions as they are.

Schemathesis draws from the schema alone; what it draws is right in its shape, and of nobody. Here
most of its ids are replaced by those of rows that this role has seen, some by those of another
clinic, and the dates by ones near today. What is wrong in its shape stays wrong.
"""

from __future__ import annotations

import copy
import datetime as dt
import re
from collections.abc import Callable
from random import Random
from typing import Any
from uuid import UUID

from schemathesis import Case

from tests.fuzzing.known import UUID_TEXT, Known, kind_of

PARAMETER = re.compile(r"{(\w+_id)}")
DATE = re.compile(r"^\d{4}-\d\d-\d\d$")
INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT")
ODD_IDS = ("0", "nobody", "00000000-0000-0000-0000-000000000000", "%00", "é", "-1")
DAYS_FROM_TODAY = {
    "due_on": (30, 60),
    "ends_on": (4, 9),
    "paused_until": (1, 9),
    "starts_on": (0, 3),
    "from": (0, 3),
    "on": (0, 2),
    "assessed_on": (-9, 0),
    "seen_on": (-6, 0),
}
ONCE = ("name", "medical_record_number")
NUMBERS = ("version", "replaces", "corrects")
AMOUNTS = ("repetitions", "hold_seconds", "duration_seconds", "distance_m", "steps")
PREFIX = "/api/v1"


class Fitter:
    """Fits cases for one role; what it draws is drawn from `dice` alone."""

    def __init__(
        self,
        *,
        known: Known,
        foreign: Known,
        emails: list[str],
        code: Callable[[str], str],
        dice: Random,
        now: dt.datetime,
    ) -> None:
        self.known = known
        self.foreign = foreign
        self.emails = emails
        self.code = code
        self.dice = dice
        self.now = now

    def fit(self, case: Case, *, example: Any = None) -> bool:
        """Change a case in place; tell whether one of its ids is another clinic's."""
        row, is_foreign = self._path(case)
        if example is not None:
            case.body = copy.deepcopy(example)
            if "code" in case.body and self.dice.random() < 0.7:
                case.body["code"] = self.code(case.path)
            if case.path == f"{PREFIX}/patients":  # an administrator must say who leads the care
                case.body["lead"] = ODD_IDS[2]
        row = row or self._alone(case)
        if isinstance(case.body, (dict, list)):
            case.body = self._value("", case.body, row)
            self._whole(case, row)
        self._query(case)
        is_foreign |= self._headers(case)
        return is_foreign

    # ---- where -----------------------------------------------------------------------------------

    def _path(self, case: Case) -> tuple[dict[str, Any], bool]:
        """Put ids into the path; return what is known of the row that it leads to."""
        names = PARAMETER.findall(case.path)
        chance = self.dice.random()
        if not names or chance > 0.96:
            return {}, False
        if chance > 0.93:
            case.path_parameters[self.dice.choice(names)] = self.dice.choice(ODD_IDS)
            return {}, False
        source, is_foreign = (self.foreign, True) if chance > 0.86 else (self.known, False)
        kind = names[-1].removesuffix("_id")
        drawn = source.draw(kind, self.dice)
        if drawn is None:
            return {}, False
        identity, row = drawn
        for name in names[:-1]:
            above = name.removesuffix("_id")
            other = source.draw(above, self.dice)
            case.path_parameters[name] = row.get(above) or (other[0] if other else identity)
        case.path_parameters[names[-1]] = identity
        return row | {kind: identity}, is_foreign

    def _headers(self, case: Case) -> bool:
        """Choose the clinic or the record as clients do: seldom, and mostly the right one."""
        is_foreign = False
        for name, kind in (("X-Clinic", "clinic"), ("X-Record", "patient")):
            if name not in (case.headers or {}):
                continue
            chance = self.dice.random()
            source = self.known if chance < 0.3 else self.foreign
            drawn = source.draw(kind, self.dice) if chance < 0.4 else None
            if drawn is not None:
                case.headers[name] = drawn[0]
                is_foreign |= source is self.foreign
            elif chance < 0.9:
                del case.headers[name]
        return is_foreign

    def _query(self, case: Case) -> None:
        query = case.query or {}
        if "cursor" in query and self.dice.random() < 0.8:
            del query["cursor"]
        for name, value in list(query.items()):
            if isinstance(value, str):
                query[name] = self._text(name, value, {})

    def _alone(self, case: Case) -> dict[str, Any]:
        """Return what was last read where there is one of it alone, such as the clinic's settings."""
        found = self.known.bodies.get(case.path.removeprefix(PREFIX), {})
        return found if isinstance(found, dict) else {}

    # ---- what ------------------------------------------------------------------------------------

    def _value(self, name: str, value: Any, row: dict[str, Any]) -> Any:
        if isinstance(value, dict):
            return {key: self._value(key, inner, row) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._value(name, inner, row) for inner in value]
        if isinstance(value, str):
            return self._text(name, value, row)
        if name in NUMBERS and isinstance(value, (int, float)):
            return self._number(row)
        return value

    def _text(self, name: str, value: str, row: dict[str, Any]) -> str:
        if UUID_TEXT.match(value):
            return self._identity(name, value, row)
        if DATE.match(value) and name in DAYS_FROM_TODAY:
            least, most = DAYS_FROM_TODAY[name]
            day = self.now.date() + dt.timedelta(days=self.dice.randint(least, most))
            return day.isoformat()
        if INSTANT.match(value):
            ago = 0 if name == "sent_at" else self.dice.randint(2, 2000)
            return (self.now - dt.timedelta(minutes=ago)).isoformat()
        if name in ONCE and self.dice.random() < 0.6:
            return f"{value[:40]} {self.dice.getrandbits(32):08x}"
        if name in ("email", "admin_email") and "@" in value:
            fresh = f"somebody.{self.dice.getrandbits(32):08x}@fuzz.example"
            return self.dice.choice([*self.emails, fresh, fresh])
        return value

    def _identity(self, name: str, value: str, row: dict[str, Any]) -> str:
        if name in ("id", "key"):
            logged = row.get("phone") or row.get("session")
            again = logged if self.dice.random() < 0.6 else None
            return str(again or UUID(int=self.dice.getrandbits(128), version=4))
        chance = self.dice.random()
        is_shipped = kind_of(name) in ("exercise", "program")  # examples name real ones
        if chance > 0.95 or (is_shipped and chance < 0.5):
            return value
        source = self.foreign if chance > 0.92 else self.known
        drawn = source.draw(kind_of(name), self.dice)
        return drawn[0] if drawn else value

    def _number(self, row: dict[str, Any]) -> int:
        now_is = row.get("version", 1)
        return self.dice.choice([now_is, now_is, now_is, now_is, 1, 2])

    # ---- bodies whose parts belong together ---------------------------------------------------------

    def _whole(self, case: Case, row: dict[str, Any]) -> None:
        """Put together what hangs together, in most bodies that are whole."""
        if self.dice.random() < 0.15 or not isinstance(case.body, dict):
            return
        if "confirm" in _properties(case) and self.dice.random() < 0.6:
            case.body["confirm"] = _all_of(_properties(case)["confirm"])
        for ending, fit in _WHOLES.items():
            if case.path.removeprefix(PREFIX).endswith(ending):
                fit(self, case.body, row)

    def session(self, body: dict[str, Any], row: dict[str, Any]) -> None:
        """Log lines of a plan, each on its side and in its measure."""
        lines = self._lines(row)
        if lines and isinstance(body.get("results"), list):
            body["results"] = [self._result(*line) for line in lines]

    def batch(self, body: dict[str, Any], row: dict[str, Any]) -> None:
        for one in body.get("sessions") or []:
            if isinstance(one, dict):
                self.session(one, row)

    def order(self, body: dict[str, Any], row: dict[str, Any]) -> None:
        lines = self.known.rows.get("line", {})
        own = [key for key, one in lines.items() if one.get("assignment") == row.get("assignment")]
        if own:
            body["lines"] = self.dice.sample(own, len(own))

    def screening(self, body: dict[str, Any], row: dict[str, Any]) -> None:
        asked = (row.get("screening") or {}).get("asked")
        if isinstance(asked, dict):
            body["screening"] = {
                "items": [one["id"] for one in asked.get("items", [])],
                "exercises": [one["exercise"] for one in asked.get("exercises", [])],
            }

    def form(self, body: dict[str, Any], row: dict[str, Any]) -> None:
        exercises = self.known.rows.get("exercise", {})
        for identity, line in self._lines(row):
            checks = exercises.get(str(line.get("exercise")), {}).get("checks") or []
            if checks:
                body["line"] = identity
                body["answers"] = {one["id"]: self.dice.choice(["yes", "no"]) for one in checks}

    def _lines(self, row: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        """Return one or two lines of that patient, or of the one whose plan was read."""
        patient = row.get("patient")
        own = [
            (key, dosed)
            for key, one in self.known.rows.get("line", {}).items()
            if (dosed := _dosed(one)) and (patient is None or one.get("patient") == patient)
        ]
        return self.dice.sample(own, min(len(own), self.dice.randint(1, 2)))

    def _result(self, identity: str, line: dict[str, Any]) -> dict[str, Any]:
        dose = line["dose"]
        amounts = {name: dose[name] for name in AMOUNTS if dose.get(name) is not None}
        side = str(line.get("side"))
        sides = {"each": ["left", "right"], "alternating": ["both"]}.get(side, [side])
        return {"line": identity, "side": self.dice.choice(sides), "sets": [amounts]}


def _dosed(line: dict[str, Any]) -> dict[str, Any]:
    """Return a line with its dose: a plan's own, or that of its last row; empty where unknown."""
    if line.get("dose"):
        return line
    rows = line.get("rows")
    return {**line, **rows[-1]} if rows else {}


_WHOLES: dict[str, Callable[[Fitter, dict[str, Any], dict[str, Any]], None]] = {
    "/sessions": Fitter.session,
    "/sessions/{phone_id}": Fitter.session,
    "/sessions/{session_id}": Fitter.session,
    "/sessions/batch": Fitter.batch,
    "/assignments/{assignment_id}/order": Fitter.order,
    "/assignments/{assignment_id}/activate": Fitter.screening,
    "/form-checks": Fitter.form,
}


def _properties(case: Case) -> dict[str, Any]:
    schema = next(iter(case.operation.body), None)
    found = schema.optimized_schema.get("properties", {}) if schema else {}
    return dict(found) if isinstance(found, dict) else {}


def _all_of(schema: dict[str, Any]) -> list[str]:
    for one in (schema, *schema.get("anyOf", [])):
        if "enum" in one.get("items", {}):
            return list(one["items"]["enum"])
    return []
