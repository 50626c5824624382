"""What a mail's provider tells: believed when it is the provider, and once for each proof."""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from core.tenancy import clinic_context
from patients.models import Patient
from reminders.delivery_tokens import delivery_token
from reminders.models import (
    Contact,
    Delivery,
    DigestPreferences,
    Receipt,
    ReminderPreferences,
    StoppedCopies,
)
from tests.api.patients.stored import change_seq, events
from tests.factories import reminders
from tests.factories.people import World

NOW = "2026-11-26T10:00:00Z"
AT = dt.datetime.fromisoformat(NOW)
SENT_AT = AT - dt.timedelta(minutes=1)
SECRET = "hooks:correct horse"
SIGNING_KEY = "mailguns-own-key"


@dataclass(frozen=True)
class Told:
    """One provider's ways to tell of a mail: by token and address."""

    name: str
    bounce: Callable[[str, str], Any]
    complaint: Callable[[str, str], Any]
    soft: Callable[[str, str], Any]


def _postmark(**said: Any) -> Callable[[str, str], Any]:
    return lambda token, to: {
        "ID": 42, "MessageID": "x", "Metadata": {"delivery": token}, "Email": to,
        "BouncedAt": NOW, **said,
    }  # fmt: skip


def _brevo(event: str) -> Callable[[str, str], Any]:
    return lambda token, to: {
        "event": event, "email": to, "message-id": "<x@y>", "ts_epoch": 1764151200000,
        "X-Mailin-custom": json.dumps({"delivery": token}),
    }  # fmt: skip


def _mailjet(event: str, **said: Any) -> Callable[[str, str], Any]:
    return lambda token, to: [
        {"event": event, "email": to, "time": 1764151200, "MessageID": 7,
         "Payload": json.dumps({"delivery": token}), **said}
    ]  # fmt: skip


def _mailgun(event: str, **said: Any) -> Callable[[str, str], Any]:
    return lambda token, to: {
        "signature": _signature(),
        "event-data": {
            "event": event, "id": "x", "timestamp": 1764151200.0, "recipient": to,
            "user-variables": {"delivery": token}, "message": {"headers": {"message-id": "x"}},
            **said,
        },
    }  # fmt: skip


def _signature(key: str = SIGNING_KEY) -> dict[str, str]:
    said = {"timestamp": "1764151200", "token": "a" * 50}
    mark = hmac.digest(key.encode(), f"{said['timestamp']}{said['token']}".encode(), "sha256")
    return said | {"signature": mark.hex()}


PROVIDERS = [
    Told(
        "postmark",
        bounce=_postmark(RecordType="Bounce", Type="HardBounce"),
        complaint=_postmark(RecordType="SpamComplaint", Type="SpamComplaint"),
        soft=_postmark(RecordType="Bounce", Type="SoftBounce"),
    ),
    Told("brevo", _brevo("hard_bounce"), _brevo("spam"), _brevo("soft_bounce")),
    Told(
        "mailjet",
        bounce=_mailjet("bounce", hard_bounce=True, blocked=False, error="user unknown"),
        complaint=_mailjet("spam", source="x"),
        soft=_mailjet("bounce", hard_bounce=False, blocked=False, error="mailbox inactive"),
    ),
    Told(
        "mailgun",
        bounce=_mailgun("failed", severity="permanent", reason="bounce"),
        complaint=_mailgun("complained"),
        soft=_mailgun("failed", severity="temporary", reason="generic"),
    ),
]
POSTMARK = PROVIDERS[0]


@pytest.fixture(autouse=True)
def _listening(settings: Any, stop_clock: Callable[[str], None]) -> None:
    stop_clock(NOW)
    listen(settings, "postmark")


def listen(settings: Any, provider: str) -> None:
    settings.MAIL_PROVIDER = provider
    settings.MAIL_WEBHOOK_SECRET = SECRET
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET, "MAILGUN_WEBHOOK_SIGNING_KEY": SIGNING_KEY}


def tell(body: Any, *, secret: str | None = SECRET, method: str = "post") -> int:
    headers = {}
    if secret is not None:
        headers["Authorization"] = f"Basic {base64.b64encode(secret.encode()).decode()}"
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = Client().generic(
        method.upper(), "/hooks/mail", raw, content_type="application/json", headers=headers
    )
    return int(answer.status_code)


def sent(world: World, **fields: Any) -> tuple[Contact, Delivery, str]:
    """A reminder that went out to Ana a minute ago, and the token that it carried."""
    assert world.ana.user is not None
    contact = reminders.contact(world.clinic, world.ana.user)
    delivery = reminders.delivery(
        world.ana, SENT_AT, **{"state": "sent", "attempts": 1, "settled_at": SENT_AT} | fields
    )
    return contact, delivery, token_of(delivery)


