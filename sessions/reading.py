"""Reading sessions and alerts a page at a time, each page in two statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from clinics.actors import Actor
from core.pagination import Page, paginate
from sessions.models import Alert, AlertOccurrence, ExerciseResult, ExerciseSession

NEWEST_FIRST = ("-performed_at", "-id")
MOST_OCCURRENCES = 10


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


def newest_occurrences(alerts: Sequence[Alert]) -> dict[UUID, list[AlertOccurrence]]:
    """Return the newest occurrences of each alert, up to ten, in one statement."""
    found: dict[UUID, list[AlertOccurrence]] = {alert.pk: [] for alert in alerts}
    rank = Window(
        RowNumber(), partition_by=F("alert"), order_by=[F("received_at").desc(), F("id").desc()]
    )
    rows = (
        AlertOccurrence.objects.filter(alert__in=list(found))
        .annotate(rank=rank)
        .filter(rank__lte=MOST_OCCURRENCES)
        .order_by("alert", "rank")
    )
    for row in rows:
        found[row.alert_id].append(row)
    return found
