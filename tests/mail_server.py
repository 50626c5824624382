"""A real mail server in the tests' own process, which can be told what to answer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from django.test import override_settings

from rehab_platform.devservices import free_port

TAKEN = "250 OK"


class MailServer:
    """`mails` holds what was taken. `answers` are given to recipients by address, else 250."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answers: dict[str, str] = {}
        self.connections = 0
        self.seconds = 0.0

    async def handle_EHLO(  # noqa: N802 (aiosmtpd's name)
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        answer = self.answers.get(address, TAKEN)
        if answer == TAKEN:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        time.sleep(self.seconds)  # noqa: ASYNC251 (one mail at a time, as slowly as is asked)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return TAKEN

    def to(self) -> list[str]:
        """Return whom each mail went to."""
        return [str(mail["To"]) for mail in self.mails]


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run a mail server, and let Django send through it."""
    taking = MailServer()
    port = free_port()
    running = Controller(taking, hostname="127.0.0.1", port=port)
    running.start()
    try:
        with override_settings(
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=port,
            EMAIL_HOST_USER="",
            EMAIL_USE_TLS=False,
            EMAIL_USE_SSL=False,
        ):
            yield taking
    finally:
        running.stop()


def text_of(mail: EmailMessage) -> str:
    """Return a mail's plain text."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())
