"""Ana signs in, looks around and signs out, by keyboard on a narrow screen, in light and in dark."""

from __future__ import annotations

from typing import Any

import pytest

from core.models import AuditEvent
from tests.browser.chromium import ENTER, TAB, Browser
from tests.browser.looks import RING, SCHEMES, fits, small_targets
from tests.factories import people

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
