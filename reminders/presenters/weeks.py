"""Weeks as they were told: found by their Monday, shown as they were stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

import msgspec
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clinics.actors import Actor
from core.errors import NotFound
from core.pagination import Listing, paginate
from patients.models import Patient
from reminders.bodies.weeks import (
    Caseload,
    CaseNamed,
    DigestChoice,
    DigestLine,
    DigestOut,
    SummaryOut,
    Week,
    WeeksQuery,
)
from reminders.models import Digest, DigestPreferences, WeeklySummary

LATEST_FIRST = ("-week", "-id")


def monday_of(said: str) -> dt.date:
    """
    Read the Monday that an address names.

    :raises NotFound: it is no date, or no Monday
    """
    try:
        day = dt.date.fromisoformat(said)
    except ValueError:
        raise no_such_week() from None
    if day.isoweekday() != 1 or said != day.isoformat():
        raise no_such_week()
    return day


def no_such_week() -> NotFound:
    return NotFound(_("Nothing was told of such a week."))


def summaries_page(
    found: QuerySet[WeeklySummary], asked: WeeksQuery, *, bound_to: str
) -> Listing[SummaryOut]:
    page = paginate(
        found, order=LATEST_FIRST, cursor=asked.cursor, limit=asked.limit, bound_to=bound_to
    )
    return Listing(results=[summary_out(one) for one in page.items], next=page.next_cursor)


def summary_of(found: QuerySet[WeeklySummary], week: str) -> SummaryOut:
    """:raises NotFound: none of that week is among them"""
    stored = found.filter(week=monday_of(week)).first()
    if stored is None:
        raise no_such_week()
    return summary_out(stored)


def summary_out(stored: WeeklySummary) -> SummaryOut:
    return SummaryOut(
        week=stored.week,
        made_at=stored.made_at,
        language=stored.language,
        contents=msgspec.convert(stored.contents, Week),
    )


def digests_page(who: Actor, asked: WeeksQuery) -> Listing[DigestLine]:
    page = paginate(
        Digest.objects.visible_to(who), order=LATEST_FIRST, cursor=asked.cursor,
        limit=asked.limit, bound_to=f"digests:{who.membership_id}",
    )  # fmt: skip
    return Listing(results=[_line(one) for one in page.items], next=page.next_cursor)


def digest_of(who: Actor, week: str) -> DigestOut:
    """:raises NotFound: this therapist has none of that week"""
    stored = Digest.objects.visible_to(who).filter(week=monday_of(week)).first()
    if stored is None:
        raise no_such_week()
    told = msgspec.convert(stored.contents, Caseload)
    names = _names(who, (case.patient for case in told.cases))
    return DigestOut(
        week=stored.week,
        made_at=stored.made_at,
        patients=told.patients,
        attention=told.attention,
        on_track=told.on_track,
        paused=told.paused,
        cases=[
            CaseNamed(**msgspec.structs.asdict(case), name=names.get(case.patient))
            for case in told.cases
        ],
    )


def digest_choice(who: Actor) -> DigestChoice:
    """Return what a therapist chose; by mail, and only where somebody needs them, before that."""
    stored = DigestPreferences.objects.visible_to(who).first()
    return DigestChoice(
        wants_digests=stored is None or stored.stopped_at is None,
        always=stored is not None and stored.is_always,
    )


def _names(who: Actor, patients: Iterable[UUID]) -> dict[UUID, str]:
    """Return the names of those whom this therapist still sees."""
    seen = Patient.objects.visible_to(who).filter(pk__in=list(patients))
    return dict(seen.values_list("pk", "name"))


def _line(stored: Digest) -> DigestLine:
    told = msgspec.convert(stored.contents, Caseload)
    return DigestLine(
        week=stored.week,
        made_at=stored.made_at,
        patients=told.patients,
        attention=told.attention,
        on_track=told.on_track,
        paused=told.paused,
    )
