"""The page of what waits to go out: numbers alone, and failed ones that start over."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.models import AuditEvent
from core.tenancy import clinic_context
from rehab_platform.operating.reasons import WHY, why
from reminders.models import Delivery
from reminders.rechecks import CHANNEL_LEFT, RULES
from tests.factories.people import World
from tests.factories.reminders import delivery
from tests.operating.test_changes import break_glass

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


def test_its_rows_are_in_words(browser: Client, world: World) -> None:
    now = timezone.now()
    delivery(
        world.ana, now - 9 * MINUTE, state="suppressed", reason="reminders_paused", settled_at=now
    )
    shown = " ".join(text(browser).split())

    for name, said in [
        ("State", "no longer wanted"),
        ("Kind", "reminder"),
        ("Channel", "email"),
        ("Why", "the patient paused reminders"),
        ("Number", "1"),
    ]:
        assert f'<td role="cell" data-name="{name}">{said}</td>' in shown
        assert f'<th scope="col" role="columnheader">{name}</th>' in shown
    assert '<th scope="row">No longer wanted</th><td>1</td>' in shown
    assert "suppressed" not in shown
    assert "reminders_paused" not in shown


@pytest.mark.parametrize(
    ("waited", "words"),
    [
        (dt.timedelta(seconds=1), "waits for longer than it should: the oldest for 1 second."),
        (dt.timedelta(seconds=119), "the oldest for 1 minute 59 seconds."),
        (dt.timedelta(seconds=121), "due longest has waited for 2 minutes 1 second."),
    ],
)
def test_how_long_is_told_in_words(
    browser: Client, world: World, time_machine: Any, waited: dt.timedelta, words: str
) -> None:
    now = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
    time_machine.move_to(now, tick=False)
    delivery(world.ana, now - waited)

    shown = text(browser)

    assert words in shown
    assert "latest went out 0 seconds after its time" in shown


def test_each_reason_has_words() -> None:
    kept = {reason for reason, _kinds, _holds in RULES}
    elsewhere = {
        "late", "moved", "quiet_hours", "no_contact", "told_to_stop", "all_done", "nothing_due",
        CHANNEL_LEFT,
    }  # fmt: skip
    assert set(WHY) == kept | elsewhere
    assert all("_" not in str(words) for words in WHY.values())
    assert why("of_tomorrow") == "of tomorrow"
    assert why("") == ""


def test_a_delivery_says_why_in_its_list_and_on_its_page(browser: Client, world: World) -> None:
    now = timezone.now()
    row = delivery(
        world.ana, now - MINUTE, state="suppressed", reason="told_to_stop", settled_at=now
    )
    break_glass(browser, world.clinic)

    listed = browser.get("/operator/reminders/delivery/").content.decode()
    its_own = browser.get(f"/operator/reminders/delivery/{row.pk}/change/").content.decode()

    assert "the app said to stop for today</td>" in listed
    assert '<div class="readonly">the app said to stop for today</div>' in its_own
    assert "told_to_stop" not in listed + its_own


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
