"""
Saying that a clinician has reviewed a version: a clinic of its own, the platform of what ships.

Reviews are only added; the newest of a version counts, and a new version has none.
"""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinics.actors import Actor
from clinics.models import User
from core import audit
from core.errors import Forbidden, Invalid, NotFound
from core.tenancy import clinic_context
from programs.actions.own import Entry, StaleVersion, kept, lock_own, refuse_stale
from programs.content import ReviewWord
from programs.models import Exercise, OutcomeMeasure, Program, Review
from programs.policies import may_review_shared
from programs.reading import newest_measures

LONGEST_NAME = 120


def review_exercise(
    *,
    exercise_id: UUID,
    version: int,
    status: ReviewWord,
    note: str = "",
    by: Actor,
    now: dt.datetime,
) -> Exercise:
    """
    Let a therapist say that they reviewed the current version of an own exercise, or take it back.

    The same said again by the same person changes nothing.

    :raises StaleVersion: it is not the current version that was reviewed
    """
    with transaction.atomic(savepoint=False):
        return _review_own(Exercise, exercise_id, version, status, note, by=by, now=now)


def review_program(
    *,
    program_id: UUID,
    version: int,
    status: ReviewWord,
    note: str = "",
    by: Actor,
    now: dt.datetime,
) -> Program:
    """As `review_exercise`, of an own program."""
    with transaction.atomic(savepoint=False):
        return _review_own(Program, program_id, version, status, note, by=by, now=now)


def set_review_status(
    *,
    exercise_id: UUID | None = None,
    program_id: UUID | None = None,
    version: int,
    status: ReviewWord,
    reviewer_name: str,
    note: str = "",
    by: Actor,
    now: dt.datetime,
) -> Review:
    """
    Keep what a clinician said of the current version of a shared exercise or program, for all.

    It counts before what the catalogue's file says. It needs no right to the shared rows: a review
    is a row of its own, which row-level security takes outside every clinic alone.

    :raises Forbidden: it is not the platform that asks
    :raises Invalid: nobody, or nothing, or both an exercise and a program is named
    :raises NotFound: nothing shared has this id
    :raises StaleVersion: it is not the current version that was reviewed
    """
    _refuse_unsigned(reviewer_name, by)
    entry_id = exercise_id or program_id
    if entry_id is None or (exercise_id and program_id):
        raise Invalid.at("exercise_id", "one_of_two", _("Name an exercise or a program."))
    with clinic_context(None):
        model: type[Exercise] | type[Program] = Exercise if exercise_id else Program
        entry = model.objects.filter(clinic=None, pk=entry_id).select_related("current").first()
        if entry is None or entry.current is None:
            raise NotFound
        refuse_stale(entry.current, version, field="version")
        review = _new_review(entry, status, note, now=now)
        review.reviewer_name = reviewer_name.strip()
        review.save(force_insert=True)
        kept(entry, "reviewed", by=by, now=now, version=version, status=status)
    return review


def review_measure(
    *,
    measure_id: UUID,
    version: int,
    status: ReviewWord,
    reviewer_name: str,
    note: str = "",
    by: Actor,
    now: dt.datetime,
) -> Review:
    """
    Keep what a clinician said of the newest version of an outcome measure, for all.

    As `set_review_status`; `measure_id` is the version's own key, offered or not.

    :raises NotFound: there is no such version of a measure
    :raises StaleVersion: there is a newer one, or the number is another's
    """
    _refuse_unsigned(reviewer_name, by)
    with clinic_context(None):
        looked_at = OutcomeMeasure.objects.filter(pk=measure_id).first()
        if looked_at is None:
            raise NotFound
        newest = newest_measures([looked_at.slug])[looked_at.slug]
        if newest.pk != looked_at.pk or newest.number != version:
            raise StaleVersion(field="version", extra={"version": newest.number})
        review = Review.objects.create(
            measure_version=newest, status=status, note=note, reviewed_at=now,
            reviewer_name=reviewer_name.strip(),
        )  # fmt: skip
        audit.record(
            action="outcome_measure_reviewed", by=by, now=now, target=newest._meta.label,
            target_id=newest.pk, details={"version": version, "status": status},
        )  # fmt: skip
    return review


def _refuse_unsigned(reviewer_name: str, by: Actor) -> None:
    if not may_review_shared(by):
        raise Forbidden(_("Only the platform reviews what ships with it."))
    if not 1 <= len(reviewer_name.strip()) <= LONGEST_NAME:
        raise Invalid.at("reviewer_name", "missing", _("Say who reviewed it."))


def _review_own(
    model: type[Entry],
    entry_id: UUID,
    version: int,
    status: ReviewWord,
    note: str,
    *,
    by: Actor,
    now: dt.datetime,
) -> Entry:
    entry = lock_own(model, entry_id, by)
    assert entry.current is not None, "an entry is made with its first version"
    refuse_stale(entry.current, version, field="version")
    newest = entry.current.reviews.order_by("-reviewed_at", "-pk").first()
    said = (newest.status, newest.note, newest.reviewed_by_id) if newest else None
    if said == (status, note, by.user_id) or (newest is None and status == "draft"):
        return entry
    assert by.user_id is not None, "a person reviews"
    reviewer = User.objects.get(pk=by.user_id)
    review = _new_review(entry, status, note, now=now)
    review.reviewed_by, review.reviewer_name = reviewer, reviewer.name
    review.save(force_insert=True)
    kept(entry, "reviewed", by=by, now=now, version=version, status=status)
    return entry


def _new_review(
    entry: Exercise | Program, status: ReviewWord, note: str, *, now: dt.datetime
) -> Review:
    kind = "exercise_version" if isinstance(entry, Exercise) else "program_version"
    return Review(
        clinic_id=entry.clinic_id,
        status=status,
        note=note,
        reviewed_at=now,
        **{kind: entry.current},
    )