def token_of(delivery: Delivery) -> str:
    return delivery_token(clinic_id=delivery.clinic_id, delivery_id=delivery.pk)


def stored(world: World) -> Any:
    with clinic_context(world.clinic.pk):
        return (
            list(Contact.objects.order_by("pk").values()),
            list(ReminderPreferences.objects.order_by("pk").values()),
            list(Delivery.objects.order_by("pk").values()),
        )


# ---- what it does -------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda one: one.name)
def test_a_hard_bounce_disables_the_address_and_a_soft_one_nothing(
    world: World, settings: Any, provider: Told
) -> None:
    listen(settings, provider.name)
    contact, delivery, token = sent(world)
    before = stored(world)

    assert tell(provider.soft(token, contact.address)) == 200
    assert stored(world) == before
    assert tell(provider.bounce(token, contact.address.upper())) == 200

    [[row], preferences, [told]] = stored(world)
    assert (row["disabled_because"], row["disabled_at"]) == ("bounced", AT)
    assert (told["state"], told["last_error"], told["settled_at"]) == ("failed", "bounced", SENT_AT)
    assert preferences == []
    [event] = events(world, "contact_bounced")
    assert (event.acting_as, event.patient_id, event.target_id) == (
        "system", world.ana.pk, contact.pk,
    )  # fmt: skip
    assert event.details == {"channel": "email", "delivery": str(delivery.pk)}
    assert change_seq(world.ana) == 1


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda one: one.name)
def test_a_complaint_disables_the_address_and_stops_that_kind(
    world: World, settings: Any, provider: Told
) -> None:
    listen(settings, provider.name)
    contact, _delivery, token = sent(world, kind="weekly_summary", slot=0)
    reminders.preferences(world.ana, "09:00")

    assert tell(provider.complaint(token, contact.address)) == 200

    [[row], [chosen], [delivery]] = stored(world)
    assert (row["disabled_because"], row["disabled_at"]) == ("complained", AT)
    assert (chosen["summaries_stopped_at"], chosen["reminders_stopped_at"]) == (AT, None)
    assert (chosen["version"], delivery["state"]) == (2, "sent")
    assert len(events(world, "contact_complained")) == 1
    [stopped] = events(world, "mails_stopped")
    assert (stopped.details, stopped.patient_id) == ({"kind": "weekly_summary"}, world.ana.pk)


def test_a_complaint_of_somebody_who_chose_nothing_is_kept_too(world: World) -> None:
    contact, _delivery, token = sent(world)

    tell(POSTMARK.complaint(token, contact.address))

    [_contacts, [chosen], _deliveries] = stored(world)
    assert (chosen["reminders_stopped_at"], chosen["version"]) == (AT, 1)


def test_a_carer_s_complaint_stops_nothing_of_the_patient_s(world: World) -> None:
    reminders.preferences(world.ana, "09:00")
    contact = reminders.contact(world.clinic, world.carer.user)
    copy = reminders.delivery(
        world.ana, SENT_AT, recipient_id=world.carer.user_id, state="sent", settled_at=SENT_AT
    )

    tell(POSTMARK.complaint(token_of(copy), contact.address))

    [[row], [chosen], _deliveries] = stored(world)
    assert row["disabled_because"] == "complained"
    assert (chosen["reminders_stopped_at"], chosen["version"]) == (None, 1)
    assert change_seq(world.ana) == 0
    with clinic_context(world.clinic.pk):
        copies = StoppedCopies.objects.get()
    assert (copies.user_id, copies.stopped_at) == (world.carer.user_id, AT)


def test_a_complaint_of_somebody_who_left_disables_the_address_alone(world: World) -> None:
    contact, _delivery, token = sent(world)
    with clinic_context(world.clinic.pk):
        Patient.objects.filter(pk=world.ana.pk).update(user=None)

    assert tell(POSTMARK.complaint(token, contact.address)) == 200

    [[row], preferences, _deliveries] = stored(world)
    assert (row["disabled_because"], preferences) == ("complained", [])


def test_a_therapist_who_marks_a_digest_as_unwanted_gets_no_more(world: World) -> None:
    contact = reminders.contact(world.clinic, world.rui.user)
    with clinic_context(world.clinic.pk):
        digest = Delivery.objects.create(
            clinic=world.clinic, recipient=world.rui.user, kind="digest", channel="email",
            local_date=dt.date(2026, 11, 16), time_zone="Europe/Lisbon", due_at=SENT_AT,
            next_at=SENT_AT, expires_at=AT, state="sent", settled_at=SENT_AT,
        )  # fmt: skip

    assert tell(POSTMARK.complaint(token_of(digest), contact.address)) == 200

    assert stored(world)[0][0]["disabled_because"] == "complained"
    assert events(world, "contact_complained")[0].patient_id is None
    with clinic_context(world.clinic.pk):
        assert DigestPreferences.objects.get(membership=world.rui).stopped_at == AT


