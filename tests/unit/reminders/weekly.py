"""The world that the weekly mails tell of, and the mails as they go out."""

from __future__ import annotations

import datetime as dt
import re

from django.core import mail as outgoing

from clinics.models import User
from core.tenancy import clinic_context
from patients.models import Patient
from reminders.actions.deliver import deliver
from reminders.actions.weeks import make_weeks
from reminders.models import ReminderPreferences
from sessions.models import Alert
from tests.factories import measured, people, prescribed
from tests.factories import reminders as factory
from tests.unit.reminders.weeks import DAY, DUE, MONDAY, days, do

APP = "https://app.harbour.example"
MOST_BYTES = 20 * 1024


def told_world() -> people.World:
    """Ana did four of five days, has a goal, and an exercise that is too easy. Mails reach her and Rui."""
    made = people.world()
    for login in (made.ana.user, made.rui.user):
        factory.contact(made.clinic, login)
    line = prescribed.line(made.ana, from_=MONDAY, schedule="weekdays", weekdays=0b0011111)
    measured.goal(made.ana, "heel_raise", "day_total", target="30", text="Up on my toes.")
    do(line, *days(1, 2, 3, 5))
    with clinic_context(made.clinic.pk):
        Alert.objects.create(
            clinic=made.clinic, patient=made.ana, rule="too_easy", severity="suggestion",
            raised_at=DUE - DAY, opened_at=DUE - DAY, last_occurred_at=DUE - DAY,
        )  # fmt: skip
    return made


def agrees(patient: Patient, **fields) -> ReminderPreferences:
    return factory.preferences(patient, counts_by_mail_at=DUE - DAY, **fields)


def mails(now: dt.datetime = DUE) -> dict[str, outgoing.EmailMultiAlternatives]:
    """Make and deliver what is due; return the mails by who gets them."""
    make_weeks(now=now)
    deliver(now=now)
    sent, outgoing.outbox = outgoing.outbox, []
    return {each.to[0]: each for each in sent}


def to(login: User | None, **when) -> outgoing.EmailMultiAlternatives:
    assert login is not None
    return mails(**when)[login.email]


def html_of(mail: outgoing.EmailMultiAlternatives) -> str:
    [part] = mail.alternatives
    return str(part[0])


def words_of(html: str) -> str:
    """What is read of a page, without its style."""
    plain = re.sub(r"<style>.*?</style>|<[^>]*>", " ", html, flags=re.DOTALL)
    return " ".join(plain.split())


def lines(mail: outgoing.EmailMultiAlternatives) -> list[str]:
    return str(mail.body).splitlines()


def stop_url(mail: outgoing.EmailMultiAlternatives) -> str:
    return mail.extra_headers["List-Unsubscribe"].strip("<>")
