"""Who gets into the web side, how often one may try, where it leads, and what ends it."""

from __future__ import annotations

import pytest
from django.contrib.auth import hashers
from django.test import Client
from django.utils import timezone

from clinics.actions.logins import deactivate_login, reactivate_login
from clinics.actions.passwords import change_password
from clinics.actors import Actor, system
from clinics.models import Attempts, Device, User
from core.models import AuditEvent
from tests.api.caller import Caller
from tests.factories import people
from tests.web.conftest import SIGN_IN, sign_in

REFUSED = "The email address or the password is not right."
WRONG = "not this one at all"


def is_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def test_nobody_sees_the_start_without_signing_in(db: None) -> None:
    answer = Client().get("/?week=2026-W48")

    assert (answer.status_code, answer["Location"]) == (
        302,
        "/account/sign-in?next=%2F%3Fweek%3D2026-W48",
    )


def test_one_signs_in_in_any_case_of_the_address(ana: User) -> None:
    client = Client()

    answer = sign_in(client, ana.email.upper())

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert is_in(client)


def test_whoever_is_signed_in_is_led_on_from_the_sign_in(browser: Client) -> None:
    answer = browser.get(SIGN_IN)

    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_everybody_of_a_clinic_may_and_nobody_else(world: people.World) -> None:
    somebody = people.user("Maria Lopes", password=people.PASSWORD)
    olga = people.operator(email="olga@platform.example", password=people.PASSWORD)
    gone = people.user("Nuno Gil", password=people.PASSWORD)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    may = {"rui": True, "admin": True, "ana": True, "carer": True, "far_patient": True}
    table = [(getattr(world, name).user, allowed) for name, allowed in may.items()]
    table += [(somebody, True), (olga, False), (gone, False)]
    for user, allowed in table:
        user.password = hashers.make_password(people.PASSWORD)
        User.objects.filter(pk=user.pk).update(password=user.password)
        client = Client()

        answer = sign_in(client, user.email)

        assert (answer.status_code, is_in(client)) == ((302, True) if allowed else (200, False))


def test_every_refusal_says_the_same_and_costs_the_same(
    ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    olga = people.operator(email="olga@platform.example", password=people.PASSWORD)
    hashed: list[str] = []
    checked = hashers.MD5PasswordHasher.encode
    monkeypatch.setattr(
        hashers.MD5PasswordHasher,
        "encode",
        lambda self, password, salt: hashed.append(password) or checked(self, password, salt),
    )
    said = set()
    for email, password in [
        (ana.email, WRONG),
        ("nobody@example.org", WRONG),
        (olga.email, people.PASSWORD),
    ]:
        hashed.clear()
        answer = sign_in(Client(), email, password)

        errors = answer.context["form"].errors
        said.add((answer.status_code, str(errors)))
        assert errors["__all__"] == [REFUSED]
        assert hashed == [password]
    assert len(said) == 1


def test_a_refused_password_is_not_shown_again(ana: User) -> None:
    text = sign_in(Client(), ana.email, WRONG).content.decode()

    assert ana.email in text
    assert WRONG not in text


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("", people.PASSWORD),
        ("ana", people.PASSWORD),
        ("ana@example.org\x00", people.PASSWORD),
        ("ana@example.org", ""),
        ("ana@example.org", "x" * 129),
        ("ana@example.org", "nul\x00nul"),
        (f"{'a' * 250}@example.org", people.PASSWORD),
    ],
)
def test_what_cannot_be_an_address_or_a_password_is_told_at_its_field_and_not_counted(
    db: None, login: str, password: str
) -> None:
    answer = sign_in(Client(), login, password)

    assert answer.status_code == 200
    assert len(answer.context["form"].errors) == 1
    assert "__all__" not in answer.context["form"].errors
    assert not Attempts.objects.exists()


def test_the_fifth_attempt_may_be_right_and_the_sixth_is_refused_even_then(ana: User) -> None:
    for _time in range(4):
        sign_in(Client(), ana.email, WRONG)
    fifth = Client()
    sign_in(fifth, ana.email)
    assert is_in(fifth)
    for _time in range(5):
        sign_in(Client(), ana.email, WRONG)

    sixth = Client()
    answer = sign_in(sixth, ana.email)

    assert answer.context["form"].errors["__all__"] == [
        "Too many attempts. Wait 15 minutes, then try again."
    ]
    assert not is_in(sixth)


def test_attempts_count_together_with_those_of_the_api(ana: User) -> None:
    body = {"email": ana.email, "password": WRONG, "device_name": "x"}
    for _time in range(3):
        assert Caller().post("auth/sign-in", body).status_code == 401
    for _time in range(2):
        sign_in(Client(), ana.email, WRONG)

    assert "Too many attempts" in sign_in(Client(), ana.email).content.decode()
    assert Caller().post("auth/sign-in", body).status_code == 429


def test_thirty_attempts_from_an_address_are_enough_for_everybody_there(ana: User) -> None:
    for number in range(30):
        sign_in(Client(), f"somebody.{number}@example.org", WRONG)

    assert "Too many attempts" in sign_in(Client(), ana.email).content.decode()


