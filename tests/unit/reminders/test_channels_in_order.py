"""One reminder through real channels: a browser, then a text, then a mail; each fails in its way."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest

from core.tenancy import clinic_context
from reminders import channels
from reminders.actions.deliver import deliver
from reminders.channels.web_push import WebPushPort
from reminders.models import Contact, Delivery
from tests.factories import people, prescribed, reminders
from tests.factories.people import World
from tests.factories.push import KEY, SECRET, vapid_settings
from tests.mail_server import MailServer, mail_server
from tests.push_service import Sink, http_sink, https_sink
from tests.unit.reminders.test_web_push import https, read_by_browser

# A Monday, at ten in Lisbon.
NOW = dt.datetime(2026, 11, 23, 10, 0, tzinfo=dt.UTC)
ORDER = ["web_push", "sms", "email"]


@pytest.fixture
def world(db: None) -> World:
    """Ana is reminded at ten, and has proved a browser, a number and an address."""
    made = people.world()
    user = made.ana.user
    assert user is not None
    prescribed.line(made.ana)
    reminders.preferences(made.ana, "10:00", channels=ORDER)
    reminders.browser(
        made.clinic, user, "https://localhost/push/1", push_key=KEY, push_secret=SECRET
    )
    reminders.contact(made.clinic, user, channel="sms", address="+351912345678")
    reminders.contact(made.clinic, user)
    reminders.delivery(made.ana, NOW, channel="web_push")
    return made


@pytest.fixture
def push(settings: Any, monkeypatch: Any) -> Iterator[Sink]:
    settings.PUSH_HOSTS = ["localhost"]
    for name, value in vapid_settings().items():
        setattr(settings, name, value)
    with https_sink() as running:
        monkeypatch.setitem(channels.PORTS, "web_push", lambda: WebPushPort(https(running)))
        yield running


@pytest.fixture
def gateway(settings: Any) -> Iterator[Sink]:
    with http_sink() as running:
        running.status = 200
        settings.SMS_URL = f"json://127.0.0.1:{running.port}/send?:to={{to}}"
        yield running


@pytest.fixture
def mails() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


def fates(world: World) -> list[tuple[str, str, str]]:
    with clinic_context(world.clinic.pk):
        rows = Delivery.objects.order_by("created_at", "pk")
        return list(rows.values_list("channel", "state", "last_error"))


def disabled(world: World) -> list[tuple[str, str]]:
    with clinic_context(world.clinic.pk):
        gone = Contact.objects.exclude(disabled_because="").order_by("channel")
        return list(gone.values_list("channel", "disabled_because"))


def test_the_first_carries_it_and_the_others_are_not_asked(
    world: World, push: Sink, gateway: Sink, mails: MailServer
) -> None:
    deliver(now=NOW)

    assert fates(world) == [("web_push", "sent", "")]
    [(_path, headers, body)] = push.requests
    said = read_by_browser(body)
    assert said["title"] == "Your plan for today is waiting"
    assert said["tag"] == "reminder:2026-11-23:1"
    assert 3590 <= int(headers["TTL"]) <= 3600
    assert "Ana" not in json.dumps(said)
    assert (gateway.requests, mails.mails) == ([], [])


def test_a_browser_that_is_gone_hands_over_to_a_text(
    world: World, push: Sink, gateway: Sink, mails: MailServer
) -> None:
    push.status = 410

    deliver(now=NOW)
    deliver(now=NOW)

    assert fates(world) == [("web_push", "failed", "push 410"), ("sms", "sent", "")]
    assert disabled(world) == [("web_push", "gone")]
    [(_path, _headers, body)] = gateway.requests
    assert json.loads(body)["message"] == (
        "You have something planned for today. Open your plan when you are ready."
    )
    assert mails.mails == []


def test_what_is_offered_no_longer_hands_over_at_once(world: World, mails: MailServer) -> None:
    for _run in range(3):
        deliver(now=NOW)

    assert fates(world) == [
        ("web_push", "failed", "not offered"),
        ("sms", "failed", "not offered"),
        ("email", "sent", ""),
    ]
    assert disabled(world) == []
    assert len(mails.mails) == 1


def test_a_service_that_is_down_for_now_keeps_it_until_it_is_too_late(
    world: World, push: Sink, gateway: Sink
) -> None:
    push.status = 503
    for minutes in (0, 2, 8):
        deliver(now=NOW + dt.timedelta(minutes=minutes))

    assert fates(world) == [("web_push", "waiting", "push 503")]
    assert len(push.requests) == 3
    assert gateway.requests == []
    assert disabled(world) == []


def test_without_anything_proved_nothing_goes_out(world: World, push: Sink, gateway: Sink) -> None:
    with clinic_context(world.clinic.pk):
        Contact.objects.update(confirmed_at=None)

    for _run in range(4):
        deliver(now=NOW)

    with clinic_context(world.clinic.pk):
        rows = list(Delivery.objects.order_by("created_at", "pk").values_list("state", "reason"))
    assert rows == [("suppressed", "no_contact")] * 3
    assert (push.connections, gateway.connections) == (0, 0)
