"""
What changed for one patient since a phone last asked, in the order in which it was committed.

A change number says that its thing changed, not how: the answer shows the thing as it is now. So
a thing that changed five times since comes once, with its last number, and a phone that applies
what it gets in order ends where the server is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID

import msgspec
from django.core import signing
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.actors import Actor
from core.epochs import epoch
from core.errors import DomainError, NotFound
from core.pagination import BadCursor
from patients.models import Patient, PatientChange
from sessions.bodies import FeedbackOut, SafetyAnswer
from sessions.change_bodies import ChangeOut, ChangesPage, LoggedSafetyCheck
from sessions.models import ExerciseResult, ExerciseSession, SafetyCheck, SessionVersion
from sessions.presenters import logged_session
from sessions.reading import results_of

Kind = PatientChange.Kind
GONE: Final = frozenset({ExerciseSession.Status.WITHDRAWN, ExerciseSession.Status.REFUSED})
_SALT: Final = "sessions.changes"


class Resync(DomainError):
    """The cursor speaks of changes that this database does not have: it was restored."""

    code = "resync"
    status = 410
    message = gettext_lazy(
        "The server was restored from a backup. Ask again without a cursor, and send again what "
        "you kept."
    )


@dataclass(frozen=True, slots=True)
class Head:
    """Where a record's changes stand, in which epoch."""

    patient_id: UUID
    seq: int
    epoch: str

    def cursor(self, seq: int) -> str:
        return self._signer().sign_object([self.epoch, seq])

    def position(self, cursor: str | None) -> int:
        """
        Return the number after which the phone wants to read on.

        :raises BadCursor: made up, altered, or another record's
        :raises Resync: of another epoch, or ahead of all that is known here
        """
        if cursor is None:
            return 0
        try:
            told, seq = self._signer().unsign_object(cursor)
        except (signing.BadSignature, ValueError, TypeError):
            message = _("This cursor does not belong to this record. Ask again without it.")
            raise BadCursor.at("cursor", "bad_cursor", message) from None
        if told != self.epoch or seq > self.seq:
            raise Resync
        return int(seq)

    def _signer(self) -> signing.Signer:
        return signing.Signer(salt=f"{_SALT}:{self.patient_id}")


def changes(*, who: Actor, cursor: str | None, limit: int) -> ChangesPage:
    """
    Return what changed after the cursor, at most `limit` things, in five statements at most.

    :raises NotFound: no such record for this actor
    :raises BadCursor, Resync: see `Head.position`
    """
    head = head_of(who)
    after = head.position(cursor)
    newer = PatientChange.objects.visible_to(who).filter(seq__gt=after)
    rows = list(newer.order_by("seq")[: limit + 1])
    page = rows[:limit]
    known = _Known(page, who)
    return ChangesPage(
        results=[known.show(each) for each in page],
        next=head.cursor(page[-1].seq if page else after),
        has_more=len(rows) > limit,
    )


def head_of(who: Actor) -> Head:
    """Read where the record stands, before anything is read from it. One statement."""
    row = (
        Patient.objects.visible_to(who)
        .annotate(epoch=Subquery(epoch()))
        .values_list("pk", "change_seq", "epoch")
        .first()
    )
    if row is None:
        raise NotFound(_("There is no such record."))
    return Head(patient_id=row[0], seq=row[1], epoch=str(row[2]))


class _Known:
    """The things of a page, read with one statement for each table."""

    def __init__(self, page: Iterable[PatientChange], who: Actor) -> None:
        by_kind: dict[str, list[UUID]] = {}
        for each in page:
            by_kind.setdefault(each.kind, []).append(each.target_id)
        sessions = list(_sessions(who, by_kind.get(Kind.SESSION, [])))
        checks = SafetyCheck.objects.visible_to(who).filter(
            pk__in=by_kind.get(Kind.SAFETY_CHECK, [])
        )
        self.sessions = {each.pk: each for each in sessions}
        self.results = results_of([each for each in sessions if each.status not in GONE])
        self.checks = {each.pk: each for each in checks}

    def show(self, change: PatientChange) -> ChangeOut:
        if change.kind == Kind.SESSION:
            session = self.sessions[change.target_id]
            return _session(change, session, self.results[session.pk])
        if change.kind == Kind.SAFETY_CHECK:
            return _check(change, self.checks[change.target_id])
        return ChangeOut(seq=change.seq, kind=change.kind, id=change.target_id)


def _sessions(who: Actor, ids: list[UUID]) -> QuerySet[ExerciseSession]:
    answer = SessionVersion.objects.filter(
        session=OuterRef("pk"), number=OuterRef("version")
    ).values("answer")
    return (
        ExerciseSession.objects.visible_to(who)
        .filter(pk__in=ids)
        .annotate(newest_answer=Subquery(answer))
    )


def _session(
    change: PatientChange, session: ExerciseSession, results: list[ExerciseResult]
) -> ChangeOut:
    """A session that no longer counts leaves a mark in its place, without what it said."""
    out = ChangeOut(seq=change.seq, kind=change.kind, id=session.phone_id)
    if session.status in GONE:
        out.gone = cast("Any", session.status)
        return out
    answer = vars(session)["newest_answer"]
    out.session = logged_session(session, results, for_staff=False)
    out.feedback = msgspec.convert(answer["feedback"], FeedbackOut)
    return out


def _check(change: PatientChange, check: SafetyCheck) -> ChangeOut:
    answer = msgspec.convert(check.answer, SafetyAnswer)
    return ChangeOut(
        seq=change.seq,
        kind=change.kind,
        id=check.phone_id,
        safety_check=LoggedSafetyCheck(
            id=check.phone_id,
            checked_at=check.checked_at,
            checked_on=check.checked_on,
            received_at=check.received_at,
            answers=dict(check.answers),
            symptoms=list(check.symptoms),
            logged_as=check.logged_as,
            safety=answer.safety,
        ),
    )