def test_signing_in_and_out_are_kept_with_where_they_came_from(browser: Client, ana: User) -> None:
    browser.post("/account/sign-out")

    events = AuditEvent.objects.filter(actor_id=ana.pk).order_by("at", "pk")
    assert [
        (one.action, one.acting_as, one.target, one.target_id, str(one.address)) for one in events
    ] == [
        ("web_sign_in", "user", "clinics.User", ana.pk, "127.0.0.1"),
        ("web_sign_out", "user", "clinics.User", ana.pk, "127.0.0.1"),
    ]
    assert all(one.request_id for one in events)


def test_a_refused_sign_in_leaves_no_event(ana: User) -> None:
    sign_in(Client(), ana.email, WRONG)

    assert not AuditEvent.objects.filter(actor_id=ana.pk).exists()


LEADS = [
    ("/account/sign-out", "/account/sign-out"),
    ("/?week=2026-W48", "/?week=2026-W48"),
    ("https://evil.example/", "/"),
    ("http://testserver/", "/"),
    ("//evil.example/", "/"),
    ("/\\evil.example/", "/"),
    ("\\\\evil.example", "/"),
    ("https:evil.example", "/"),
    ("javascript:alert(1)", "/"),
    (" https://evil.example", "/"),
    ("/\t/evil.example", "/"),
    ("evil.example", "/"),
    ("/operator/", "/"),
    ("/api/v1/docs/", "/"),
    ("", "/"),
]


def test_one_is_led_to_our_own_pages_alone(ana: User) -> None:
    for asked, led in LEADS:
        assert sign_in(Client(), ana.email, next=asked)["Location"] == led, asked


def test_the_page_hands_on_where_one_wanted_to_go_as_text(db: None) -> None:
    text = Client().get(SIGN_IN, {"next": '"><script>'}).content.decode()

    assert '<input type="hidden" name="next" value="&quot;&gt;&lt;script&gt;">' in text


def test_signing_out_asks_first_and_ends_it(browser: Client) -> None:
    asked = browser.get("/account/sign-out")
    assert (asked.status_code, is_in(browser)) == (200, True)

    answer = browser.post("/account/sign-out", {"next": "https://evil.example/"})

    assert (answer.status_code, answer["Location"]) == (302, "/account/sign-in?done=signed-out")
    assert not is_in(browser)
    assert "You are signed out." in browser.get(answer["Location"]).content.decode()


def test_signing_out_without_being_in_leads_to_the_sign_in(db: None) -> None:
    for method in ("get", "post"):
        answer = getattr(Client(), method)("/account/sign-out")

        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, SIGN_IN)
    assert not AuditEvent.objects.filter(action="web_sign_out").exists()


def test_what_has_happened_is_said_in_our_words_alone(db: None) -> None:
    text = Client().get(SIGN_IN, {"done": "<b>anything</b>"}).content.decode()

    assert "anything" not in text
    assert 'class="note"' not in text


@pytest.mark.parametrize(
    "path",
    [SIGN_IN, "/account/sign-out", "/account/forgotten-password", "/account/new-password"],
)
def test_a_form_from_elsewhere_is_refused(ana: User, path: str) -> None:
    client = Client(enforce_csrf_checks=True)

    answer = client.post(path, {"login": ana.email, "password": people.PASSWORD})

    assert answer.status_code == 403
    assert "This form is too old" in answer.content.decode()
    assert not is_in(client)


@pytest.mark.parametrize(
    "path",
    [
        "/account/", "/account/signup/", "/account/sign-up", "/account/login/", "/account/logout/",
        "/account/email/", "/account/confirm-email/", "/account/password/change/",
        "/account/password/reset/", "/account/password/set/", "/account/inactive/",
        "/account/reauthenticate/", "/account/login/code/confirm/", "/account/3rdparty/",
        "/accounts/login/", "/account/sign-in/",
    ],
)  # fmt: skip
def test_nothing_else_of_allauth_is_there(browser: Client, path: str) -> None:
    assert browser.get(path).status_code == 404
    assert browser.post(path).status_code == 404


def test_ending_a_login_ends_its_session_for_good(browser: Client, ana: User) -> None:
    deactivate_login(user_id=ana.pk, by=system(), now=timezone.now())
    assert not is_in(browser)

    reactivate_login(user_id=ana.pk, by=system(), now=timezone.now())

    assert not is_in(browser)


@pytest.mark.parametrize(
    "change", [{"token_epoch": 1}, {"is_operator": True}, {"is_active": False}]
)
def test_a_raised_epoch_or_another_kind_of_login_ends_the_session(
    browser: Client, ana: User, change: dict[str, object]
) -> None:
    assert is_in(browser)

    User.objects.filter(pk=ana.pk).update(**change)

    assert not is_in(browser)


def test_a_changed_password_ends_the_session(browser: Client, ana: User) -> None:
    change_password(
        current_password=people.PASSWORD,
        password="another long evening by the sea",
        by=Actor(user_id=ana.pk, acting_as="user"),
        now=timezone.now(),
    )

    assert not is_in(browser)


def test_signing_in_by_a_browser_makes_no_device(browser: Client, ana: User) -> None:
    assert not Device.objects.filter(user=ana).exists()
