"""The shapes of a clinic's alert thresholds and texts."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.bodies import Body, line, visible_text, whole
from core.pagination import PageQuery
from sessions.thresholds import Limit, Thresholds


class SignOff(Body):
    """
    The therapist of the clinic who is asked to answer for loosening a threshold, and why.

    Her own membership: she signs at once. Another's: the change waits until that therapist confirms.
    """

    membership: UUID
    reason: Annotated[str, line(500)]


class PutThresholds(Body):
    """
    All numbers and texts, in place of those of version `replaces` (0: the platform's own).

    `texts` maps a rule to what the care team is told to do; a rule that is left out keeps the
    platform's words.
    """

    replaces: Annotated[int, whole(0, 1_000_000)]
    numbers: Thresholds
    texts: dict[str, Annotated[str, visible_text(500)]] = {}
    sign_off: SignOff | None = None


class LimitOut(msgspec.Struct, kw_only=True):
    least: int
    most: int

    @classmethod
    def of(cls, limit: Limit) -> LimitOut:
        return cls(least=limit.least, most=limit.most)


class SignOffOut(msgspec.Struct, kw_only=True):
    name: str
    signed_at: dt.datetime
    reason: str
    loosened: list[str]


ProposalStatus = Literal["waiting", "confirmed", "declined", "superseded"]


class ProposalQuery(PageQuery):
    status: ProposalStatus | None = None


class DeclineProposal(Body):
    """The note tells whoever proposed it why."""

    note: Annotated[str, visible_text(500)]


class ProposalOut(msgspec.Struct, kw_only=True):
    """
    A change that raises less often, and who is asked to sign it (`clinician`, by membership).

    `loosened` names the numbers that it concerns. `superseded`: other numbers were set, or proposed.
    """

    id: UUID
    status: ProposalStatus
    replaces: int
    numbers: Thresholds
    texts: dict[str, str]
    loosened: list[str]
    reason: str
    clinician: UUID
    clinician_name: str
    is_mine_to_sign: bool
    proposed_by: str
    proposed_at: dt.datetime
    decided_by: str | None
    decided_at: dt.datetime | None
    decision_note: str


class ThresholdsOut(msgspec.Struct, kw_only=True):
    """
    What stands, with the platform's own numbers and the limits beside it.

    `proposal` waits for a signature; until it is given, what stands holds.
    """

    version: int
    numbers: Thresholds
    texts: dict[str, str]
    set_at: dt.datetime | None
    sign_off: SignOffOut | None
    proposal: ProposalOut | None
    defaults: Thresholds
    limits: dict[str, LimitOut]
