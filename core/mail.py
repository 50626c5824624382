"""A mail as text and HTML, from `templates/emails/<name>.txt` and `.html`, over one connection."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.utils.functional import Promise

from core.mail_providers import NotTaken, refused_by_provider

# What a mail server, or the way to it, can answer with (smtplib's own errors are among these);
# anything else is a fault of ours.
UNDELIVERED: Final = OSError
# The server answers, and refuses this one mail.
_THIS_MAIL: Final = (
    smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Mail:
    """
    What is sent to one address: no health data, no picture or link that tells who read it.

    `stop_url`: where one click, or a mail program on its own (RFC 8058), stops mails of this kind.
    `metadata`: what a provider gives back with a bounce; a mail server is not told.
    """

    to: str
    subject: str | Promise
    template: str
    context: Mapping[str, object] = field(default_factory=dict)
    stop_url: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class OtherWay:
    """What does not go by mail: `send` sends it, and raises OSError where it was not taken."""

    send: Callable[[], None]


@dataclass(frozen=True)
class Unwanted:
    """No mail, and in a few words why: no address, no name."""

    reason: str


def post(mail: Mail, *, message_id: UUID, connection: BaseEmailBackend) -> None:
    """
    Send a mail. The same `message_id` gives the same Message-ID, so that a duplicate can be told.

    :raises OSError: it was not taken
    """
    context = {"app_url": settings.APP_URL, **mail.context}
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    made = EmailMultiAlternatives(
        subject=" ".join(str(mail.subject).split()),
        body=render_to_string(f"emails/{mail.template}.txt", context),
        to=[mail.to],
        headers={
            "Message-ID": f"<{message_id}@{domain}>",
            "Auto-Submitted": "auto-generated",
            **_stop_headers(mail.stop_url),
        },
    )
    made.attach_alternative(render_to_string(f"emails/{mail.template}.html", context), "text/html")
    if mail.metadata:
        made.metadata = dict(mail.metadata)  # type: ignore[attr-defined]
    with refused_by_provider():
        connection.send_messages([made])


def _stop_headers(stop_url: str) -> dict[str, str]:
    if not stop_url:
        return {}
    return {
        "List-Unsubscribe": f"<{stop_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def is_final(error: OSError) -> bool:
    """Tell whether a server refused the recipient for good, so that trying again is no use."""
    if isinstance(error, NotTaken):
        return error.is_final
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _said in error.recipients.values())
    return False


def is_about_this_mail(error: OSError) -> bool:
    """Tell whether the server works, and another mail may fare better at once."""
    if isinstance(error, NotTaken):
        return not error.is_provider_down
    return isinstance(error, _THIS_MAIL)


def describe(error: BaseException) -> str:
    """Name an error by its class and the server's code; what it says may quote an address."""
    if isinstance(error, NotTaken):
        return error.what[:80]
    codes = [getattr(error, "smtp_code", None)]
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _said in error.recipients.values()]
    told = [type(error).__name__, *(str(code) for code in codes if code)]
    return " ".join(told)[:80]
