"""Reading logged sessions a page at a time, each with its results, in two statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet

from clinics.actors import Actor
from core.pagination import Page, paginate
from sessions.models import ExerciseResult, ExerciseSession

NEWEST_FIRST = ("-performed_at", "-id")


def sessions_page(
    sessions: QuerySet[ExerciseSession],
    *,
    who: Actor,
    bound_to: str,
    cursor: str | None,
    limit: int,
) -> Page[ExerciseSession]:
    """Return a page of sessions, newest performed first."""
    return paginate(
        sessions,
        order=NEWEST_FIRST,
        cursor=cursor,
        limit=limit,
        bound_to=f"{who.user_id}:{who.clinic_id}:{bound_to}",
    )


def results_of(sessions: Sequence[ExerciseSession]) -> dict[UUID, list[ExerciseResult]]:
    """Return each session's results in their stored order, with what presenting them needs."""
    found: dict[UUID, list[ExerciseResult]] = defaultdict(list)
    rows = (
        ExerciseResult.objects.filter(session__in=[each.pk for each in sessions])
        .select_related("line__exercise__current")
        .order_by("session", "id")
    )
    for row in rows:
        found[row.session_id].append(row)
    return found
