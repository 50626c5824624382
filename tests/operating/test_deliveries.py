"""The page of what waits to go out: numbers alone, and failed ones that start over."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from core.models import AuditEvent
from core.tenancy import clinic_context
from reminders.models import Delivery
from tests.factories.people import World
from tests.factories.reminders import delivery

PAGE = "/operator/deliveries/"
MINUTE = dt.timedelta(minutes=1)


def text(browser: Client) -> str:
    answer = browser.get(PAGE)
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_empty_queue_says_so(browser: Client) -> None:
    shown = text(browser)

    assert "Nothing waits, and nothing went out in the last day." in shown
    assert "Let it start over" not in shown


def test_it_shows_numbers_of_all_clinics_and_nobody(browser: Client, world: World) -> None:
    now = timezone.now()
    delivery(world.ana, now - MINUTE)
    delivery(
        world.far_patient, now - 9 * MINUTE, state="suppressed", reason="paused", settled_at=now
    )
    shown = text(browser)

    assert "paused" in shown
    for kept_back in ("Ana", "Per", "Harbour", "@example.org"):
        assert kept_back not in shown.replace("olga@", "")


def test_a_lag_stands_out(browser: Client, world: World) -> None:
    assert "errornote" not in text(browser)
    delivery(world.ana, timezone.now() - 3 * MINUTE)

    assert "errornote" in text(browser)


def test_what_failed_starts_over_in_every_clinic(browser: Client, world: World) -> None:
    now = timezone.now()
    for patient in (world.ana, world.far_patient):
        delivery(patient, now - 9 * MINUTE, state="failed", attempts=4, settled_at=now)
    assert "Let it start over" in text(browser)

    answer = browser.post(PAGE, follow=True)

    assert "Start over: 2" in answer.content.decode()
    for patient in (world.ana, world.far_patient):
        with clinic_context(patient.clinic_id):
            assert Delivery.objects.get().state == "waiting"
            event = AuditEvent.objects.get(action="deliveries_retried")
        assert event.acting_as == "operator"


def test_the_queue_is_read_in_few_statements(
    browser: Client, world: World, django_assert_max_num_queries
) -> None:
    for slot in range(1, 7):
        delivery(world.ana, timezone.now() - MINUTE, slot=slot)
    with django_assert_max_num_queries(6):
        text(browser)


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_else_gets_there(world: World, method: str) -> None:
    answer = getattr(Client(), method)(PAGE)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/operator/login/")


def test_the_index_leads_there(browser: Client) -> None:
    assert f'href="{PAGE}"' in browser.get("/operator/").content.decode()
