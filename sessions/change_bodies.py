"""The shapes of the changes feed. Their names are fixed: phones hold them for years."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.bodies import whole
from core.pagination import MOST, PageQuery
from sessions.bodies import FeedbackOut, LoggedSession, SafetyOut


class ChangesQuery(PageQuery):
    """Without a cursor: from the beginning."""

    limit: Annotated[int, whole(1, MOST)] = MOST


class LoggedSafetyCheck(msgspec.Struct, kw_only=True):
    """A safety check as it is kept, with what was answered. `id` is the phone's."""

    id: UUID
    checked_at: dt.datetime
    checked_on: dt.date
    received_at: dt.datetime
    answers: dict[str, str]
    symptoms: list[str]
    logged_as: str
    safety: SafetyOut | None


class ChangeOut(msgspec.Struct, kw_only=True):
    """
    One thing that changed, as it is now; `seq` is the number of its newest change.

    `plan`: fetch the plan again, `record`: the record and the plan. `session` comes with the
    session and its newest feedback, or with `gone` in their place; `safety_check` with the check.
    Of other kinds `id` says what to fetch; a kind that the phone does not know is passed over.
    """

    seq: int
    kind: str
    id: UUID
    gone: Literal["withdrawn", "refused"] | None = None
    session: LoggedSession | None = None
    feedback: FeedbackOut | None = None
    safety_check: LoggedSafetyCheck | None = None


class ChangesPage(msgspec.Struct, kw_only=True):
    """
    Changes in ascending order, each thing once. `next` is always there, also when nothing changed.

    Keep `next` once everything in the page is stored. `has_more`: ask again at once.
    """

    results: list[ChangeOut]
    next: str
    has_more: bool
