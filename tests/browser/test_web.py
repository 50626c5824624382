"""Ana signs in, looks around and signs out, by keyboard on a narrow screen, in light and in dark."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.hashers import make_password

from clinics.models import User
from core.models import AuditEvent
from reminders.stop_links import StopLink, stop_token
from tests.browser.chromium import ENTER, TAB, Browser
from tests.browser.looks import RING, SCHEMES, fits, small_targets
from tests.factories import people
from tests.factories.reminders import MONDAY, digest, weekly_summary
from tests.web.told import BUSY_WEEK, whole

WIDTHS = (320, 390, 768, 1280)


def fits_everywhere(browser: Browser, scheme: Any) -> None:
    for width in WIDTHS:
        browser.look_like(width=width, scheme=scheme)
        fits(browser, scheme)
        assert small_targets(browser) == [], browser.url


@pytest.mark.django_db(transaction=True)
def test_signing_in_and_out_by_keyboard_alone(live_server: Any, chromium: Browser) -> None:
    world = people.world()
    world.ana.user.set_password(people.PASSWORD)
    world.ana.user.save()
    for scheme in SCHEMES:
        chromium.go(f"{live_server.url}/")
        chromium.wait_for("/account/sign-in?next=%2F")
        fits_everywhere(chromium, scheme)
        chromium.press(TAB)
        assert chromium.run("return document.activeElement.textContent") == "Skip to the page"
        chromium.tab_to("id_login")
        assert chromium.run(RING) != "none"
        chromium.press(f"{world.ana.user.email}{TAB}{people.PASSWORD}{ENTER}")
        chromium.wait_for("/")
        assert "Hello Ana Silva." in chromium.run("return document.body.innerText")
        fits_everywhere(chromium, scheme)

        chromium.tab_to("sign-out")
        chromium.press(ENTER)
        chromium.wait_for("/account/sign-out")
        fits_everywhere(chromium, scheme)
        chromium.tab_to("go")
        chromium.press(ENTER)

        chromium.wait_for("/account/sign-in?done=signed-out")
    actions = AuditEvent.objects.filter(actor_id=world.ana.user_id, clinic_id=None)
    assert list(actions.order_by("at", "pk").values_list("action", flat=True)) == [
        "web_sign_in",
        "web_sign_out",
    ] * len(SCHEMES)


def signed_in(browser: Browser, url: str, user: User, path: str) -> None:
    """Sign in with a password, and be led to a page."""
    User.objects.filter(pk=user.pk).update(password=make_password(people.PASSWORD))
    browser.go(f"{url}/account/sign-in?next={path}")
    browser.tab_to("id_login")
    browser.press(f"{user.email}{TAB}{people.PASSWORD}{ENTER}")
    browser.wait_for(path)


@pytest.mark.django_db(transaction=True)
def test_weeks_digests_and_stopping_fit_every_screen(live_server: Any, chromium: Browser) -> None:
    world = people.world()
    weekly_summary(world.ana, contents=BUSY_WEEK)
    digest(world.rui, contents=whole(world))
    made_for = {"clinic": world.clinic.pk, "user": world.ana.user_id, "patient": world.ana.pk}
    stop = f"/stop/{stop_token(StopLink(kind='reminder', **made_for))}"
    signed_in(chromium, live_server.url, world.rui.user, f"/digests/{MONDAY}")
    for path in (f"/digests/{MONDAY}", "/invitation", stop):
        chromium.go(f"{live_server.url}{path}")
        for scheme in SCHEMES:
            fits_everywhere(chromium, scheme)

    chromium.tab_to("go")
    chromium.press(ENTER)

    chromium.wait_until("return document.body.innerText.includes('You get no more of these.')")
    chromium.go(f"{live_server.url}/account/sign-out")
    chromium.tab_to("go")
    chromium.press(ENTER)
    chromium.wait_for("/account/sign-in?done=signed-out")
    signed_in(chromium, live_server.url, world.ana.user, f"/summaries/{MONDAY}")
    for scheme in SCHEMES:
        fits_everywhere(chromium, scheme)
