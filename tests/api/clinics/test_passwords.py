from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import mail as outgoing
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinics.actions.passwords import ask_for_reset, reset_password, tidy_resets
from clinics.attempts import TooManyAttempts
from clinics.models import Device, PasswordReset, User
from clinics.tokens import hash_token
from core.delivery import deliver
from core.errors import DomainError
from core.models import Message
from rehab_platform.mails import WRITERS
from tests import mailed
from tests.api.caller import Caller
from tests.factories import people
from tests.mail_server import mail_server, text_of

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
SECOND = dt.timedelta(seconds=1)
NEW = "four words are plenty"
Clock = Callable[[str], None]


@pytest.fixture(autouse=True)
def _clock(request: pytest.FixtureRequest) -> None:
    if "db" in request.fixturenames:
        request.getfixturevalue("stop_clock")("2026-11-23T18:02:00Z")


@pytest.fixture
def ana(db: None) -> User:
    return people.user("Ana Silva", "ana@example.org", password=people.PASSWORD)


def sign_in(caller: Caller, password: str) -> int:
    body = {"email": "ana@example.org", "password": password, "device_name": "Ana's phone"}
    return caller.post("auth/sign-in", body).status_code


def mailed_code() -> str:
    return mailed.mailed_code(now=NOW)


def asked(
    email: str = "ana@example.org", address: str = "10.1.1.1", now: dt.datetime = NOW
) -> None:
    ask_for_reset(email=email, address=address, now=now)


def confirm(caller: Caller, code: str, password: str = NEW):
    return caller.post("auth/password-reset/confirm", {"code": code, "password": password})


def told(answer: object) -> object:
    """Return a problem without what differs each time."""
    return {**answer.json(), "request_id": ""}


# ---- a forgotten one ---------------------------------------------------------------------------


def test_a_reset_from_the_request_to_the_sign_in_over_a_real_mail_server(caller, ana, settings):
    settings.APP_URL = "https://app.example.org"
    phone = caller.as_(ana)
    wanted = caller.post("auth/password-reset", {"email": "ANA@example.org"})
    assert wanted.status_code == 202

    with mail_server() as server:
        deliver(writers=WRITERS, now=NOW)
        [mail] = server.mails
        code = next(line for line in text_of(mail).splitlines() if len(line) == 43)
        assert (mail["To"], mail["Subject"]) == (
            "ana@example.org", "Your code to set a new password",
        )  # fmt: skip
        assert f"https://app.example.org/reset-password#{code}" in text_of(mail)

        assert confirm(caller, code).status_code == 204
        deliver(writers=WRITERS, now=NOW)

    assert server.mails[1]["Subject"] == "Your password was changed"
    assert (sign_in(caller, people.PASSWORD), sign_in(caller, NEW)) == (401, 201)
    assert phone.get("auth/devices").status_code == 401


def test_the_database_holds_no_code_only_its_hash(ana):
    asked()
    [message] = Message.objects.all()
    assert (message.address, message.recipient_id, message.about) == ("ana@example.org", None, {})
    assert not PasswordReset.objects.exists()

    code = mailed_code()

    reset = PasswordReset.objects.get()
    assert bytes(reset.code_hash) == hash_token(code)
    assert (reset.made_at.replace(microsecond=0), reset.ends_at - reset.made_at) == (
        NOW, 30 * MINUTE,
    )  # fmt: skip
    with connection.cursor() as cursor:
        for table in ("core_message", "clinics_passwordreset"):
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", [f"%{code}%"])
            assert cursor.fetchone() == (0,)


STATES = ["known", "unknown", "ended", "with other case", "signed in"]


def _ask_as(caller: Caller, ana: User, state: str):
    if state == "ended":
        User.objects.update(is_active=False)
    email = {"unknown": "bo0@example.org", "with other case": "aNa@example.org"}
    sender = caller.as_(ana) if state == "signed in" else caller
    with CaptureQueriesContext(connection) as captured:
        answer = sender.post("auth/password-reset", {"email": email.get(state, "ana@example.org")})
    return answer, [without_values(query["sql"]) for query in captured.captured_queries]


def without_values(statement):
    """Return a statement's text without what it says of this one request."""
    return re.sub(r"'(?:[^']|'')*'|\"s\d\w*\"", "?", re.split(r"VALUES", statement)[0])


