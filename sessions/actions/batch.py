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
Item = TypeVar("Item", SessionFacts, SafetyCheckFacts)
Answer = TypeVar("Answer")


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
        checks = settle(batch.safety_checks, SafetyCheckFacts, one.check, _refused_check)
        sessions = settle(batch.sessions, SessionFacts, one.session, _refused_session)
        return BatchAnswer(sessions=sessions, safety_checks=checks)


class _Batch(msgspec.Struct, frozen=True, kw_only=True):
    """The items of one upload for one locked patient."""

    patient: Patient
    sent_at: dt.datetime | None
    by: Actor
    now: dt.datetime

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


def settle(
    raw_items: list[dict[str, Any]],
    kind: type[Item],
    keep: Callable[[Item], Answer],
    refuse: Callable[[dict[str, Any], DomainError], Answer],
) -> list[Answer]:
    """
    Keep each item that can be kept, oldest first, and answer in the order sent.

    Of two with one id the one that stands first in the batch is looked at first.
    """
    answers: dict[int, Answer] = {}
    read: list[tuple[dt.datetime, UUID, int, Item]] = []
    for place, raw in enumerate(raw_items):
        try:
            item = decode(raw, kind)
        except Invalid as error:
            answers[place] = refuse(raw, error)
        else:
            read.append((_happened_at(item), item.id, place, item))
    first_at = {each[1]: each[0] for each in reversed(read)}
    for _at, _id, place, item in sorted(read, key=lambda each: (first_at[each[1]], *each[1:3])):
        try:
            answers[place] = keep(item)
        except DomainError as error:
            answers[place] = refuse(raw_items[place], error)
    return [answers[place] for place in range(len(raw_items))]


def _happened_at(item: SessionFacts | SafetyCheckFacts) -> dt.datetime:
    return item.performed_at.at if isinstance(item, SessionFacts) else item.checked_at.at


def _refused_session(raw: dict[str, Any], error: DomainError) -> BatchSession:
    return BatchSession(
        id=_id_of(raw),
        status="conflict" if isinstance(error, Conflict) else "refused",
        code=error.code,
        detail=str(error.detail),
        errors=_problems(error),
    )


def _refused_check(raw: dict[str, Any], error: DomainError) -> BatchSafetyCheck:
    return BatchSafetyCheck(
        id=_id_of(raw),
        status="conflict" if isinstance(error, Conflict) else "refused",
        code=error.code,
        detail=str(error.detail),
        errors=_problems(error),
    )


def _id_of(raw: dict[str, Any]) -> str | None:
    """The id as it was sent, so that the phone finds its item, whatever else is wrong with it."""
    given = raw.get("id")
    return given[:64] if isinstance(given, str) else None


def _problems(error: DomainError) -> list[ItemProblem] | None:
    named = [
        ItemProblem(field=each.field, code=each.code, detail=each.detail) for each in error.errors
    ]
    return named or None
