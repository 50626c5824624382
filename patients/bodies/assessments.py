"""The shapes of requests and answers about assessments: dated scores of outcome measures."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.bodies import Body, LocalDate, line, text
from core.pagination import PageQuery
from programs.content import Slug
from programs.score_changes import ReadingWord
from programs.scores import AidWord, SideWord

# A number, or on a scale of codes the code as text: "1+".
GivenScore = int | float | Annotated[str, line(8)]


class Rescore(Body):
    """A score of an instrument that is known already: what a correction says, whole."""

    assessed_on: LocalDate
    score: GivenScore | None = None
    is_unable: bool = False
    variant: Slug | None = None
    aid: AidWord | None = None
    side: SideWord | None = None
    note: Annotated[str, text(500)] = ""


class NewAssessment(Rescore):
    """`measure` is the slug of an outcome measure that is offered."""

    measure: Slug


class WithdrawAssessment(Body):
    reason: Annotated[str, line(500)]


class AssessmentsQuery(PageQuery):
    """`earlier`: also what was replaced by a correction, or withdrawn."""

    measure: Slug | None = None
    earlier: bool = False


class FigureOut(msgspec.Struct, kw_only=True):
    """A published change that was used: `amount` in the unit, `group` whom it is of."""

    kind: Literal["mcid", "mdc"]
    amount: float
    group: str
    baseline: str
    source: str
    seen_words: str


class ScoreChangeOut(msgspec.Struct, kw_only=True):
    """
    A change between like and like. `difference` is later minus earlier.

    `reading` is by `figure`, null where no published figure fits; `matters` is by `mcid`, and never
    true within measurement error.
    """

    since: dt.date
    score: float
    difference: float
    reading: ReadingWord | None
    words: str
    figure: FigureOut | None
    matters: bool | None
    mcid: FigureOut | None


class AssessmentOut(msgspec.Struct, kw_only=True):
    """
    `since_previous` compares with the one before that is alike, `since_first` with the first score.

    Both are null where there is nothing to compare: nothing alike, `unable`, or codes.
    """

    id: UUID
    measure: str
    name: str
    unit: str
    assessed_on: dt.date
    score: float | str | None
    is_unable: bool
    variant: str | None
    aid: str | None
    side: str | None
    note: str
    status: str
    replaces: UUID | None
    recorded_by: str
    recorded_at: dt.datetime
    withdrawn_reason: str
    since_previous: ScoreChangeOut | None
    since_first: ScoreChangeOut | None
