"""Reading sessions and alerts: a page at a time, each in two statements, or one with its versions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext_lazy as _

from clinics.actors import Actor
from core.errors import NotFound
from core.pagination import Page, paginate
from sessions.models import (
    Alert,
    AlertOccurrence,
    ExerciseResult,
    ExerciseSession,
    SafetyCheck,
    SessionVersion,
)

NEWEST_FIRST = ("-performed_at", "-id")
MOST_OCCURRENCES = 10
MOST_VERSIONS = 100


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


def session_with_versions(
    session_id: UUID, *, by: Actor
) -> tuple[ExerciseSession, list[SessionVersion]]:
    """
    Read one session, and its newest versions, up to a hundred.

    :raises NotFound: not a session of a patient that the actor sees
    """
    people = ("logged_by", "decided_by", "withdrawn_by")
    sessions = ExerciseSession.objects.visible_to(by).select_related(*people)
    session = sessions.filter(pk=session_id).first()
    if session is None:
        raise NotFound(_("There is no such session."))
    versions = session.versions.select_related("made_by").order_by("-number")[:MOST_VERSIONS]
    return session, list(versions)


def safety_check(check_id: UUID, *, by: Actor) -> SafetyCheck:
    """:raises NotFound: not a safety check of a patient that the actor sees"""
    checks = SafetyCheck.objects.visible_to(by).select_related("logged_by")
    found = checks.filter(pk=check_id).first()
    if found is None:
        raise NotFound(_("There is no such safety check."))
    return found


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
