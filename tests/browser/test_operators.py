"""An operator with a keyboard and a narrow screen looks into a clinic, in light and in dark."""

from __future__ import annotations

from typing import Any

import pytest

from clinics.models import Clinic, User
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


def founds_a_clinic_and_archives_it(browser: Browser, url: str) -> None:
    """By keyboard: a country by its first letters, and what can be done on the clinic's own page."""
    browser.go(f"{url}/operator/clinics/clinic/add/")
    fits(browser, "dark")
    browser.tab_to("id_time_zone")
    browser.press(f"Europe/Zurich{TAB}Switz")
    assert browser.run("return document.querySelector('#id_country').value") == "CH"
    browser.press(f"{TAB}+41 44 000 00 00{TAB}eva@lake.example{TAB}{ENTER}")
    browser.wait_until("return document.querySelectorAll('.errorlist').length === 1")
    assert "required" in browser.run("return document.querySelector('.errorlist').innerText")
    assert browser.run("return document.querySelector('#id_country').value") == "CH"
    assert small_targets(browser) == []
    assert browser.run("return document.activeElement.id") == "id_name"
    browser.press(f"Lake Clinic{ENTER}")
    browser.wait_for("/operator/clinics/clinic/")
    browser.go(f"{url}/operator/clinics/clinic/{Clinic.objects.get(name='Lake Clinic').pk}/change/")
    fits(browser, "dark")
    assert small_targets(browser) == []
    browser.tab_to("archive")
    browser.press(ENTER)
    browser.wait_for("/operator/clinics/clinic/")
    browser.wait_until("return document.body.innerText.includes('Are you sure?')")
    fits(browser, "dark")
    browser.tab_to("yes")
    browser.press(ENTER)
    browser.wait_until("return document.body.innerText.includes('Done: 1')")


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
        if scheme == "dark":
            chromium.look_like(width=320, scheme=scheme)
            founds_a_clinic_and_archives_it(chromium, live_server.url)
            assert Clinic.objects.get(name="Lake Clinic").archived_at is not None
        chromium.run("document.querySelector('#logout-form').submit()")
        chromium.wait_for("/operator/logout/")
    with clinic_context(world.clinic.pk):
        broken = AuditEvent.objects.filter(action="glass_broken").values_list("reason", "actor_id")
        assert list(broken) == [(REASON, User.objects.get(is_operator=True).pk)] * 2
