from __future__ import annotations

import datetime as dt

import pytest
from django.db import ProgrammingError, transaction

from clinics.actors import system
from core.epochs import begin_epoch, epoch
from core.models import AuditEvent, Epoch
from tests.architecture.walls import owner_cursor

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)


@pytest.mark.django_db
def test_a_database_has_one_epoch_from_its_first_day():
    assert [each.value for each in Epoch.objects.all()] == [epoch().get()]


@pytest.mark.django_db
def test_the_role_that_serves_people_cannot_begin_another():
    before = epoch().get()

    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        begin_epoch(by=system(), now=NOW)

    assert epoch().get() == before
    assert not AuditEvent.objects.filter(action="epoch_begun").exists()


@pytest.mark.django_db
def test_there_is_no_second_epoch():
    with owner_cursor() as cursor, pytest.raises(Exception, match="epoch_is_the_only_one"):
        cursor.execute("INSERT INTO core_epoch VALUES ('other', gen_random_uuid(), now())")
