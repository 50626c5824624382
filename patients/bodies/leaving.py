"""The shapes of requests and answers about somebody who leaves."""

from __future__ import annotations

from uuid import UUID

import msgspec

from core.bodies import Body


class Leaving(Body):
    """`cover`: the membership of a therapist who takes over the places in care teams."""

    cover: UUID | None = None


class LeftOut(msgspec.Struct, kw_only=True):
    """`unassigned`: of those care teams, how many have no working therapist now."""

    care_teams: int
    unassigned: int
