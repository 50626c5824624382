from __future__ import annotations

import uuid

import pytest
from django.core import mail as outgoing
from django.core.mail import get_connection
from django.utils.translation import gettext_lazy

from core.mail import Mail, post

ROW = uuid.UUID("019aa9f4-4d01-7c33-8e21-6f5a4b3c2d1e")


def posted(**fields: object):
    mail = Mail(
        **{
            "to": "rui@example.org",
            "subject": "An alert",
            "template": "alert",
            "context": {"clinic": "Harbour Clinic"},
        }
        | fields
    )
    post(mail, message_id=ROW, connection=get_connection())
    return outgoing.outbox[-1]


@pytest.mark.parametrize(
    ("sender", "domain"),
    [
        ("rehab@harbour.example", "harbour.example"),
        ("Rehab <rehab@harbour.example>", "harbour.example"),
        ('"Rehab @ Harbour" <rehab@mail.harbour.example>', "mail.harbour.example"),
        ("rehab@localhost", "localhost"),
    ],
)
def test_a_mail_is_named_by_its_row_at_the_sender_s_domain(settings, sender, domain):
    settings.DEFAULT_FROM_EMAIL = sender

    mail = posted()

    assert mail.extra_headers["Message-ID"] == f"<{ROW}@{domain}>"
    assert mail.from_email == sender


def test_a_mail_says_that_a_machine_wrote_it():
    assert posted().extra_headers["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    ("subject", "line"),
    [
        ("An alert", "An alert"),
        ("An\r\nBcc: all@example.org", "An Bcc: all@example.org"),
        ("  two   spaces\t", "two spaces"),
        (gettext_lazy("Your password was changed"), "Your password was changed"),
    ],
)
def test_a_subject_is_one_line(subject, line):
    assert posted(subject=subject).subject == line


def test_names_are_plain_in_text_and_escaped_in_html():
    mail = posted(context={"clinic": "Harbour & <b>Sons</b>"})

    assert "Harbour & <b>Sons</b>" in mail.body
    assert "Harbour &amp; &lt;b&gt;Sons&lt;/b&gt;" in mail.alternatives[0][0]


def test_a_mail_goes_to_one_address_and_nobody_else():
    mail = posted()

    assert (mail.to, mail.cc, mail.bcc, mail.attachments) == (["rui@example.org"], [], [], [])
    assert [kind for _content, kind in mail.alternatives] == ["text/html"]
