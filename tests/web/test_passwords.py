"""A forgotten password, set anew in a browser by the API's own rules."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.core import mail as outgoing
from django.test import Client
from django.utils import timezone

from clinics.models import PasswordReset, User
from core.models import AuditEvent, Message
from tests.factories import people
from tests.mailed import mailed_code
from tests.web.conftest import sign_in

ASK, SET = "/account/forgotten-password", "/account/new-password"
NEW = "another long evening by the sea"
NOT_GOOD = "This code is not good any more. Ask for a new one."


def asked_code(user: User) -> str:
    assert Client().post(ASK, {"email": user.email}).status_code == 302
    return mailed_code(now=timezone.now())


def errors(answer) -> dict[str, list[str]]:
    return dict(answer.context["form"].errors)


def test_everybody_gets_the_same_answer_and_a_mail_goes_to_whoever_has_a_login(ana: User) -> None:
    said = set()
    for email in (ana.email, ana.email.upper(), "nobody@example.org"):
        answer = Client().post(ASK, {"email": email})
        said.add((answer.status_code, answer["Location"]))

    assert said == {(302, f"{SET}?done=sent")}
    assert Message.objects.filter(kind=Message.Kind.PASSWORD_RESET).count() == 3
    mailed_code(now=timezone.now())
    assert {one.to[0] for one in outgoing.outbox} == {ana.email}


def test_the_page_that_follows_says_where_to_look_and_promises_nothing(db: None) -> None:
    text = Client().get(SET, {"done": "sent"}).content.decode()

    assert "If you sign in with that address, we have sent you a mail." in text
    assert "we have sent you a mail" not in Client().get(SET).content.decode()


def test_the_mailed_code_sets_a_new_password_and_ends_every_session(
    browser: Client, ana: User
) -> None:
    code = asked_code(ana)

    answer = Client().post(SET, {"code": code, "password": NEW})

    assert (answer.status_code, answer["Location"]) == (302, "/account/sign-in?done=password")
    page = Client().get(answer["Location"]).content.decode()
    assert "Your new password is set. Sign in with it." in page
    assert browser.get("/").status_code == 302
    assert sign_in(Client(), ana.email).status_code == 200
    assert sign_in(Client(), ana.email, NEW).status_code == 302
    kept = AuditEvent.objects.get(action="password_reset")
    assert (kept.actor_id, str(kept.address)) == (ana.pk, "127.0.0.1")


def test_a_code_with_spaces_around_it_is_taken(ana: User) -> None:
    answer = Client().post(SET, {"code": f"  {asked_code(ana)} \n", "password": NEW})

    assert answer.status_code == 302


def test_a_code_is_good_once_and_for_half_an_hour(ana: User) -> None:
    code = asked_code(ana)
    made = PasswordReset.objects.get()
    with time_machine.travel(made.made_at + dt.timedelta(minutes=30), tick=False):
        late = Client().post(SET, {"code": code, "password": NEW})
    assert errors(late) == {"code": [NOT_GOOD]}

    just_in_time = made.made_at + dt.timedelta(minutes=29, seconds=59)
    with time_machine.travel(just_in_time, tick=False):
        first = Client().post(SET, {"code": code, "password": NEW})
        again = Client().post(SET, {"code": code, "password": f"{NEW} again"})

    assert first.status_code == 302
    assert errors(again) == {"code": [NOT_GOOD]}
    assert User.objects.get(pk=ana.pk).check_password(NEW)


@pytest.mark.parametrize("code", ["x", "x" * 43, "x" * 128, "ä" * 43])
def test_a_code_that_nobody_was_sent_changes_nothing(ana: User, code: str) -> None:
    asked_code(ana)

    answer = Client().post(SET, {"code": code, "password": NEW})

    assert errors(answer) == {"code": [NOT_GOOD]}
    assert User.objects.get(pk=ana.pk).check_password(people.PASSWORD)


def test_a_weak_password_is_told_at_its_field_and_leaves_the_code_good(ana: User) -> None:
    code = asked_code(ana)
    for weak in ("short", "password1234", "123456789012345"):
        answer = Client().post(SET, {"code": code, "password": weak})

        assert list(errors(answer)) == ["password"], weak
        assert f'value="{weak}"' not in answer.content.decode()
    assert Client().post(SET, {"code": code, "password": NEW}).status_code == 302


def test_an_empty_field_says_what_to_type(db: None) -> None:
    set_anew = Client().post(SET, {})
    signing_in = Client().post("/account/sign-in", {})

    assert errors(Client().post(ASK, {})) == {"email": ["Type your email address."]}
    assert errors(set_anew) == {
        "code": ["Type the code from the mail."],
        "password": ["Type a new password."],
    }
    assert errors(signing_in) == {
        "login": ["Type your email address."],
        "password": ["Type your password."],
    }
    assert "This field is required" not in signing_in.content.decode()


@pytest.mark.parametrize(
    ("path", "said", "field"),
    [
        (ASK, {"email": ""}, "email"),
        (ASK, {"email": "ana"}, "email"),
        (ASK, {"email": "a\x00@example.org"}, "email"),
        (SET, {"code": "", "password": NEW}, "code"),
        (SET, {"code": "x" * 129, "password": NEW}, "code"),
        (SET, {"code": "x\x00", "password": NEW}, "code"),
        (SET, {"code": "x", "password": ""}, "password"),
        (SET, {"code": "x", "password": "x" * 129}, "password"),
    ],
)
def test_what_cannot_be_is_told_at_its_field(
    db: None, path: str, said: dict[str, str], field: str
) -> None:
    answer = Client().post(path, said)

    assert (answer.status_code, list(errors(answer))) == (200, [field])
    assert "<title>Not yet:" in answer.content.decode()
    assert not Message.objects.exists()


def test_three_an_hour_for_one_address_then_the_form_says_so(ana: User) -> None:
    for _time in range(3):
        assert Client().post(ASK, {"email": ana.email}).status_code == 302

    answer = Client().post(ASK, {"email": ana.email})

    assert errors(answer) == {"__all__": ["Too many attempts. Wait 60 minutes, then try again."]}
    assert Message.objects.count() == 3


def test_the_link_of_the_mail_leads_to_the_form(db: None) -> None:
    answer = Client().get("/reset-password")

    assert (answer.status_code, answer["Location"]) == (302, SET)


def test_the_link_of_an_invitation_says_what_to_do_with_its_code(db: None) -> None:
    answer = Client().get("/invitation")

    assert answer.status_code == 200
    assert "Type it there." in answer.content.decode()
    assert Client().post("/invitation").status_code == 405
