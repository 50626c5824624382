"""Many sessions and safety checks at once: each has its own outcome, none holds back another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinics.actors import Actor
from core.bodies import decode
from core.errors import Conflict, DomainError, Invalid
from patients.actions.change import lock_patient
from patients.models import Patient
from sessions.actions.safety_checks import store_check
from sessions.actions.store import store
from sessions.bodies import (
    Batch,
    BatchAnswer,
    BatchSafetyCheck,
    BatchSession,
    ItemProblem,
    SafetyCheckFacts,
    SessionFacts,
)
from sessions.judging import check_shape

MOST_ITEMS = 100
Facts = TypeVar("Facts", SessionFacts, SafetyCheckFacts)
Answer = TypeVar("Answer", BatchSession, BatchSafetyCheck)


def log_batch(*, patient_id: UUID, batch: Batch, by: Actor, now: dt.datetime) -> BatchAnswer:
    """
    Store each good item and say of each what became of it, in the order sent.

    Items are stored sorted by when they happened, so that each is judged after what came before;
    under the patient's lock no order can deadlock.

    :raises core.errors.Invalid: no item, or more than 100 in all; nothing is stored
    """
    count = len(batch.sessions) + len(batch.safety_checks)
    if count > MOST_ITEMS:
        raise Invalid.at("sessions", "too_many", _("Send at most 100 items at a time."))
    if count == 0:
        raise Invalid.at("sessions", "missing", _("Send at least one item."))
    sent_at = batch.sent_at.at if batch.sent_at else None
    with transaction.atomic(savepoint=False):
        patient = lock_patient(patient_id, by)
        one = _Batch(patient=patient, sent_at=sent_at, by=by, now=now)
        return BatchAnswer(
            safety_checks=one.all(batch.safety_checks, SafetyCheckFacts, one.check),
            sessions=one.all(batch.sessions, SessionFacts, one.session),
        )


class _Batch(msgspec.Struct, frozen=True, kw_only=True):
    """The items of one upload for one locked patient."""

    patient: Patient
    sent_at: dt.datetime | None
    by: Actor
    now: dt.datetime

    def all(
        self,
        raw_items: list[dict[str, Any]],
        kind: type[Facts],
        keep: Callable[[Facts], Answer],
    ) -> list[Answer]:
        answers: dict[int, Answer] = {}
        read: list[tuple[tuple[dt.datetime, UUID, int], Facts]] = []
        refused = BatchSession if kind is SessionFacts else BatchSafetyCheck
        for place, raw in enumerate(raw_items):
            try:
                item = decode(raw, kind)
            except Invalid as error:
                answers[place] = _refused(refused, raw, error)  # type: ignore[assignment]
            else:
                read.append(((_happened_at(item), item.id, place), item))
        for (_at, _id, place), item in sorted(read, key=lambda pair: pair[0]):
            try:
                answers[place] = keep(item)
            except DomainError as error:
                answers[place] = _refused(refused, raw_items[place], error)  # type: ignore[assignment]
        return [answers[place] for place in range(len(raw_items))]

    def session(self, content: SessionFacts) -> BatchSession:
        check_shape(content)
        logged = store(
            patient=self.patient, content=content, sent_at=self.sent_at, by=self.by, now=self.now
        )
        return BatchSession(
            id=str(content.id),
            status=logged.outcome,
            version=logged.answer.version,
            feedback=logged.answer.feedback,
        )

    def check(self, content: SafetyCheckFacts) -> BatchSafetyCheck:
        checked = store_check(
            patient=self.patient, content=content, sent_at=self.sent_at, by=self.by, now=self.now
        )
        return BatchSafetyCheck(
            id=str(content.id),
            status=checked.outcome,
            version=checked.answer.version,
            safety=checked.answer.safety,
        )


def _happened_at(item: SessionFacts | SafetyCheckFacts) -> dt.datetime:
    return item.performed_at.at if isinstance(item, SessionFacts) else item.checked_at.at


def _refused(kind: type[Answer], raw: dict[str, Any], error: DomainError) -> Answer:
    given = raw.get("id")
    return kind(
        id=given[:64] if isinstance(given, str) else None,
        status="conflict" if isinstance(error, Conflict) else "refused",
        code=error.code,
        detail=str(error.detail),
        errors=[
            ItemProblem(field=each.field, code=each.code, detail=str(each.detail))
            for each in error.errors
        ]
        or None,
    )
