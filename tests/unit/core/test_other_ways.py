"""What goes another way than by mail, with its own failures."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from core.delivery import deliver
from core.mail import Mail, OtherWay, describe, is_about_this_mail, is_final
from core.mail_providers import NotTaken
from core.models import Message
from core.tenancy import clinic_context
from tests.factories import people
from tests.mail_server import mail_server

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)


def sent_by(call: Any) -> dict[str, Any]:
    """Writers that send an alert another way, and everything else by mail."""
    mail = Mail(to="ana@example.org", subject="Hello", template="password_changed")
    return {"alert": lambda _message, _now: OtherWay(call), "invitation": lambda *_said: mail}


def stored(world: people.World) -> list[tuple[str, int, str]]:
    with clinic_context(world.clinic.pk):
        rows = Message.objects.order_by("due_at")
        return list(rows.values_list("state", "attempts", "last_error"))


def test_it_is_sent_without_a_mail_server(world: people.World) -> None:
    sent: list[int] = []
    people.message(world.clinic, world.rui.user)

    assert deliver(writers=sent_by(lambda: sent.append(1)), now=NOW) == 1

    assert sent == [1]
    assert stored(world) == [("sent", 1, "")]


@pytest.mark.parametrize(
    ("error", "alert"),
    [
        (NotTaken("sms not taken"), ("waiting", 1, "sms not taken")),
        (NotTaken("sms refused", is_final=True), ("failed", 1, "sms refused")),
    ],
)
def test_what_was_not_taken_holds_up_no_mail(world: people.World, error: Any, alert: Any) -> None:
    def refuse() -> None:
        raise error

    people.message(world.clinic, world.rui.user, due_at=NOW - dt.timedelta(minutes=1))
    people.message(world.clinic, world.rui.user, kind=Message.Kind.INVITATION, due_at=NOW)

    with mail_server() as server:
        assert deliver(writers=sent_by(refuse), now=NOW) == 2

    assert len(server.mails) == 1
    assert stored(world) == [alert, ("sent", 1, "")]


def test_a_provider_that_is_down_ends_the_run(world: people.World) -> None:
    def refuse() -> None:
        raise NotTaken("timeout", is_provider_down=True)

    people.message(world.clinic, world.rui.user, due_at=NOW - dt.timedelta(minutes=1))
    people.message(world.clinic, world.rui.user, due_at=NOW)

    assert deliver(writers=sent_by(refuse), now=NOW) == 1
    assert [state for state, _tries, _error in stored(world)] == ["waiting", "waiting"]


def test_what_is_said_of_an_error() -> None:
    error = NotTaken("x" * 100)

    assert (describe(error), is_final(error), is_about_this_mail(error)) == ("x" * 80, False, True)
