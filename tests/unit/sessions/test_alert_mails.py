"""The mail of an alert: sent while it waits, dropped with its reason once somebody has answered."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.core import mail as outgoing

from clinics.mails import alert_mail
from core.delivery import deliver
from core.mail import Mail, Unwanted
from core.models import Message
from core.tenancy import clinic_context
from rehab_platform.mails import WRITERS
from sessions.actions.alerts import acknowledge_alert, resolve_alert
from sessions.mails import waiting_alert_mail
from sessions.models import Alert
from tests.factories import people
from tests.factories.people import World

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)


@pytest.fixture
def alert(world: World) -> Alert:
    with clinic_context(world.clinic.pk):
        return Alert.objects.create(
            clinic=world.clinic, patient=world.ana, rule="fall", severity="critical",
            raised_at=NOW, opened_at=NOW, last_occurred_at=NOW,
        )  # fmt: skip


def leave(world: World, alert: Alert) -> list[Message]:
    """A message to each of two therapists, and one to the address of who is on call."""
    about = {"alert": alert.pk}
    return [
        people.message(world.clinic, world.rui.user, about=about),
        people.message(world.clinic, world.marta.user, about=about),
        people.message(
            world.clinic, world.rui.user, about=about, recipient_id=None,
            address="oncall@harbour.example",
        ),
    ]  # fmt: skip


def settled(world: World) -> list[tuple[str, str, int]]:
    with clinic_context(world.clinic.pk):
        rows = Message.objects.order_by("pk")
        return list(rows.values_list("state", "last_error", "attempts"))


def test_while_it_is_open_everybody_is_told(world, alert):
    leave(world, alert)

    deliver(writers=WRITERS, now=NOW)

    assert len(outgoing.outbox) == 3
    assert settled(world) == [("sent", "", 1)] * 3


@pytest.mark.parametrize("answer", ["acknowledged", "resolved"])
def test_once_it_is_answered_nobody_is_and_the_reason_is_kept(world, alert, answer):
    leave(world, alert)
    with clinic_context(world.clinic.pk):
        by = people.acting(world.rui)
        if answer == "acknowledged":
            acknowledge_alert(alert_id=alert.pk, by=by, now=NOW)
        else:
            resolve_alert(alert_id=alert.pk, note="She is well.", by=by, now=NOW)

    deliver(writers=WRITERS, now=NOW)

    assert outgoing.outbox == []
    assert settled(world) == [("dropped", f"the alert is {answer}", 0)] * 3


def test_one_that_opened_again_is_told_of(world, alert):
    with clinic_context(world.clinic.pk):
        acknowledge_alert(alert_id=alert.pk, by=people.acting(world.rui), now=NOW)
        Alert.objects.update(status="open", acknowledged_at=None, acknowledged_by=None)
    leave(world, alert)

    deliver(writers=WRITERS, now=NOW)

    assert [state for state, _why, _times in settled(world)] == ["sent"] * 3


def test_what_names_no_alert_that_is_known_is_sent_rather_than_lost(world):
    for about in ({}, {"alert": uuid.uuid4()}):
        message = people.message(world.clinic, world.rui.user, about=about)
        with clinic_context(world.clinic.pk):
            stored = Message.objects.get(pk=message.pk)
            assert waiting_alert_mail(stored, NOW) == alert_mail(stored, NOW)
            assert isinstance(alert_mail(stored, NOW), Mail)


def test_an_answer_in_another_clinic_drops_nothing_here(world, alert):
    with clinic_context(world.clinic.pk):
        acknowledge_alert(alert_id=alert.pk, by=people.acting(world.rui), now=NOW)
    message = people.message(world.far_clinic, world.far_therapist.user, about={"alert": alert.pk})

    deliver(writers=WRITERS, now=NOW)

    with clinic_context(world.far_clinic.pk):
        assert Message.objects.get(pk=message.pk).state == "sent"


def test_a_login_that_has_ended_is_said_too(world, alert):
    leave(world, alert)
    world.marta.user.is_active = False
    world.marta.user.save()

    deliver(writers=WRITERS, now=NOW)

    assert settled(world) == [
        ("sent", "", 1),
        ("dropped", "the login has ended", 0),
        ("sent", "", 1),
    ]


def test_a_reason_is_cut_to_what_fits(world):
    people.message(world.clinic, world.rui.user)

    deliver(writers={"alert": lambda _message, _now: Unwanted("w" * 81)}, now=NOW)

    assert settled(world) == [("dropped", "w" * 80, 0)]
