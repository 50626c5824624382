"""An operator with a keyboard and a narrow screen looks into a clinic, in light and in dark."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from clinics.models import User
from core.models import AuditEvent
from core.tenancy import clinic_context
from tests.browser.chromium import ENTER, TAB, Browser
from tests.factories import people

REASON = "Asked to by the clinic: ticket 4711"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# Channels of a colour from 0 to 255, and what is read on it.
COLOURS = """
const rgb = (value) => value.match(/[\\d.]+/g).slice(0, 3).map(Number);
const style = getComputedStyle(document.body);
return [rgb(style.color), rgb(style.backgroundColor)];
"""
SIDEWAYS = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
RING = "return getComputedStyle(document.activeElement).outlineStyle"


def luminance(colour: list[float]) -> float:
    """WCAG 2.2: the relative luminance of an sRGB colour."""
    parts = [one / 255 for one in colour]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: list[float], other: list[float]) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def fits(browser: Browser, scheme: str) -> None:
    """Nothing stands out sideways, and words are read on their ground, light or dark as asked."""
    assert browser.run(SIDEWAYS) <= 0, browser.url
    words, ground = browser.run(COLOURS)
    assert contrast(words, ground) >= 4.5
    assert (luminance(ground) < 0.5) == (scheme == "dark")


def signs_in_and_looks(browser: Browser, url: str, scheme: str) -> None:
    browser.go(f"{url}/operator/login/?next=/operator/patients/patient/")
    fits(browser, scheme)
    browser.press(f"olga@platform.example{TAB}{people.PASSWORD}{ENTER}")
    browser.wait_for("/operator/glass/?next=%2Foperator%2Fpatients%2Fpatient%2F")
    fits(browser, scheme)
    browser.tab_to("id_clinic")
    assert browser.run(RING) != "none"
    browser.press("Harbour")
    browser.tab_to("id_reason")
    browser.press(f"{REASON}{TAB}{ENTER}")
    browser.wait_for("/operator/patients/patient/")
    fits(browser, scheme)


@pytest.mark.django_db(transaction=True)
def test_by_keyboard_alone_on_a_narrow_screen_in_light_and_dark(
    live_server: Any, chromium: Browser
) -> None:
    world = people.world()
    people.operator(email="olga@platform.example", password=people.PASSWORD)
    for scheme in SCHEMES:
        chromium.look_like(width=320, scheme=scheme)

        signs_in_and_looks(chromium, live_server.url, scheme)

        shown = chromium.run("return document.querySelector('#result_list').innerText")
        assert "Ana Silva" in shown
        assert "Per Berg" not in shown
        chromium.run("document.querySelector('#logout-form').submit()")
        chromium.wait_for("/operator/logout/")
    with clinic_context(world.clinic.pk):
        broken = AuditEvent.objects.filter(action="glass_broken").values_list("reason", "actor_id")
        assert list(broken) == [(REASON, User.objects.get(is_operator=True).pk)] * 2
