"""Three sides, three sessions: the web side's, the operators' and the API's tokens never mix."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.contrib.sessions.backends.cache import SessionStore
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from clinics.models import User
from rehab_platform.web.sessions import WebSession
from tests.api.caller import Caller
from tests.factories import people
from tests.web.conftest import SIGN_IN, sign_in

WEB, OPERATOR = settings.WEB_COOKIE_NAME, settings.SESSION_COOKIE_NAME
API = ["/api/v1/me/plan", "/api/v1/auth/whoami", "/api/v1/operator/clinics", "/healthz"]
OPERATORS = ["/operator/", "/operator/login/", "/operator/clinics/clinic/"]


def operators_browser() -> Client:
    people.operator(email="olga@platform.example", password=people.PASSWORD)
    opened = Client()
    said = {"username": "olga@platform.example", "password": people.PASSWORD}
    assert opened.post("/operator/login/", said).status_code == 302
    return opened


def test_the_cookie_is_for_this_side_and_no_script_reads_it(browser: Client) -> None:
    cookie = browser.cookies[WEB]

    assert (WEB, cookie["path"], cookie["httponly"], cookie["samesite"], cookie["secure"]) == (
        "web", "/", True, "Lax", "",
    )  # fmt: skip
    assert (cookie["max-age"], cookie["expires"]) == ("", "")
    assert OPERATOR not in browser.cookies


def test_over_tls_the_cookie_goes_over_tls_alone(ana: User) -> None:
    with override_settings(SESSION_COOKIE_SECURE=True, WEB_COOKIE_NAME="__Host-web"):
        client = Client()
        sign_in(client, ana.email)

    assert client.cookies["__Host-web"]["secure"] is True


def test_signing_in_gives_a_new_key(ana: User) -> None:
    client = Client()
    client.get(SIGN_IN)
    client.cookies[WEB] = "chosen-by-somebody-else-1234567890"

    sign_in(client, ana.email)

    assert client.cookies[WEB].value != "chosen-by-somebody-else-1234567890"
    assert len(client.cookies[WEB].value) == 32


def test_a_key_that_nobody_gave_out_opens_nothing_and_is_taken_away(db: None) -> None:
    for key in ["x" * 32, "", "short", "ä" * 32, "x" * 5000]:
        client = Client()
        client.cookies[WEB] = key

        answer = client.get("/")

        assert answer.status_code == 302
        assert answer.cookies[WEB]["max-age"] == 0
        assert not cache.has_key(f"rehab.web.session{key}"[:200])


def test_nobody_signed_in_has_no_cookie(db: None) -> None:
    client = Client()
    for path in ("/", SIGN_IN, "/account/forgotten-password", "/nothing"):
        client.get(path)

    assert WEB not in client.cookies


def test_it_ends_when_idle_and_goes_on_while_used(browser: Client) -> None:
    key = browser.cookies[WEB].value
    stored = WebSession.cache_key_prefix + key
    cache.touch(stored, 10)

    browser.get("/")

    left = cache._cache.get_client(stored).ttl(cache.make_key(stored))
    assert 3590 < left <= settings.WEB_SESSION_IDLE_SECONDS == 3600
    cache.delete(stored)
    assert browser.get("/").status_code == 302


def test_the_api_neither_reads_nor_pays_for_either_session(browser: Client) -> None:
    olga = operators_browser()
    browser.cookies[OPERATOR] = olga.cookies[OPERATOR].value
    for path in API:
        with CaptureQueriesContext(connection) as nobody:
            first = Client().get(path)
        with CaptureQueriesContext(connection) as asked:
            answer = browser.get(path)

        assert answer.status_code == first.status_code
        assert len(asked) == len(nobody)
        assert not answer.cookies
        assert not hasattr(answer.wsgi_request, "session")
        assert not hasattr(answer.wsgi_request, "user")


def test_a_token_opens_no_page(ana: User) -> None:
    caller = Caller().as_(ana)

    answer = Client().get("/", headers={"Authorization": f"Bearer {caller.token}"})

    assert answer.status_code == 302


def test_the_operators_pages_do_not_see_the_web_side(browser: Client) -> None:
    for path in OPERATORS:
        answer = browser.get(path)

        assert answer.status_code == (200 if path.endswith("login/") else 302)
        assert WEB not in answer.cookies
        assert not answer.wsgi_request.user.is_authenticated


def test_the_web_side_does_not_see_the_operators_pages(db: None) -> None:
    olga = operators_browser()

    answer = olga.get("/")

    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, SIGN_IN)
    assert OPERATOR not in answer.cookies
    assert olga.get("/operator/").status_code == 200


def test_a_key_of_one_side_opens_nothing_on_the_other(browser: Client, ana: User) -> None:
    olga = operators_browser()
    User.objects.filter(pk=ana.pk).update(is_operator=True)
    swapped = Client()
    swapped.cookies[OPERATOR] = browser.cookies[WEB].value
    swapped.cookies[WEB] = olga.cookies[OPERATOR].value

    assert swapped.get("/operator/").status_code == 302
    assert swapped.get("/").status_code == 302
    assert WebSession.cache_key_prefix != SessionStore.cache_key_prefix


def test_both_sides_are_used_in_one_browser_and_ended_apart(browser: Client) -> None:
    olga = operators_browser()
    browser.cookies[OPERATOR] = olga.cookies[OPERATOR].value
    assert browser.get("/operator/").status_code == 200

    browser.post("/account/sign-out")

    assert browser.get("/").status_code == 302
    assert browser.get("/operator/").status_code == 200


def test_a_session_that_was_ended_meanwhile_is_not_brought_back(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = browser.cookies[WEB].value
    save = WebSession.save

    def ended_first(self: WebSession, must_create: bool = False) -> None:
        WebSession().delete(key)
        save(self, must_create=must_create)

    monkeypatch.setattr(WebSession, "save", ended_first)

    assert browser.get("/").status_code == 400
    assert not WebSession().exists(key)


@pytest.mark.parametrize(
    "path",
    ["/", SIGN_IN, "/account/sign-out", "/account/forgotten-password", "/account/new-password"],
)
def test_each_page_says_what_a_browser_may_do_with_it(browser: Client, path: str) -> None:
    answer = (Client() if path == SIGN_IN else browser).get(path)

    assert answer.status_code == 200
    text = answer.content.decode()
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert {"default-src 'none'", "script-src 'self'", "form-action 'self'"} <= set(
        policy.split("; ")
    )
    assert {"no-store", "private"} <= set(answer["Cache-Control"].split(", "))
    assert "Cookie" in answer["Vary"]
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    for inline in ("style=", "<style", "<script", "onclick", "http://", "https://", "//cdn"):
        assert inline not in text
    assert '<html lang="en">' in text
    assert '<a class="skip" href="#main">' in text
    assert text.count("<h1>") == 1
