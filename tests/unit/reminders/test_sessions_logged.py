"""What a weekly mail says of sessions: how many, and nothing of a week that was paused and quiet."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from django.core import mail as outgoing

from reminders.actions.deliver import deliver
from reminders.actions.weeks import make_weeks
from reminders.bodies.weeks import Week
from reminders.weekly_mails import sessions_logged
from tests.factories import people, prescribed
from tests.factories import reminders as factory
from tests.factories.reminders import QUIET_WEEK
from tests.unit.reminders.weeks import DAY, DUE, MONDAY, days, do

PAUSED = ["paused"] * 7
SAID = [
    (PAUSED, 0, ""),
    (PAUSED, 1, "1 session logged."),
    (PAUSED, 2, "2 sessions logged."),
    (["rest", *PAUSED[1:]], 0, "0 sessions logged."),
    ([*PAUSED[1:], "not_done"], 0, "0 sessions logged."),
    (["rest"] * 7, 0, "0 sessions logged."),
    (["done"] * 7, 7, "7 sessions logged."),
]


def week(states: list[str], sessions: int) -> Week:
    told: dict[str, Any] = QUIET_WEEK | {
        "days": [
            {"on": f"2026-11-{16 + number}", "state": state, "words": "…"}
            for number, state in enumerate(states)
        ],
        "sessions": sessions,
    }
    return msgspec.convert(told, Week)


@pytest.mark.parametrize(("states", "sessions", "said"), SAID)
def test_nothing_is_said_of_no_session_in_a_week_paused_all_through(states, sessions, said):
    assert sessions_logged(week(states, sessions)) == said


@pytest.fixture
def line(db: None) -> prescribed.Line:
    """Ana's, paused from the day before the week until its end; she agreed to counts by mail."""
    world = people.world()
    assert world.ana.user is not None
    factory.contact(world.clinic, world.ana.user)
    factory.preferences(world.ana, counts_by_mail_at=DUE - DAY)
    people.pause(world.ana, starts_on=MONDAY - DAY, ends_on=MONDAY + 6 * DAY)
    return prescribed.line(world.ana, from_=MONDAY, schedule="weekdays", weekdays=0b0011111)


def mailed() -> tuple[list[str], str]:
    """Return the lines of the one mail's text, and its page."""
    make_weeks(now=DUE)
    deliver(now=DUE)
    [mail] = outgoing.outbox
    assert isinstance(mail, outgoing.EmailMultiAlternatives)
    [page] = mail.alternatives
    return str(mail.body).splitlines(), str(page[0])


def test_the_mail_of_a_paused_week_leaves_no_gap(line):
    lines, page = mailed()

    at = lines.index("Your week")
    assert lines[at - 2] == "Your plan was paused all week. Take the time you need."
    assert lines[at + 1 : at + 11] == [
        "  Mon  Paused",
        "  Tue  Paused",
        "  Wed  Paused",
        "  Thu  Paused",
        "  Fri  Paused",
        "  Sat  Paused",
        "  Sun  Paused",
        "",
        "Next week: The plan is the same: 5 days.",
        "",
    ]
    assert "logged" not in page
    assert '<p style="margin:0 0 12px"></p>' not in page


def test_what_was_logged_in_it_all_the_same_is_said(line):
    do(line, *days(2))

    lines, page = mailed()

    assert "1 session logged." in lines
    assert '<p style="margin:0 0 12px">1 session logged.</p>' in page
