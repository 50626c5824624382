"""The record of who did what. Every write action calls `record` inside its own transaction."""

from __future__ import annotations

import contextvars
import datetime as dt
import ipaddress
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from core.bulk import insert_together
from core.models import AuditEvent


class Who(Protocol):
    """What the audit needs to know of an actor."""

    @property
    def user_id(self) -> UUID | None: ...
    @property
    def clinic_id(self) -> UUID | None: ...
    @property
    def acting_as(self) -> str: ...


@dataclass(frozen=True)
class Origin:
    """Where a request came from; empty outside a request."""

    request_id: str = ""
    address: str | None = None


NOWHERE = Origin()
_origin: contextvars.ContextVar[Origin] = contextvars.ContextVar("audit_origin", default=NOWHERE)


def set_origin(*, request_id: str, address: str | None) -> contextvars.Token[Origin]:
    """Remember where this request came from; an address that is none is kept as unknown."""
    try:
        known = str(ipaddress.ip_address(address)) if address else None
    except ValueError:
        known = None
    return _origin.set(Origin(request_id[:64], known))


def reset_origin(token: contextvars.Token[Origin]) -> None:
    _origin.reset(token)


def record(
    *,
    action: str,
    by: Who,
    now: dt.datetime,
    patient_id: UUID | None = None,
    target: str = "",
    target_id: UUID | None = None,
    reason: str = "",
    details: dict[str, Any] | None = None,
) -> AuditEvent:
    """Keep one event. `details` holds field names and ids, never clinical values."""
    event = build(
        action=action, by=by, now=now, patient_id=patient_id, target=target,
        target_id=target_id, reason=reason, details=details,
    )  # fmt: skip
    insert_together([event])
    return event


def build(
    *,
    action: str,
    by: Who,
    now: dt.datetime,
    patient_id: UUID | None = None,
    target: str = "",
    target_id: UUID | None = None,
    reason: str = "",
    details: dict[str, Any] | None = None,
) -> AuditEvent:
    """Make the event without storing it, for writers that insert many rows in one statement."""
    origin = _origin.get()
    return AuditEvent(
        at=now,
        clinic_id=by.clinic_id,
        actor_id=by.user_id,
        acting_as=by.acting_as,
        action=action,
        patient_id=patient_id,
        target=target,
        target_id=target_id,
        request_id=origin.request_id,
        address=origin.address,
        reason=reason[:500],
        details=details or {},
    )