@pytest.mark.parametrize("state", STATES)
def test_every_request_is_answered_alike_after_the_same_statements(caller, ana, state):
    expected, statements = _ask_as(caller, ana, "known")

    answer, seen = _ask_as(caller, ana, state)

    assert (answer.status_code, answer.content) == (expected.status_code, expected.content)
    assert (answer.status_code, answer.content) == (202, b"")
    assert seen == statements
    assert not any("clinics_user" in statement for statement in seen)


@pytest.mark.parametrize("state", ["unknown", "ended"])
def test_nobody_to_write_to_is_written_to(caller, ana, state):
    _ask_as(caller, ana, state)

    deliver(writers=WRITERS, now=NOW)

    assert outgoing.outbox == []
    assert Message.objects.get().state == "dropped"
    assert not PasswordReset.objects.exists()


def test_a_code_is_good_once(caller, ana):
    asked()
    code = mailed_code()

    assert confirm(caller, code).status_code == 204
    again = confirm(caller, code, "another four words here")

    assert (again.status_code, again.json()["errors"][0]["field"]) == (400, "code")
    assert again.json()["code"] == "reset_code_invalid"
    assert User.objects.get().check_password(NEW)
    assert User.objects.get().token_epoch == 1


@pytest.mark.parametrize(
    ("later", "status"), [(30 * MINUTE - SECOND, 204), (30 * MINUTE + SECOND, 400)]
)
def test_a_code_is_good_for_half_an_hour(caller, ana, stop_clock, later, status):
    asked()
    code = mailed_code()
    stop_clock((NOW + later).isoformat())

    assert confirm(caller, code).status_code == status
    assert User.objects.get().check_password(NEW) is (status == 204)


def test_every_code_that_gives_nothing_is_refused_in_the_same_words(caller, ana):
    asked()
    used = mailed_code()
    confirm(caller, used)
    asked()
    of_an_ended_login = mailed_code()
    User.objects.update(is_active=False)

    answers = [confirm(caller, code) for code in ("unknown", used, of_an_ended_login)]

    assert {answer.status_code for answer in answers} == {400}
    assert told(answers[0]) == told(answers[1]) == told(answers[2])


def test_a_changed_password_ends_the_codes_that_were_mailed_before(caller, ana):
    asked()
    first = mailed_code()
    asked()
    second = mailed_code()
    assert first != second
    confirm(caller, second)

    assert confirm(caller, first, "another four words here").status_code == 400


def test_a_weak_password_is_refused_by_name_and_leaves_the_code_good(caller, ana):
    asked()
    code = mailed_code()

    weak = confirm(caller, code, "Password2026!!")

    assert weak.status_code == 400
    assert [(one["field"], one["code"]) for one in weak.json()["errors"]] == [
        ("password", "password_too_guessable")
    ]
    assert User.objects.get().check_password(people.PASSWORD)
    assert confirm(caller, code).status_code == 204


def test_a_reset_opens_an_account_that_guessing_had_locked(caller, ana):
    for _ in range(6):
        sign_in(caller, "wrong password")
    assert sign_in(caller, people.PASSWORD) == 429
    asked()

    confirm(caller, mailed_code())

    assert sign_in(caller, NEW) == 201


def test_a_mail_that_goes_out_twice_carries_one_code(ana):
    """A worker may die between the send and the commit; its mail is then made once more."""
    asked()
    message = Message.objects.get()
    codes = []
    for _ in range(2):
        mail = WRITERS["password_reset"](message, NOW)
        codes.append(mail.context["code"])
        PasswordReset.objects.all().delete()

    assert codes[0] == codes[1]


@pytest.mark.parametrize(
    ("many", "fields"),
    [
        (3, lambda number: {"address": f"10.0.0.{number}"}),
        (10, lambda number: {"email": f"user{number}@example.org"}),
    ],
    ids=["for one address", "from one source"],
)
def test_requests_are_limited(ana, many, fields):
    for number in range(many):
        asked(**fields(number))

    with pytest.raises(TooManyAttempts) as refused:
        asked(**fields(many), now=NOW + 59 * MINUTE)

    assert refused.value.extra == {"retry_after": 3600}
    assert Message.objects.count() == many
    asked(**fields(many), now=NOW + 60 * MINUTE)
    assert Message.objects.count() == many + 1


