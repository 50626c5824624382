"""What the database itself refuses about reminders, whatever the code above it does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DataError, IntegrityError, transaction

from core.tenancy import clinic_context
from reminders.models import Contact, Delivery, ReminderPreferences, ReminderTime
from tests.factories.people import World
from tests.factories.push import KEY, SECRET

NOW = dt.datetime(2026, 11, 26, 10, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
BROWSER = {"channel": "web_push", "address": "https://x/1", "push_key": KEY, "push_secret": SECRET}


@pytest.fixture(autouse=True)
def inside(world: World) -> Iterator[None]:
    with clinic_context(world.clinic.pk):
        yield


def contact(world: World, **fields: Any) -> Contact:
    said = {"channel": "email", "address": "ana@example.org", "added_at": NOW} | fields
    return Contact.objects.create(clinic=world.clinic, user=world.ana.user, **said)


def choice(world: World, **fields: Any) -> ReminderPreferences:
    return ReminderPreferences.objects.create(clinic=world.clinic, patient=world.ana, **fields)


def time(world: World, **fields: Any) -> ReminderTime:
    said = {"slot": 1, "at": dt.time(9), "weekdays": 127} | fields
    return ReminderTime.objects.create(clinic=world.clinic, patient=world.ana, **said)


def delivery(world: World, **fields: Any) -> Delivery:
    said = {
        "patient": world.ana, "recipient": world.ana.user, "kind": "reminder", "channel": "email",
        "slot": 1, "local_date": NOW.date(), "time_zone": "Europe/Lisbon", "due_at": NOW,
        "next_at": NOW, "expires_at": NOW + 60 * MINUTE,
    } | fields  # fmt: skip
    return Delivery.objects.create(clinic=world.clinic, **said)


def refusal(make: Any, world: World, fields: dict[str, Any]) -> str | None:
    """Return the name of the constraint that refuses a row, or None."""
    try:
        with transaction.atomic():
            make(world, **fields)
    except IntegrityError as refused:
        return str(refused.__cause__.diag.constraint_name)  # type: ignore[union-attr]
    return None


CONTACTS: list[tuple[dict[str, Any], str | None]] = [
    ({}, None),
    (BROWSER, None),
    ({"channel": "sms", "address": "+351912345678"}, None),
    ({"channel": "fax"}, "contact_channel_is_known"),
    ({"channel": ""}, "contact_channel_is_known"),
    ({"address": ""}, "contact_has_an_address"),
    ({"push_key": KEY}, "contact_of_a_browser_has_its_keys"),
    ({"push_secret": SECRET}, "contact_of_a_browser_has_its_keys"),
    (BROWSER | {"push_key": ""}, "contact_of_a_browser_has_its_keys"),
    (BROWSER | {"push_secret": ""}, "contact_of_a_browser_has_its_keys"),
    ({"code_hash": bytes(32), "code_ends_at": NOW}, None),
    ({"code_hash": bytes(32)}, "contact_code_has_an_end"),
    ({"code_ends_at": NOW}, "contact_code_has_an_end"),
    ({"code_attempts": 5}, None),
    ({"code_attempts": 6}, "contact_code_is_tried_five_times"),
    ({"confirmed_at": NOW}, None),
    ({"confirmed_at": NOW - MINUTE}, "contact_is_confirmed_after_it_is_added"),
    *[
        ({"disabled_at": NOW, "disabled_because": because}, None)
        for because in ("bounced", "gone", "complained", "removed")
    ],
    ({"disabled_at": NOW}, "contact_disabled_says_why"),
    ({"disabled_because": "bounced"}, "contact_disabled_says_why"),
    ({"disabled_at": NOW, "disabled_because": "tired"}, "contact_disabled_is_known"),
]
CHOICES: list[tuple[dict[str, Any], str | None]] = [
    ({}, None),
    ({"channels": ["sms", "web_push", "email"]}, None),
    ({"channels": ["email", "fax"]}, "preferred_channels_are_known"),
    ({"quiet_from": dt.time(20), "quiet_until": dt.time(9)}, None),
    ({"quiet_from": dt.time(20)}, "preferred_quiet_hours_have_both_ends"),
    ({"quiet_until": dt.time(9)}, "preferred_quiet_hours_have_both_ends"),
    (
        {"quiet_from": dt.time(9), "quiet_until": dt.time(9)},
        "preferred_quiet_hours_have_both_ends",
    ),
    ({"is_paused": True}, None),
    ({"is_paused": True, "paused_until": NOW.date()}, None),
    ({"paused_until": NOW.date()}, "reminder_pause_has_an_end_only_while_paused"),
]
TIMES: list[tuple[dict[str, Any], str | None]] = [
    ({"slot": 1}, None),
    ({"slot": 6}, None),
    ({"slot": 0}, "reminder_time_is_one_of_six"),
    ({"slot": 7}, "reminder_time_is_one_of_six"),
    ({"weekdays": 1}, None),
    ({"weekdays": 0}, "reminder_time_has_a_weekday"),
    ({"weekdays": 128}, "reminder_time_has_a_weekday"),
    ({"at": dt.time(23, 59)}, None),
    ({"at": dt.time(9, 0, 1)}, "reminder_time_is_to_the_minute"),
]
DELIVERIES: list[tuple[dict[str, Any], str | None]] = [
    ({}, None),
    ({"slot": 6}, None),
    ({"slot": 0}, "delivery_slot_suits_its_kind"),
    ({"slot": 7}, "delivery_slot_suits_its_kind"),
    ({"kind": "weekly_summary", "slot": 0}, None),
    ({"kind": "weekly_summary"}, "delivery_slot_suits_its_kind"),
    ({"kind": "digest", "slot": 0, "patient": None}, None),
    ({"kind": "digest", "slot": 0}, "delivery_is_of_a_patient_or_a_digest"),
    ({"patient": None}, "delivery_is_of_a_patient_or_a_digest"),
    ({"kind": "gossip", "slot": 0}, "delivery_kind_is_known"),
    ({"channel": "fax"}, "delivery_channel_is_known"),
    ({"state": "sent", "settled_at": NOW}, None),
    ({"state": "lost", "settled_at": NOW}, "delivery_state_is_known"),
    ({"state": "sent"}, "delivery_is_settled_or_waits"),
    ({"settled_at": NOW}, "delivery_is_settled_or_waits"),
    ({"state": "suppressed", "settled_at": NOW, "reason": "paused"}, None),
    ({"state": "suppressed", "settled_at": NOW}, "delivery_suppressed_says_why"),
    ({"attempts": 4}, None),
    ({"attempts": 5}, "delivery_is_tried_four_times"),
    ({"next_at": NOW - MINUTE}, "delivery_is_not_tried_before_it_is_due"),
    ({"expires_at": NOW}, "delivery_expires_after_it_is_due"),
]


@pytest.mark.parametrize(
    ("make", "rows"),
    [(contact, CONTACTS), (choice, CHOICES), (time, TIMES), (delivery, DELIVERIES)],
    ids=["contact", "choice", "time", "delivery"],
)
def test_the_bounds_of_a_row(world: World, make: Any, rows: Any) -> None:
    for fields, expected in rows:
        with transaction.atomic():
            assert refusal(make, world, fields) == expected, fields
            transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("make", "fields", "again", "expected"),
    [
        (contact, {}, {}, "one_contact_for_an_address"),
        (contact, {}, {"address": "another@example.org"}, None),
        (contact, {}, {"channel": "sms"}, None),
        (choice, {}, {}, "one_choice_of_reminders_for_a_patient"),
        (time, {"slot": 2}, {"slot": 2, "at": dt.time(12)}, "one_reminder_time_for_a_slot"),
        (time, {"slot": 2}, {"slot": 3}, None),
        (
            delivery,
            {},
            {"due_at": NOW + MINUTE, "next_at": NOW + MINUTE},
            "one_delivery_for_a_slot",
        ),
        (delivery, {}, {"slot": 2}, None),
        (delivery, {}, {"channel": "sms"}, None),
        (delivery, {}, {"local_date": dt.date(2026, 11, 27)}, None),
        (
            delivery,
            {"kind": "digest", "slot": 0, "patient": None},
            {"kind": "digest", "slot": 0, "patient": None},
            "one_delivery_for_a_slot",
        ),
    ],
)
def test_what_there_is_once(
    world: World, make: Any, fields: Any, again: Any, expected: Any
) -> None:
    make(world, **fields)

    assert refusal(make, world, again) == expected


@pytest.mark.parametrize(
    ("make", "fields"),
    [
        (contact, {"address": "x" * 1025}),
        (contact, {"disabled_at": NOW, "disabled_because": "much too long a word"}),
        (delivery, {"reason": "x" * 41}),
        (delivery, {"last_error": "x" * 81}),
    ],
)
def test_what_is_too_long(world: World, make: Any, fields: Any) -> None:
    with pytest.raises(DataError), transaction.atomic():
        make(world, **fields)


def test_another_clinic_has_its_own_contact_of_the_same_address(world: World) -> None:
    contact(world)
    with clinic_context(world.far_clinic.pk):
        Contact.objects.create(
            clinic=world.far_clinic, user=world.ana.user, channel="email",
            address="ana@example.org", added_at=NOW,
        )  # fmt: skip
        assert Contact.objects.count() == 1
    assert Contact.objects.count() == 1


def test_a_contact_is_usable_once_it_is_proved_and_until_it_is_disabled(world: World) -> None:
    one = contact(world)
    assert (one.is_usable(), Contact.objects.usable().exists()) == (False, False)
    one.confirmed_at = NOW
    one.save()
    assert (one.is_usable(), Contact.objects.usable().exists()) == (True, True)
    one.disable(Contact.Disabled.GONE, now=NOW)
    assert (one.is_usable(), Contact.objects.usable().exists()) == (False, False)
    stored = Contact.objects.get()
    assert (stored.disabled_at, stored.disabled_because) == (NOW, "gone")
