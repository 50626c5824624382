"""Who gets into the operators' pages, how often one may try, and what ends it."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinics.actions.logins import deactivate_login, reactivate_login
from clinics.actions.passwords import change_password
from clinics.actors import Actor, system
from clinics.models import User
from rehab_platform.operating.middleware import PREFIX
from tests.api.caller import Caller
from tests.factories import people
from tests.mailed import mailed_code

LOGIN = "/operator/login/"
PAGES = [
    "",
    "glass/",
    *(
        f"{page}/"
        for page in (
            "clinics/clinic", "clinics/clinic/add", "clinics/user", "clinics/membership",
            "programs/exercise", "programs/program", "programs/outcomemeasure",
            "patients/patient", "patients/assignment", "patients/prescribedexercise",
            "patients/pause", "rehab_sessions/exercisesession", "rehab_sessions/exerciseresult",
            "rehab_sessions/alert", "core/auditevent",
        )
    ),
]  # fmt: skip


def sign_in(client: Client, email: str, password: str = people.PASSWORD) -> int:
    return client.post(LOGIN, {"username": email, "password": password}).status_code


def is_in(client: Client) -> bool:
    return client.get("/operator/").status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_nobody_sees_a_page_without_signing_in(db: None, page: str) -> None:
    answer = Client().get(f"/operator/{page}")

    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, LOGIN)


def test_an_operator_signs_in_in_any_case_of_the_address(olga: User) -> None:
    client = Client()

    assert sign_in(client, "Olga@Platform.Example") == 302
    assert is_in(client)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (PREFIX, True, "Strict")


@pytest.mark.parametrize("who", ["rui", "admin", "ana", "carer"])
def test_nobody_of_a_clinic_signs_in_with_the_same_words_as_a_wrong_password(
    world: people.World, olga: User, who: str
) -> None:
    user = getattr(world, who).user
    user.set_password(people.PASSWORD)
    user.save()
    client = Client()

    refused = client.post(LOGIN, {"username": user.email, "password": people.PASSWORD})
    wrong = client.post(LOGIN, {"username": olga.email, "password": "not this one at all"})

    assert refused.status_code == wrong.status_code == 200
    assert refused.context["form"].errors == wrong.context["form"].errors
    assert not is_in(client)


def test_the_sixth_attempt_within_the_window_is_refused_even_when_it_is_right(olga: User) -> None:
    client = Client()
    for _time in range(5):
        sign_in(client, olga.email, "not this one at all")

    answer = client.post(LOGIN, {"username": olga.email, "password": people.PASSWORD})

    assert "Too many attempts" in answer.content.decode()
    assert not is_in(client)


def test_attempts_count_together_with_those_of_the_api(olga: User) -> None:
    for _time in range(5):
        body = {"email": olga.email, "password": "not this one", "device_name": "x"}
        assert Caller().post("auth/sign-in", body).status_code == 401

    assert sign_in(Client(), olga.email) == 200


@pytest.mark.parametrize("path", [LOGIN, "/operator/logout/", "/operator/glass/"])
def test_a_form_from_elsewhere_is_refused(olga: User, path: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(olga)

    answer = client.post(path, {"username": olga.email, "password": people.PASSWORD})

    assert answer.status_code == 403


def test_a_login_that_is_deactivated_is_out_at_once_and_stays_out(
    browser: Client, olga: User
) -> None:
    deactivate_login(user_id=olga.pk, by=system(), now=timezone.now())
    assert not is_in(browser)

    reactivate_login(user_id=olga.pk, by=system(), now=timezone.now())

    assert not is_in(browser)


@pytest.mark.parametrize("change", [{"token_epoch": 1}, {"is_operator": False}])
def test_a_raised_epoch_or_a_lost_right_ends_the_session(
    browser: Client, olga: User, change: dict[str, object]
) -> None:
    assert is_in(browser)

    User.objects.filter(pk=olga.pk).update(**change)

    assert not is_in(browser)


def test_a_changed_password_ends_the_session(browser: Client, olga: User) -> None:
    change_password(
        current_password=people.PASSWORD,
        password="another long evening by the sea",
        by=Actor(user_id=olga.pk, acting_as="user"),
        now=timezone.now(),
    )

    assert not is_in(browser)


def test_signing_out_ends_it(browser: Client) -> None:
    assert browser.post("/operator/logout/").status_code in {200, 302}

    assert not is_in(browser)


@pytest.mark.parametrize(
    "path",
    ["password_change/", "password_change/done/", "autocomplete/", "r/1/1/"],
)
def test_what_goes_around_our_actions_is_not_there(browser: Client, path: str) -> None:
    assert browser.get(f"/operator/{path}").status_code == 404


@pytest.mark.parametrize("page", ["login/", ""])
def test_pages_hold_nothing_inline_and_say_so(browser: Client, page: str) -> None:
    answer = (Client() if page else browser).get(f"/operator/{page}")

    text = answer.content.decode()
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert "style=" not in text
    assert "<script>" not in text
    assert "onclick" not in text


def test_the_api_knows_no_web_session_and_pays_nothing_for_it(browser: Client, olga: User) -> None:
    with CaptureQueriesContext(connection) as nobody:
        Client().get("/api/v1/operator/clinics")
    with CaptureQueriesContext(connection) as asked:
        answer = browser.get("/api/v1/operator/clinics")

    assert answer.status_code == 401
    assert len(asked) == len(nobody)
    assert not answer.cookies
    assert not hasattr(answer.wsgi_request, "session")
    assert not hasattr(answer.wsgi_request, "user")


def test_an_operator_who_forgot_the_password_sets_a_new_one_by_mail(olga: User) -> None:
    client = Client()
    page = client.get("/operator/login/").content.decode()
    assert 'href="/account/forgotten-password">I do not know my password</a>' in page
    assert "then come back here" in page

    client.post("/account/forgotten-password", {"email": olga.email})
    code = mailed_code(now=timezone.now())
    new = "another long evening by the sea"
    client.post("/account/new-password", {"code": code, "password": new})

    said = {"username": olga.email, "password": new}
    assert client.post("/operator/login/", said).status_code == 302
    assert client.get("/operator/").status_code == 200
    old = Client().post("/operator/login/", said | {"password": people.PASSWORD})
    assert old.status_code == 200
