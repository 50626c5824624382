"""
Who needs the care team first: what a patient needs, and the one order of a caseload. Pure.

The order, the most pressing first: open alerts by severity; sessions that wait for a decision; a
pause that was asked for; a safety hold that only a therapist ends; a band that fell; nothing heard; nothing begun; nothing
prescribed; a draft that nobody activated; a suggestion. Among equals who has waited longest, then
by name, then by id: no two patients ever share a place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, get_args
from uuid import UUID

from core.sorting import sorted_as

Need = Literal[
    "emergency",
    "critical",
    "high",
    "medium",
    "held_waiting",
    "pause_request",
    "safety_hold",
    "off_track",
    "slipping",
    "no_contact",
    "never_started",
    "nothing_prescribed",
    "draft",
    "suggestion",
]
NEEDS: Final[tuple[Need, ...]] = get_args(Need)
QUIET_DAYS: Final = 7
OF_EVERYBODY: Final = frozenset({"emergency", "critical", "high", "medium", "held_waiting"})
_NEVER: Final = "9999"

Place = tuple[int, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """
    One patient as the caseload sees them, on their own today.

    `worst_alert` is the gravest severity among the open alerts; since `alert_since` the oldest of that
    severity waits. `quiet_days` counts from the last session, the program's start or the
    last pause, whichever is latest; None where nothing is in force or a pause covers today.
    """

    patient_id: UUID
    name: str
    is_discharged: bool = False
    worst_alert: str | None = None
    alert_since: dt.datetime | None = None
    suggestions: int = 0
    held: int = 0
    held_since: dt.datetime | None = None
    asked_for_pause: int = 0
    asked_since: dt.datetime | None = None
    is_on_hold: bool = False
    is_paused: bool = False
    band: str | None = None
    quiet_days: int | None = None
    has_logged: bool = False
    has_begun: bool = False
    is_prescribed: bool = False
    drafts: int = 0


def needs_of(one: Situation) -> tuple[Need, ...]:
    """Return all that a patient needs, the most pressing first; of a discharged one, safety alone."""
    found = set(_all_needs(one))
    if one.is_discharged:
        found &= OF_EVERYBODY
    return tuple(need for need in NEEDS if need in found)


def place_of(one: Situation) -> Place:
    """Return the patient's place in the caseload: places are compared, and no two are equal."""
    needs = needs_of(one)
    first = needs[0] if needs else None
    rank = NEEDS.index(first) if first else len(NEEDS)
    return (rank, _waiting_since(one, first), sorted_as(one.name), str(one.patient_id))


def _all_needs(one: Situation) -> Iterator[str]:
    if one.worst_alert and one.worst_alert != "suggestion":
        yield one.worst_alert
    yield from (
        need
        for need, is_so in (
            ("suggestion", one.suggestions > 0),
            ("held_waiting", one.held > 0),
            ("pause_request", one.asked_for_pause > 0),
            ("safety_hold", one.is_on_hold),
            ("draft", one.drafts > 0),
            ("nothing_prescribed", not one.is_prescribed and not one.is_paused),
        )
        if is_so
    )
    if not one.is_paused:
        yield from _needs_in_training(one)


def _needs_in_training(one: Situation) -> Iterator[str]:
    """A pause explains silence and a low figure; it asks nothing of anybody."""
    if one.band in ("off_track", "slipping"):
        yield one.band
    if one.has_begun and not one.has_logged:
        yield "never_started"
    elif one.quiet_days is not None and one.quiet_days >= QUIET_DAYS:
        yield "no_contact"


def _waiting_since(one: Situation, need: Need | None) -> str:
    """Return an instant as a text that sorts as it does; what has no beginning waits last."""
    since = None
    if need == "held_waiting":
        since = one.held_since
    elif need == "pause_request":
        since = one.asked_since
    elif need is not None and need == one.worst_alert:
        since = one.alert_since
    return since.astimezone(dt.UTC).isoformat(timespec="microseconds") if since else _NEVER