def test_what_bounced_in_time_goes_on_by_the_next_channel(world: World) -> None:
    reminders.preferences(world.ana, "09:00", channels=["email", "sms"])
    contact, first, token = sent(world)

    tell(POSTMARK.bounce(token, contact.address))

    [_contacts, _preferences, [_failed, instead]] = stored(world)
    assert (instead["channel"], instead["state"], instead["instead_of"]) == (
        "sms", "waiting", first.pk,
    )  # fmt: skip
    tell(POSTMARK.bounce(token, contact.address))
    assert len(stored(world)[2]) == 2


@pytest.mark.parametrize(
    ("is_received", "expected"),
    [(True, ("failed", 1, "bounced", SENT_AT)), (False, ("waiting", 0, "", None))],
)
def test_what_a_worker_sent_before_it_died_bounces_too(
    world: World, is_received: bool, expected: Any
) -> None:
    """Its receipt says that it went out, and when. What has none is tried again, if anywhere."""
    reminders.preferences(world.ana, "09:00", channels=["email", "sms"])
    contact, first, token = sent(world, state="waiting", attempts=0, settled_at=None)
    if is_received:
        Receipt.objects.create(delivery_id=first.pk, at=SENT_AT)

    assert tell(POSTMARK.bounce(token, contact.address)) == 200

    [[row], _preferences, [told, *instead]] = stored(world)
    assert row["disabled_because"] == "bounced"
    assert (told["state"], told["attempts"], told["last_error"], told["settled_at"]) == expected
    assert [one["channel"] for one in instead] == (["sms"] if is_received else [])
    assert not Receipt.objects.filter(pk=first.pk).exists()


def test_what_bounced_too_late_goes_nowhere(world: World) -> None:
    reminders.preferences(world.ana, "09:00", channels=["email", "sms"])
    contact, _delivery, token = sent(world, expires_at=AT)

    tell(POSTMARK.bounce(token, contact.address))

    assert [one["state"] for one in stored(world)[2]] == ["failed"]


# ---- what changes nothing -----------------------------------------------------------------------


def test_told_again_it_changes_nothing_more(
    world: World, stop_clock: Callable[[str], None]
) -> None:
    contact, _delivery, token = sent(world)
    tell(POSTMARK.bounce(token, contact.address))
    before = stored(world)
    stop_clock("2026-11-26T11:00:00Z")

    for told in (POSTMARK.bounce, POSTMARK.complaint):
        assert tell(told(token, contact.address)) == 200

    assert stored(world) == before
    assert len(events(world, "contact_bounced")) == 1


def test_replayed_after_the_address_was_proved_again_it_changes_nothing(world: World) -> None:
    contact, _delivery, token = sent(world)
    tell(POSTMARK.bounce(token, contact.address))
    with clinic_context(world.clinic.pk):
        Contact.objects.update(disabled_at=None, disabled_because="", confirmed_at=AT)
    before = stored(world)

    assert tell(POSTMARK.bounce(token, contact.address)) == 200

    assert stored(world) == before


def test_what_does_not_fit_changes_nothing(world: World) -> None:
    contact, delivery, token = sent(world)
    other = reminders.contact(world.clinic, world.rui.user)
    text = reminders.delivery(world.ana, SENT_AT, channel="sms", slot=2)
    elsewhere = delivery_token(clinic_id=world.far_clinic.pk, delivery_id=delivery.pk)
    nowhere = delivery_token(clinic_id=world.clinic.pk, delivery_id=uuid.uuid4())
    nobody = delivery_token(clinic_id=uuid.uuid4(), delivery_id=delivery.pk)
    before = stored(world)

    for said, to in [
        (token, other.address),
        (token, "somebody@example.org"),
        (token, ""),
        (token_of(text), contact.address),
        (elsewhere, contact.address),
        (nowhere, contact.address),
        (nobody, contact.address),
        (token[:-1] + ("A" if token[-1] != "A" else "B"), contact.address),
        (str(delivery.pk), contact.address),
        ("", contact.address),
    ]:
        assert tell(POSTMARK.bounce(said, to)) == 200
    for kind in ("Open", "Click", "Delivery", "SubscriptionChange", "Gossip"):
        assert tell(POSTMARK.bounce(token, contact.address) | {"RecordType": kind}) == 200

    assert stored(world) == before
