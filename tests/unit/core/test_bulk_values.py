"""Rows of several tables in one statement are what Django's own insert would have stored."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinics.models import Device, User
from core.bulk import insert_together
from core.tenancy import clinic_context
from patients.models import PrescribedExercise
from tests.factories import people, prescribed

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=dt.timezone(dt.timedelta(hours=1)))


def device(user: User, **fields) -> Device:
    return Device(**{
        "user": user, "name": "Phone", "token_hash": bytes(range(224, 256)), "epoch": 0,
        "signed_in_at": NOON, "last_seen_on": NOON.date(), "ends_at": NOON + dt.timedelta(days=90),
    } | fields)  # fmt: skip


def test_bytes_moments_dates_and_nulls_come_back_as_they_were():
    made = device(people.user())

    insert_together([made])

    kept = Device.objects.get(pk=made.pk)
    assert bytes(kept.token_hash) == bytes(range(224, 256))
    assert kept.signed_in_at == NOON
    assert kept.last_seen_on == NOON.date()
    assert kept.ended_at is None


@pytest.mark.parametrize("name", ["O'Brien", 'a "quoted" name', "back\\slash", "Zoë 🙂", "100 %s"])
def test_a_text_is_kept_letter_by_letter(name):
    made = device(people.user(), name=name)

    insert_together([made])

    assert Device.objects.get(pk=made.pk).name == name


def test_when_it_was_made_is_filled_in():
    made = device(people.user())

    insert_together([made])

    kept = Device.objects.get(pk=made.pk)
    assert kept.created_at == kept.updated_at
    assert kept.created_at is not None


@pytest.mark.parametrize("load", [None, Decimal("0.0"), Decimal("2.5"), Decimal("500.0")])
def test_a_decimal_keeps_its_places(load):
    world = people.world()
    row = prescribed.line(world.ana).rows.model
    with clinic_context(world.clinic.pk):
        copy = row.objects.get()
        copy.pk, copy.load_kg = uuid4(), load
        copy.in_force_from, copy.in_force_until = dt.date(2025, 1, 1), dt.date(2025, 2, 1)
        insert_together([copy])
        kept = PrescribedExercise.objects.get(pk=copy.pk)

    assert kept.load_kg == load
    assert kept.in_force_until == dt.date(2025, 2, 1)


def test_all_of_it_is_one_statement_and_says_what_else_to_run():
    user = people.user()
    rename = ("UPDATE clinics_user SET name = %s WHERE id = %s RETURNING 1", ["Ana", user.pk])
    others = [
        device(user, token_hash=bytes([place] * 32), name=f"Phone {place}") for place in range(3)
    ]

    with CaptureQueriesContext(connection) as sent:
        insert_together(others, also=[rename])

    user.refresh_from_db()
    assert len(sent) == 1
    assert user.name == "Ana"
    assert [each.name for each in Device.objects.order_by("name")] == [
        "Phone 0", "Phone 1", "Phone 2",
    ]  # fmt: skip
