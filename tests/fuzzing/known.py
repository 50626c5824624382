"""What a role has seen: the ids of rows that exist, learned from the answers that it got."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random
from typing import Any

UUID_TEXT = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
NEWEST = 8

# What a path's last word, or a field, holds the id of, where that is not the word in the singular.
_NAMES = {
    "pause_requests": "request",
    "members": "user",
    "catalogue": "exercise",
    "cover": "membership",
    "lead": "membership",
    "easier_exercises": "exercise",
    "harder_exercises": "exercise",
}

# What a row says of where it belongs, for the rows within it.
_ABOVE = ("patient", "assignment", "line")
# Answers whose ids lead nowhere.
_OF_NOTHING = frozenset({"discharges", "readmit", "changes", "record"})

Row = dict[str, Any]


class Known:
    """Rows by kind (`patient`, `goal`), each by its id, the newest last."""

    def __init__(self, kinds: frozenset[str]) -> None:
        self.kinds = kinds
        self.rows: dict[str, dict[str, Row]] = {}
        self.bodies: dict[str, Any] = {}

    def learn(self, path: str, parameters: dict[str, str], body: Any) -> None:
        """Learn from an answer of the operation at `path`, such as /patients/{patient_id}/goals."""
        around = {name.removesuffix("_id"): value for name, value in parameters.items()}
        self.bodies[path] = body
        for kind, value in around.items():
            if UUID_TEXT.match(value):
                self._keep(kind, value, around)
        self._walk(_kind_of_path(path, self.kinds), body, around)

    def draw(self, kind: str, dice: Random) -> tuple[str, Row] | None:
        """
        Return a row's id and what is known of it: one of the newest as often as any.

        One that may be changed more often than the rest: an own one, where clinics share some, and
        one that waits for somebody.
        """
        rows = list(self.rows.get(kind, {}).items())
        if not rows:
            return None
        open_ones = [row for row in rows if _is_open(row[1])]
        if open_ones and dice.random() < 0.6:
            rows = open_ones
        return dice.choice(rows[-NEWEST:] if dice.random() < 0.5 else rows)

    def _walk(self, kind: str, value: Any, around: Row) -> None:
        if isinstance(value, list):
            for one in value:
                self._walk(kind, one, around)
        elif isinstance(value, dict):
            own = value.get("id", value.get(kind))
            above = {name: value[name] for name in _ABOVE if isinstance(value.get(name), str)}
            if isinstance(own, str) and UUID_TEXT.match(own):
                self._keep(kind, own, {**around, **_plain(value)})
                above[kind] = own
            around = {**around, **above}
            for name, inner in value.items():
                self._walk(kind if name == "results" else kind_of(name), inner, around)
        elif isinstance(value, str) and kind != "id" and UUID_TEXT.match(value):
            self._keep(kind, value, around)

    def _keep(self, kind: str, identity: str, said: Row) -> None:
        if kind in self.kinds:
            rows = self.rows.setdefault(kind, {})
            rows[identity] = {**rows.pop(identity, {}), **said}


def _is_open(row: Row) -> bool:
    return bool(row.get("is_own")) or row.get("status") in ("draft", "waiting", "held")


def kind_of(name: str) -> str:
    """Return the kind of row that a field or a path's word names: `patients` is `patient`."""
    word = name.replace("-", "_")
    return _NAMES.get(word, word.removesuffix("_id").removesuffix("s"))


def _kind_of_path(path: str, kinds: frozenset[str]) -> str:
    """Return of what the answer at a path is: the last word that names a kind of row."""
    words = path.strip("/").split("/")
    if words[-1] in _OF_NOTHING:
        return ""
    for word in reversed(words):
        kind = kind_of(word.strip("{}"))
        if kind == "session" and words[0] == "me":
            return "phone"
        if kind in kinds:
            return kind
    return ""


def _plain(row: Row) -> Row:
    return dict(_plain_items(row))


def _plain_items(row: Row) -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if isinstance(value, dict) and isinstance(value.get("id"), str):
            yield name, value["id"]
        elif name != "id":
            yield name, value