def test_the_limit_answers_alike_for_nobody_s_address(caller, ana):
    answers = [
        [caller.post("auth/password-reset", {"email": email}) for _ in range(4)][-1]
        for email in ("ana@example.org", "nobody@example.org")
    ]

    assert [answer.status_code for answer in answers] == [429, 429]
    assert answers[0].headers["Retry-After"] == "3600"
    assert told(answers[0]) == told(answers[1])


def test_guessing_codes_is_limited(caller, ana):
    asked()
    code = mailed_code()
    for number in range(30):
        assert confirm(caller, f"guess{number}").status_code == 400

    assert confirm(caller, code).status_code == 429
    assert User.objects.get().check_password(people.PASSWORD)


@pytest.mark.parametrize("email", ["", "a", "two@at@signs", "no at sign", "a@b\n", "x" * 255])
def test_what_is_no_address_is_refused_by_name(caller, ana, email):
    refused = caller.post("auth/password-reset", {"email": email})

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "email")
    assert not Message.objects.exists()


def test_codes_are_tidied_a_day_after_their_end(ana):
    asked()
    mailed_code()
    end = PasswordReset.objects.get().ends_at

    assert tidy_resets(now=end + dt.timedelta(days=1)) == 0
    assert tidy_resets(now=end + dt.timedelta(days=1) + SECOND) == 1


@pytest.mark.django_db(transaction=True)
def test_a_code_that_is_used_four_times_at_once_is_used_once():
    people.user("Ana Silva", "ana@example.org", password=people.PASSWORD)
    asked()
    code = mailed_code()
    barrier = threading.Barrier(4)

    def use(number: int) -> str:
        barrier.wait(timeout=30)
        try:
            reset_password(
                code=code, password=f"four words are plenty {number}", address="::1", now=NOW
            )
        except DomainError as refused:
            return refused.code
        finally:
            connection.close()
        return "set"

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(use, range(4)))

    assert outcomes == ["reset_code_invalid"] * 3 + ["set"]
    assert User.objects.get().token_epoch == 1


# ---- a changed one -----------------------------------------------------------------------------


def change(who: Caller, current: str = people.PASSWORD, password: str = NEW):
    return who.post("auth/password", {"current_password": current, "password": password})


def test_changing_keeps_this_device_and_ends_every_other(caller, ana):
    phone, laptop = (Caller(people.device_token(ana)) for _ in range(2))

    assert change(phone).status_code == 204

    assert phone.get("auth/devices").status_code == 200
    assert laptop.get("auth/devices").status_code == 401
    assert (sign_in(caller, people.PASSWORD), sign_in(caller, NEW)) == (401, 201)
    deliver(writers=WRITERS, now=NOW)
    assert [(mail.to, mail.subject) for mail in outgoing.outbox] == [
        (["ana@example.org"], "Your password was changed")
    ]


REFUSED = [
    ({"current": "wrong password"}, "current_password", "wrong_password"),
    ({"password": people.PASSWORD}, "password", "password_unchanged"),
    ({"password": "too short"}, "password", "password_too_short"),
    ({"password": "Ana Silva Ana"}, "password", "password_too_similar"),
    ({"password": ""}, "password", "too_short"),
    ({"password": "x" * 129}, "password", "too_long"),
]


@pytest.mark.parametrize(("sent", "field", "code"), REFUSED)
def test_a_refused_change_changes_nothing(caller, ana, sent, field, code):
    phone, laptop = (Caller(people.device_token(ana)) for _ in range(2))

    refused = change(phone, **sent)

    assert refused.status_code == 400
    assert [(one["field"], one["code"]) for one in refused.json()["errors"]] == [(field, code)]
    ana.refresh_from_db()
    assert (ana.check_password(people.PASSWORD), ana.token_epoch) == (True, 0)
    assert laptop.get("auth/devices").status_code == 200
    assert not Message.objects.exists()


def test_guessing_the_present_password_is_limited_and_every_guess_counts(caller, ana):
    phone = caller.as_(ana)
    for _ in range(5):
        assert change(phone, current="wrong password").status_code == 400

    assert change(phone).status_code == 429
    assert User.objects.get().check_password(people.PASSWORD)


def test_nobody_changes_a_password_without_signing_in(caller, ana):
    assert change(caller).status_code == 401
    assert Device.objects.count() == 0
