from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from core import outbox
from core.models import Message
from core.tenancy import clinic_context
from tests.factories import people
from tests.factories.database import checked_at_once

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
ALERT = uuid.UUID(int=7)


def leave(world: people.World, **fields: Any) -> None:
    with clinic_context(world.clinic.pk):
        outbox.leave(
            **{
                "kind": Message.Kind.ALERT,
                "clinic_id": world.clinic.pk,
                "recipient_id": world.rui.user_id,
                "key": "alert:7:raised",
                "about": {"alert": ALERT},
                "due_at": NOW,
            }
            | fields
        )


def kept(clinic_id: uuid.UUID | None) -> list[Message]:
    with clinic_context(clinic_id):
        return list(Message.objects.order_by("pk"))


def test_a_message_waits_from_when_it_is_due(world):
    leave(world)

    [message] = kept(world.clinic.pk)
    assert (message.kind, message.recipient_id, message.address) == ("alert", world.rui.user_id, "")
    assert message.about == {"alert": str(ALERT)}
    assert (message.state, message.attempts, message.due_at, message.next_at) == (
        "waiting", 0, NOW, NOW,
    )  # fmt: skip
    assert (message.claimed_at, message.settled_at, message.last_error) == (None, None, "")


def test_the_same_key_is_left_once_in_a_clinic(world):
    leave(world)
    leave(world, recipient_id=world.marta.user_id)
    leave(world, key="alert:7:escalated")
    with clinic_context(world.far_clinic.pk):
        people.message(world.far_clinic, world.far_therapist.user, key="alert:7:raised")

    assert [one.key for one in kept(world.clinic.pk)] == ["alert:7:raised", "alert:7:escalated"]
    assert [one.recipient_id for one in kept(world.clinic.pk)] == [world.rui.user_id] * 2
    assert [one.key for one in kept(world.far_clinic.pk)] == ["alert:7:raised"]


def test_the_same_key_is_left_once_where_there_is_no_clinic(world):
    people.message(None, world.rui.user, key="reset:1")
    people.message(None, world.marta.user, key="reset:1")

    assert [one.recipient_id for one in kept(None)] == [world.rui.user_id]


def test_many_are_left_in_one_statement(world, django_assert_num_queries):
    drafts = [
        outbox.draft(
            kind=Message.Kind.ALERT, clinic_id=world.clinic.pk, key=f"alert:{number}",
            address="on-call@harbour.example", due_at=NOW,
        )
        for number in range(5)
    ]  # fmt: skip

    with clinic_context(world.clinic.pk), django_assert_num_queries(1):
        outbox.leave_all(drafts)

    assert len(kept(world.clinic.pk)) == 5


def test_what_a_message_is_about_is_told_by_ids_alone(world):
    with pytest.raises(ValueError, match="badly formed"):
        outbox.draft(
            kind=Message.Kind.ALERT, clinic_id=world.clinic.pk, key="alert:1",
            recipient_id=world.rui.user_id, about={"symptom": "chest pain"}, due_at=NOW,
        )  # fmt: skip


WRONG = [
    ("message_has_one_recipient", {"recipient_id": None, "address": ""}),
    ("message_has_one_recipient", {"address": "rui@example.org"}),
    ("message_kind_is_known", {"kind": "gossip"}),
    ("message_has_a_key", {"key": ""}),
    ("message_state_is_known", {"state": "lost", "settled_at": NOW}),
    ("message_is_settled_or_waits", {"state": "sent"}),
    ("message_is_settled_or_waits", {"settled_at": NOW}),
    ("message_is_tried_four_times", {"attempts": 5}),
    ("message_is_not_tried_before_it_is_due", {"next_at": NOW - dt.timedelta(seconds=1)}),
]


@pytest.mark.parametrize(("constraint", "wrong"), WRONG)
def test_the_database_refuses(world, constraint, wrong):
    leave(world)
    with clinic_context(world.clinic.pk), checked_at_once():
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            Message.objects.update(**wrong)

        assert refused.value.__cause__.diag.constraint_name == constraint
        assert Message.objects.update(attempts=4, state="failed", settled_at=NOW) == 1


def test_a_clinic_s_messages_are_seen_in_its_context_alone(world):
    leave(world)
    people.message(None, world.rui.user, key="reset:1")

    seen = {
        name: [one.key for one in kept(clinic_id)]
        for name, clinic_id in [
            ("harbour", world.clinic.pk), ("fjord", world.far_clinic.pk), ("none", None),
        ]
    }  # fmt: skip

    assert seen == {"harbour": ["alert:7:raised"], "fjord": [], "none": ["reset:1"]}


@pytest.mark.parametrize("context", ["far_clinic", None])
def test_a_message_cannot_be_put_into_another_clinic(world, context):
    place = getattr(world, context).pk if context else None
    message = outbox.draft(
        kind=Message.Kind.ALERT, clinic_id=world.clinic.pk, key="alert:1",
        recipient_id=world.rui.user_id, due_at=NOW,
    )  # fmt: skip

    with clinic_context(place), pytest.raises(DatabaseError) as refused, transaction.atomic():
        outbox.leave_all([message])

    assert refused.value.__cause__.sqlstate == "42501"


def test_a_worker_is_nudged_once_for_each_transaction_that_leaves_messages(
    world, settings, django_capture_on_commit_callbacks
):
    settings.OUTBOX_NUDGE = f"{__name__}.count_nudge"
    nudges.clear()

    with django_capture_on_commit_callbacks(execute=True):
        leave(world)
        leave(world, key="alert:8")
    assert nudges == [1]


nudges: list[int] = []


def count_nudge() -> None:
    nudges.append(1)


def test_messages_go_a_month_after_they_were_settled(world):
    for key, settled in [
        ("old", NOW - dt.timedelta(days=30, seconds=1)),
        ("kept", NOW - dt.timedelta(days=30)),
    ]:
        people.message(world.clinic, world.rui.user, key=key)
        with clinic_context(world.clinic.pk):
            Message.objects.filter(key=key).update(state="sent", settled_at=settled)
    people.message(world.clinic, world.rui.user, key="waiting")

    with clinic_context(world.clinic.pk):
        assert outbox.tidy_messages(now=NOW) == 1
        assert outbox.tidy_messages(now=NOW) == 0

    assert [one.key for one in kept(world.clinic.pk)] == ["kept", "waiting"]


def test_claiming_answers_with_a_key_and_takes_on_the_clinic(world):
    leave(world)
    with connection.cursor() as cursor:
        cursor.execute("SELECT claim_message(%s)", [NOW])
        [claimed] = cursor.fetchone()
        cursor.execute("SELECT current_setting('app.clinic_id')")
        context = cursor.fetchone()[0]

    assert (claimed, context) == (kept(world.clinic.pk)[0].pk, str(world.clinic.pk))
