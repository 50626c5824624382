from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core import mail as outgoing
from django.core.mail import EmailMultiAlternatives

from clinics.mails import address_of
from clinics.models import Invitation, PasswordReset
from clinics.tokens import code_for, place_code
from core.delivery import deliver
from core.models import Message
from core.tenancy import clinic_context
from rehab_platform.mails import WRITERS
from tests.factories import people
from tests.factories.people import World

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
APP = "https://app.harbour.example"


def to_reset(world: World) -> Message:
    return people.message(
        None, world.rui.user, kind="password_reset", recipient_id=None,
        address=world.rui.user.email,
    )  # fmt: skip


def to_tell(world: World) -> Message:
    return people.message(None, world.rui.user, kind="password_changed")


def to_invite(world: World) -> Message:
    made = people.invitation(world.clinic, world.admin.user, email="eva@example.org")
    return people.message(
        world.clinic, world.rui.user, kind="invitation", recipient_id=None,
        address="eva@example.org", key=f"invitation:{made.pk}:1", about={"invitation": made.pk},
    )  # fmt: skip


def to_alert(world: World) -> Message:
    return people.message(world.clinic, world.rui.user)


def reset_code(world: World, message: Message) -> str:
    return code_for("password reset", message.pk)


def invitation_code(world: World, message: Message) -> str:
    return place_code(world.clinic.pk, code_for("invitation", message.pk))


def sent() -> EmailMultiAlternatives:
    deliver(writers=WRITERS, now=NOW)
    [mail] = outgoing.outbox
    assert isinstance(mail, EmailMultiAlternatives)
    return mail


def html_of(mail: EmailMultiAlternatives) -> str:
    return str(mail.alternatives[0][0])


def words(text: str) -> str:
    """Return a text's words, whatever marks and breaks are between them; a page's title is none of them."""
    return " ".join(re.sub(r"<head>.*?</head>|<[^>]+>", " ", text, flags=re.DOTALL).split())


ALL = [to_reset, to_tell, to_invite, to_alert]

TEXTS: list[Any] = [
    (
        to_reset,
        reset_code,
        "Your code to set a new password",
        (
            "Someone, we hope you, asked for a new password for the login with this address."
            " Type this code where the app asks for it: {code}"
            " The code works once, for 30 minutes. If you did not ask for it, do nothing: your"
            " password stays as it is."
        ),
    ),
    (
        to_tell,
        None,
        "Your password was changed",
        (
            "The password of the login with this address was just changed. Other devices are signed"
            " out. If that was not you, ask for a new password in the app at once, and tell your"
            " clinic."
        ),
    ),
    (
        to_invite,
        invitation_code,
        "Harbour Clinic invites you",
        (
            "Harbour Clinic invites you to use its app. Type this code where the app asks for it:"
            " {code} The code works once, for 14 days. If you do not know this clinic, do nothing."
        ),
    ),
    (
        to_alert,
        None,
        "Harbour Clinic: an alert needs you",
        (
            "An alert at Harbour Clinic needs you. Please sign in and look at it now. This mail says"
            " nothing about whom it is about, on purpose."
        ),
    ),
]


@pytest.mark.parametrize(("leave", "code", "subject", "text"), TEXTS)
def test_what_a_mail_says_as_text_and_as_html(world, settings, leave, code, subject, text):
    settings.APP_URL = ""
    message = leave(world)
    told = text.format(code=code(world, message)) if code else text

    mail = sent()

    assert mail.subject == subject
    assert words(mail.body) == told
    assert words(html_of(mail)) == told
    assert "http" not in mail.body + html_of(mail)


@pytest.mark.parametrize(
    ("leave", "code", "page"),
    [
        (to_reset, reset_code, "/reset-password#"),
        (to_invite, invitation_code, "/invitation#"),
        (to_alert, None, ""),
    ],
)
def test_where_the_app_has_an_address_mails_lead_there(world, settings, leave, code, page):
    """The code stands after `#`: no server on the way is sent it, and no log keeps it."""
    settings.APP_URL = APP
    message = leave(world)
    link = f"{APP}{page}{code(world, message) if code else ''}"

    mail = sent()

    assert link in mail.body.splitlines()
    assert re.findall(r'href="([^"]*)"', html_of(mail)) == [link]


@pytest.mark.parametrize("leave", ALL)
def test_no_mail_tells_who_read_it_or_loads_anything(world, settings, leave):
    settings.APP_URL = APP
    leave(world)

    html = html_of(sent()).lower()

    for trace in ("<img", "src=", "url(", "<script", "<link", "<iframe", "?"):
        assert trace not in html


@pytest.mark.parametrize("leave", ALL)
def test_no_mail_names_a_patient_or_what_ails_them(world, leave):
    leave(world)

    mail = sent()

    told = f"{mail.subject} {mail.body} {html_of(mail)}".lower()
    for word in ("ana", "silva", "stroke", "pain", "exercise", "fall", "adherence"):
        assert not re.search(rf"\b{word}\b", told)


@pytest.mark.parametrize("leave", [to_reset, to_tell, to_alert])
def test_a_login_that_ended_gets_no_mail_and_no_code(world, leave):
    message = leave(world)
    world.rui.user.is_active = False
    world.rui.user.save()

    deliver(writers=WRITERS, now=NOW)

    assert outgoing.outbox == []
    assert not PasswordReset.objects.exists()
    with clinic_context(message.clinic_id):
        assert Message.objects.get().state == "dropped"


def test_a_mail_goes_to_the_address_that_is_stored_by_now(world):
    to_tell(world)
    world.rui.user.email = "rui.costa@harbour.example"
    world.rui.user.save()

    assert sent().to == ["rui.costa@harbour.example"]


def test_a_plain_address_is_its_own(world):
    message = to_invite(world)

    assert address_of(message) == "eva@example.org"


ENDS: list[dict[str, Any]] = [
    {"revoked_at": NOW},
    {"ends_at": NOW},
    {"times_sent": 2},
]


@pytest.mark.parametrize("end", ENDS, ids=["revoked", "expired", "sent again"])
def test_an_invitation_that_leads_nowhere_is_not_mailed_and_gets_no_code(world, end):
    to_invite(world)
    with clinic_context(world.clinic.pk):
        Invitation.objects.update(**end)

    deliver(writers=WRITERS, now=NOW)

    assert outgoing.outbox == []
    with clinic_context(world.clinic.pk):
        assert Invitation.objects.get().code_hash is None


def test_an_invitation_is_looked_for_in_the_message_s_clinic(world):
    """Its id in another clinic's message finds nothing there."""
    made = people.invitation(world.clinic, world.admin.user)
    people.message(
        world.far_clinic, world.far_therapist.user, kind="invitation", recipient_id=None,
        address="eva@example.org", key=f"invitation:{made.pk}:1", about={"invitation": made.pk},
    )  # fmt: skip

    deliver(writers=WRITERS, now=NOW)

    assert outgoing.outbox == []
