"""A reference without a plain key of its own is held by a composite one: of the same clinic, and there."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection, models

from core.tenancy import clinic_context
from tests.architecture.test_models import tables
from tests.architecture.test_tenancy_rows import NO_SUCH_ROW, a_row, insert, refusal, run
from tests.factories import people
from tests.factories import reminders as factory
from tests.factories.database import checked_at_once

# Which columns of a table refer to which table, over columns that are never null or null alone.
COMPOSITE = """
SELECT array_agg(a.attname::text ORDER BY place), bool_and(a.attnotnull)
FROM pg_constraint k, unnest(k.conkey) WITH ORDINALITY AS c (number, place)
JOIN pg_attribute a ON a.attnum = c.number
WHERE k.contype = 'f' AND k.convalidated AND k.confdeltype = 'a'
  AND a.attrelid = k.conrelid AND k.conrelid = %s::regclass AND k.confrelid = %s::regclass
GROUP BY k.oid
"""
LEFT_OUT = [
    pytest.param(model, field, id=f"{model.__name__}.{field.name}")
    for model in tables()
    for field in model._meta.local_fields
    if isinstance(field, models.ForeignKey) and not field.db_constraint
]


def composites(table: str, other: str) -> list[tuple[list[str], bool]]:
    with connection.cursor() as cursor:
        cursor.execute(COMPOSITE, [table, other])
        return cursor.fetchall()


def references(model: type[models.Model]) -> list[tuple[type[models.Model], str]]:
    return [
        (field.related_model, str(field.column))
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey) and field.name != "clinic"
    ]


def is_clinics(model: type[models.Model]) -> bool:
    """Whether each of its rows is one clinic's, which a key of its own says is there."""
    found = [field for field in model._meta.local_fields if field.name == "clinic"]
    return bool(found) and not found[0].null and bool(getattr(found[0], "db_constraint", False))


def test_there_are_some():
    assert len(LEFT_OUT) >= 3


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "field"), LEFT_OUT)
def test_what_has_no_key_of_its_own_has_a_composite_one(
    model: type[models.Model], field: models.ForeignKey[Any, Any]
) -> None:
    """A clinic is held by any reference that is never null to a row of a clinic."""
    assert not model._meta.get_field("clinic").null
    if field.name == "clinic":
        held = [
            (other, column)
            for other, column in references(model)
            if (["clinic_id", column], True)
            in composites(model._meta.db_table, other._meta.db_table)
        ]
        assert any(is_clinics(other) for other, _column in held)
    else:
        table, other = model._meta.db_table, field.related_model._meta.db_table
        assert ["clinic_id", field.column] in [
            columns for columns, _never in composites(table, other)
        ]


# ---- Tried with rows -----------------------------------------------------------------------------

HELD = ["reminders_weeklysummary", "reminders_delivery"]


@pytest.fixture
def world(db: None) -> people.World:
    made = people.world()
    factory.weekly_summary(made.ana)
    factory.delivery(made.ana, factory.ADDED_AT)
    return made


@pytest.mark.parametrize("table", HELD)
def test_a_row_of_nobody_or_of_another_clinics_patient_is_refused(world, table):
    with clinic_context(world.clinic.pk), checked_at_once():
        eva = people.patient(world.clinic, "Eva Lima", care_team=[world.rui])
        row = a_row(table) | {"id": str(uuid.uuid4())}

        assert refusal(insert, table, row | {"patient_id": str(uuid.uuid4())}) == NO_SUCH_ROW
        assert (
            refusal(insert, table, row | {"patient_id": str(world.far_patient.pk)}) == NO_SUCH_ROW
        )
        assert refusal(insert, table, row | {"patient_id": str(eva.pk)}) is None


@pytest.mark.parametrize("table", HELD)
def test_a_row_of_no_clinic_is_refused(world, table):
    """With or without a patient that is there; a digest has none."""
    nowhere = uuid.uuid4()
    with clinic_context(world.clinic.pk):
        row = a_row(table) | {"id": str(uuid.uuid4()), "clinic_id": str(nowhere)}
    another_week = {"week": "2026-11-09"} if "week" in row else {}
    with clinic_context(nowhere), checked_at_once():
        assert refusal(insert, table, row | another_week) == NO_SUCH_ROW


def test_a_digest_of_no_clinic_is_refused(world):
    nowhere = uuid.uuid4()
    digest = {"patient_id": None, "kind": "digest", "slot": 0}
    with clinic_context(world.clinic.pk):
        row = a_row("reminders_delivery") | digest | {"id": str(uuid.uuid4())}
    with clinic_context(nowhere), checked_at_once():
        assert (
            refusal(insert, "reminders_delivery", row | {"clinic_id": str(nowhere)}) == NO_SUCH_ROW
        )
    with clinic_context(world.clinic.pk), checked_at_once():
        assert refusal(insert, "reminders_delivery", row) is None


@pytest.mark.parametrize("table", HELD)
def test_a_patient_of_whom_there_are_rows_is_not_deleted_or_renumbered(world, table):
    deleting = "DELETE FROM patients_patient WHERE id = %s"
    renumbering = "UPDATE patients_patient SET id = %s WHERE id = %s"
    with clinic_context(world.clinic.pk), checked_at_once():
        eva = people.patient(world.clinic, "Eva Lima", care_team=[])
        run(f"DELETE FROM {table} WHERE patient_id = %s", eva.pk)
        of_eva = {"id": str(uuid.uuid4()), "patient_id": str(eva.pk)}
        insert(table, a_row(table) | of_eva)

        assert refusal(run, deleting, eva.pk) == NO_SUCH_ROW
        assert refusal(run, renumbering, uuid.uuid4(), eva.pk) == NO_SUCH_ROW
        run(f"DELETE FROM {table} WHERE patient_id = %s", eva.pk)
        assert refusal(run, deleting, eva.pk) is None
