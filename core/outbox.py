"""
The outbox: what is to be mailed is left as a row, in the transaction of the change it tells of.

    outbox.leave(
        kind=Message.Kind.ALERT, clinic_id=clinic.pk, recipient_id=user.pk,
        key=f"alert:{alert.pk}:raised", about={"alert": alert.pk}, due_at=now,
    )

`core.delivery` sends it. No row holds health data or a secret.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from core.models import Message

KEEP_SETTLED = dt.timedelta(days=30)


def leave(
    *,
    kind: Message.Kind,
    clinic_id: UUID | None,
    key: str,
    due_at: dt.datetime,
    recipient_id: UUID | None = None,
    address: str = "",
    about: Mapping[str, UUID] | None = None,
) -> None:
    """
    Leave one message, to a user or to a plain address; the same key in a clinic is as once.

    The transaction must be in that clinic's context, or for None in no clinic's.
    """
    leave_all(
        [
            draft(
                kind=kind, clinic_id=clinic_id, key=key, due_at=due_at,
                recipient_id=recipient_id, address=address, about=about,
            )
        ]
    )  # fmt: skip


def leave_all(messages: Sequence[Message]) -> None:
    """Leave several messages in one statement; those whose key is known are left out."""
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    nudge_on_commit()


def draft(
    *,
    kind: Message.Kind,
    clinic_id: UUID | None,
    key: str,
    due_at: dt.datetime,
    recipient_id: UUID | None = None,
    address: str = "",
    about: Mapping[str, UUID] | None = None,
) -> Message:
    """Make a message without storing it, for writers that insert many rows in one statement."""
    return Message(
        kind=kind,
        clinic_id=clinic_id,
        key=key,
        recipient_id=recipient_id,
        address=address,
        about={name: str(UUID(str(one))) for name, one in (about or {}).items()},
        due_at=due_at,
        next_at=due_at,
    )


def nudge_on_commit() -> None:
    """Have a worker look once this transaction is committed; a lost nudge loses nothing."""
    if not any(entry[1] is _nudge for entry in connection.run_on_commit):
        transaction.on_commit(_nudge, robust=True)


def tidy_messages(*, now: dt.datetime) -> int:
    """Delete what was settled a month ago, in the context's clinic; return how much."""
    settled = Message.objects.filter(settled_at__lt=now - KEEP_SETTLED)
    deleted, _per_model = settled.delete()
    return deleted


def _nudge() -> None:
    import_string(settings.OUTBOX_NUDGE)()
