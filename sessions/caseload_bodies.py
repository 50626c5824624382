"""What the care team asks of its caseload and is told."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from core.bodies import line
from core.pagination import PageQuery
from sessions.needs import Need


class CaseloadQuery(PageQuery):
    """
    `need`: those who have it, as their first or beside others. `paused`: a pause covers today.

    Without a status: the active, and the discharged of whom an alert or a session still waits.
    """

    need: Need | None = None
    status: Literal["active", "paused", "discharged"] | None = None
    search: Annotated[str, line(120)] | None = None


class AlertsOfCase(msgspec.Struct, kw_only=True):
    """Open alerts; since `worst_since` the oldest of the gravest waits for somebody."""

    open: int
    worst: str | None
    worst_since: dt.datetime | None
    suggestions: int


class WaitingOfCase(msgspec.Struct, kw_only=True):
    waiting: int
    since: dt.datetime | None


class PauseOfCase(msgspec.Struct, kw_only=True):
    """The pauses that cover today; `until` is null where one has no end yet."""

    until: dt.date | None
    is_safety_hold: bool


class WeekFigure(msgspec.Struct, kw_only=True):
    """Dose adherence, rounded down; null where nothing was prescribed."""

    percent: int | None
    band: str | None


class LowestLine(msgspec.Struct, kw_only=True):
    line: UUID
    exercise: str
    percent: int | None


class AdherenceOfCase(msgspec.Struct, kw_only=True):
    """The last four completed weeks, the one in progress, and the lowest line of the four."""

    four_weeks: WeekFigure
    this_week: WeekFigure
    lowest_line: LowestLine | None


class SessionOfCase(msgspec.Struct, kw_only=True):
    """The latest session that counts."""

    performed_at: dt.datetime
    performed_on: dt.date
    received_at: dt.datetime


class CaseOut(msgspec.Struct, kw_only=True):
    """
    One patient; `needs` holds the most pressing first and decides the order of the list.

    `next_review` is the first date on which a current program ends. `days_without_session` is null
    where nothing is to be done.
    """

    id: UUID
    name: str
    medical_record_number: str
    status: str
    needs: list[Need]
    alerts: AlertsOfCase
    held: WaitingOfCase
    pause_requests: WaitingOfCase
    pause: PauseOfCase | None
    adherence: AdherenceOfCase
    last_session: SessionOfCase | None
    days_without_session: int | None
    programs: list[str]
    next_review: dt.date | None
    drafts: int


class NeedCount(msgspec.Struct, kw_only=True):
    """`patients` have the need at all, `first` as their most pressing."""

    need: Need
    patients: int
    first: int


class CaseloadSummary(msgspec.Struct, kw_only=True):
    """`needs` names every need, in the order of the list; `without_need` need nothing now."""

    patients: int
    paused: int
    without_need: int
    needs: list[NeedCount]


EXAMPLE: dict[str, Any] = {
    "id": "019aa9f4-2a10-7c01-8b7d-6e5f4a3b2c1d",
    "name": "Ana Silva",
    "medical_record_number": "H-1023",
    "status": "active",
    "needs": ["high", "slipping"],
    "alerts": {
        "open": 1,
        "worst": "high",
        "worst_since": "2026-11-23T09:31:04Z",
        "suggestions": 0,
    },
    "held": {"waiting": 0, "since": None},
    "pause_requests": {"waiting": 0, "since": None},
    "pause": None,
    "adherence": {
        "four_weeks": {"percent": 64, "band": "slipping"},
        "this_week": {"percent": 100, "band": "on_track"},
        "lowest_line": {
            "line": "019aa9f4-6f44-7e35-8ab1-3c4d5e6f7081",
            "exercise": "Wall stretch",
            "percent": 41,
        },
    },
    "last_session": {
        "performed_at": "2026-11-23T09:30:00Z",
        "performed_on": "2026-11-23",
        "received_at": "2026-11-23T09:31:04Z",
    },
    "days_without_session": 2,
    "programs": ["Home exercises"],
    "next_review": "2026-12-18",
    "drafts": 0,
}
