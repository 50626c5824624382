"""A row's own page offers what can be done with it as it stands, and nothing else."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from clinics.models import Clinic, Membership, User
from core.tenancy import clinic_context
from tests.factories import people
from tests.factories.people import World
from tests.operating.test_changes import act, break_glass

FORM = '<section class="deeds"'


def deeds(browser: Client, page: str, row: Any) -> list[str]:
    """Return what the page of a row offers, having looked that it names that row alone."""
    text = browser.get(f"/operator/{page}/{row.pk}/change/").content.decode()
    form = text.partition(FORM)[2].partition("</section>")[0]
    if form:
        assert f'action="/operator/{page}/"' in form
        assert re.findall(r'name="_selected_action" value="([^"]+)"', form) == [str(row.pk)]
    return re.findall(r'name="action" value="(\w+)"', form)


def do(browser: Client, page: str, row: Any, action: str, **more: str) -> Any:
    """Press a button of that form."""
    said = {"_selected_action": str(row.pk), "index": "0", "action": action}
    return browser.post(f"/operator/{page}/", said | more, follow=True)


def test_a_clinic_is_archived_and_taken_back_from_its_page(browser: Client, world: World) -> None:
    clinic = world.clinic
    assert deeds(browser, "clinics/clinic", clinic) == ["ask_again", "archive"]

    asked = do(browser, "clinics/clinic", clinic, "archive").content.decode()

    assert "Are you sure?" in asked
    assert "<li>Harbour Clinic<" in asked
    assert Clinic.objects.get(pk=clinic.pk).archived_at is None
    done = do(browser, "clinics/clinic", clinic, "archive", confirmed="1")
    assert "Done: 1" in done.content.decode()
    assert Clinic.objects.get(pk=clinic.pk).archived_at is not None
    assert deeds(browser, "clinics/clinic", clinic) == ["restore"]
    assert "Done: 1" in do(browser, "clinics/clinic", clinic, "restore").content.decode()
    assert Clinic.objects.filter(archived_at=None).count() == 2


def test_a_login_is_ended_and_let_in_again_from_its_page(browser: Client, world: World) -> None:
    rui = world.rui.user
    assert deeds(browser, "clinics/user", rui) == ["deactivate"]

    assert "Are you sure?" in do(browser, "clinics/user", rui, "deactivate").content.decode()

    assert User.objects.get(pk=rui.pk).is_active
    do(browser, "clinics/user", rui, "deactivate", confirmed="1")
    assert not User.objects.get(pk=rui.pk).is_active
    assert deeds(browser, "clinics/user", rui) == ["reactivate"]


def test_nobody_ends_their_own_login_there(browser: Client, olga: User) -> None:
    answer = do(browser, "clinics/user", olga, "deactivate", confirmed="1")

    assert "Done" not in answer.content.decode()
    assert User.objects.get(pk=olga.pk).is_active


def test_work_is_ended_from_its_page_behind_the_glass(browser: Client, world: World) -> None:
    break_glass(browser, world.clinic)
    assert deeds(browser, "clinics/membership", world.marta) == ["end"]

    do(browser, "clinics/membership", world.marta, "end", confirmed="1")

    with clinic_context(world.clinic.pk):
        assert Membership.objects.get(pk=world.marta.pk).deactivated_at is not None
    assert deeds(browser, "clinics/membership", world.marta) == []


@pytest.mark.parametrize("page", ["clinics/membership", "patients/patient"])
def test_without_the_glass_nothing_is_done(browser: Client, world: World, page: str) -> None:
    answer = do(browser, page, world.marta, "end", confirmed="1")

    assert answer.redirect_chain[0][0].startswith("/operator/glass/")
    with clinic_context(world.clinic.pk):
        assert Membership.objects.filter(deactivated_at=None).count() == 3


def test_what_is_only_read_offers_nothing(browser: Client, world: World) -> None:
    people.pause(world.ana)
    break_glass(browser, world.clinic)

    assert deeds(browser, "patients/patient", world.ana) == []
    for page in ("clinics/clinic/add", f"patients/patient/{world.ana.pk}/change"):
        assert FORM not in browser.get(f"/operator/{page}/").content.decode()


def test_the_list_still_asks_for_each_row_that_is_chosen(browser: Client, world: World) -> None:
    assert "Done: 2" in act(browser, "clinics/clinic", "archive", world.clinic, world.far_clinic)
