"""An operator with a keyboard and a narrow screen looks into a clinic, in light and in dark."""

from __future__ import annotations

from typing import Any

import pytest

from clinics.models import User
from core.models import AuditEvent
from core.tenancy import clinic_context
from tests.browser.chromium import ENTER, TAB, Browser
from tests.browser.looks import RING, SCHEMES, fits, small_targets
from tests.factories import people

# What a row says of a column, where on the screen, and under which name beside it.
STATUS = """
const cell = document.querySelector('#result_list tbody .field-status');
const at = cell.getBoundingClientRect();
const list = document.querySelector('.results');
return {
  words: cell.innerText.trim(),
  name: getComputedStyle(cell, '::before').content,
  left: at.left, right: at.right,
  sideways: list.scrollWidth - list.clientWidth,
  stacked: at.top >= document.querySelector('#result_list tbody th').getBoundingClientRect().bottom,
};
"""
REASON = "Asked to by the clinic: ticket 4711"


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
        status = chromium.run(STATUS)
        assert (status["words"], status["name"]) == ("active", '"Status"')
        assert status["left"] >= 0
        assert status["right"] <= 320
        assert status["sideways"] == 0
        assert status["stacked"] is True
        assert small_targets(chromium) == []
        chromium.look_like(width=1280, scheme=scheme)
        status = chromium.run(STATUS)
        assert (status["words"], status["name"]) == ("active", "none")
        assert (status["sideways"], status["stacked"]) == (0, False)
        fits(chromium, scheme)
        chromium.run("document.querySelector('#logout-form').submit()")
        chromium.wait_for("/operator/logout/")
    with clinic_context(world.clinic.pk):
        broken = AuditEvent.objects.filter(action="glass_broken").values_list("reason", "actor_id")
        assert list(broken) == [(REASON, User.objects.get(is_operator=True).pk)] * 2
