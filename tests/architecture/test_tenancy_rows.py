"""
The walls between clinics, tried with rows: every tenant table holds some of Harbour Clinic.

Whether the walls are there at all is asked in test_tenancy_walls.py.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction

from core.tenancy import clinic_context, current_clinic
from patients.models import Line
from sessions.actions.watch import watch
from tests.api.caller import Caller
from tests.architecture.test_models import tables
from tests.factories import measured, people, prescribed
from tests.factories.alerts import proposal, thresholds
from tests.factories.database import checked_at_once
from tests.factories.programs import own_exercise, own_program, own_review
from tests.factories.reminders import one_of_each

# Each test works on the rows of all in a savepoint of its own.
pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 23, 18, 2, tzinfo=dt.UTC)
NOT_ALLOWED = "42501"
NO_SUCH_ROW = "23503"

TENANT_TABLES = sorted(
    [model._meta.db_table for model in tables() if hasattr(model, "clinic")]
    + ["core_auditevent", "core_message"]
)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[people.World]:
    """Both clinics, and in Harbour Clinic at least one row of every tenant table: for all tests here."""
    with django_db_blocker.unblock(), transaction.atomic():
        with time_machine.travel(NOW, tick=False):
            made = _rows_of_every_table()
        yield made
        transaction.set_rollback(True)


def _rows_of_every_table() -> people.World:
    made = people.world()
    people.pause(made.ana, starts_on=dt.date(2026, 10, 1), ends_on=dt.date(2026, 10, 2))
    measured.assessment(made.ana)
    measured.goal(made.ana)
    exercise = own_exercise(made.clinic)
    own_program(made.clinic, exercise, "pool", name="In the pool")
    own_review(exercise)
    people.discharge(made.ana, by=made.rui.user)
    people.pause_request(made.ana)
    line = prescribed.line(made.ana)
    _log(Caller().as_(made.ana), line)
    scored = {"line": str(line.pk), "seen_on": "2026-11-23", "answers": {"heels-lift": "yes"}}
    rui = Caller().as_(made.rui)
    assert rui.post(f"patients/{made.ana.pk}/form-checks", scored).status_code == 201
    people.message(made.clinic, made.rui.user)
    people.invitation(made.clinic, made.rui.user, patient_id=made.ana.pk)
    thresholds(made.clinic, made.admin.user)
    proposal(made.rui, made.admin.user)
    watch(now=NOW)
    one_of_each(made.ana, made.rui)
    return made


def _log(ana: Caller, line: Line) -> None:
    session = {
        "id": str(uuid.uuid4()),
        "performed_at": "2026-11-23T09:30:00+00:00",
        "symptoms": ["near_fall"],
        "results": [{"line": str(line.pk), "side": "both", "sets": [{"repetitions": 10}]}],
    }
    check = {
        "id": str(uuid.uuid4()),
        "checked_at": "2026-11-23T09:00:00+00:00",
        "answers": {"well": "yes", "floor": "yes", "shoes": "yes", "aid": "yes"},
    }
    assert ana.post("me/sessions", session).status_code == 201
    assert ana.post("me/safety-checks", check).status_code == 201


def count(table: str) -> int:
    """Return how many rows of clinics a transaction sees; shared rows are no clinic's."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} WHERE clinic_id IS NOT NULL")
        return cursor.fetchone()[0]


def a_row(table: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT to_jsonb(t)::text FROM {table} t WHERE clinic_id IS NOT NULL LIMIT 1"
        )
        return json.loads(cursor.fetchone()[0])


def insert(table: str, row: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, %s::jsonb)",
            [json.dumps(row)],
        )


def refusal(call: Any, *arguments: Any) -> str | None:
    """Return the SQLSTATE with which the database refuses, or None."""
    try:
        with transaction.atomic():
            call(*arguments)
    except DatabaseError as error:
        return getattr(error.__cause__, "sqlstate", None)
    return None


def run(statement: str, *values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


def test_every_tenant_table_holds_a_row_that_its_clinic_sees(world):
    with clinic_context(world.clinic.pk):
        empty = [table for table in TENANT_TABLES if count(table) == 0]

    assert empty == []


def test_without_a_context_there_are_no_rows(world):
    with clinic_context(None):
        seen = {table: count(table) for table in TENANT_TABLES}

    assert seen == dict.fromkeys(TENANT_TABLES, 0)


def test_another_clinic_sees_none_of_these_rows(world):
    with clinic_context(world.clinic.pk):
        ids = {table: a_row(table)["id"] for table in TENANT_TABLES}
    with clinic_context(world.far_clinic.pk):
        found = {
            table: run(f"SELECT 1 FROM {table} WHERE id = %s::uuid", ids[table]) for table in ids
        }

    assert found == dict.fromkeys(TENANT_TABLES, 0)


def test_another_clinic_changes_and_deletes_none_of_these_rows(world):
    changing = sorted(set(TENANT_TABLES) - {"core_auditevent"})
    with clinic_context(world.clinic.pk):
        ids = {table: a_row(table)["id"] for table in changing}
        before = {table: count(table) for table in changing}
    with clinic_context(world.far_clinic.pk):
        touched = {
            table: run(f"UPDATE {table} SET clinic_id = clinic_id WHERE id = %s::uuid", ids[table])
            + run(f"DELETE FROM {table} WHERE id = %s::uuid", ids[table])
            for table in changing
        }

    assert touched == dict.fromkeys(changing, 0)
    with clinic_context(world.clinic.pk):
        assert {table: count(table) for table in changing} == before


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_a_row_of_another_clinic_is_not_put_in(world, table):
    with clinic_context(world.clinic.pk):
        row = a_row(table) | {"id": str(uuid.uuid4()), "clinic_id": str(world.far_clinic.pk)}

        assert refusal(insert, table, row) == NOT_ALLOWED


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_nothing_is_put_in_without_a_context(world, table):
    with clinic_context(world.clinic.pk):
        row = a_row(table) | {"id": str(uuid.uuid4())}
    with clinic_context(None):
        assert refusal(insert, table, row) == NOT_ALLOWED


def test_a_row_is_not_handed_to_another_clinic(world):
    with clinic_context(world.clinic.pk):
        handed = refusal(run, "UPDATE patients_pause SET clinic_id = %s", world.far_clinic.pk)

    assert handed == NOT_ALLOWED


REFERENCES = [
    ("patients_pause", {"id", "clinic_id"}),
    ("patients_carer", {"id", "clinic_id", "user_id"}),
    ("patients_careteammembership", {"id", "clinic_id", "membership_id", "is_lead"}),
    ("patients_assignment", {"id", "clinic_id", "therapist_id"}),
    ("rehab_sessions_safetycheck", {"id", "clinic_id"}),
    ("rehab_sessions_exercisesession", {"id", "clinic_id"}),
]


@pytest.mark.parametrize(("table", "own"), REFERENCES, ids=[table for table, _own in REFERENCES])
def test_a_row_of_one_clinic_cannot_be_about_a_patient_of_another(world, table, own):
    """A plain foreign key ignores row-level security; the composite one does not."""
    with clinic_context(world.clinic.pk):
        row = a_row(table)
    colleague = people.therapist(world.far_clinic, "Lars Dahl")
    fjord = {
        "id": str(uuid.uuid4()),
        "clinic_id": str(world.far_clinic.pk),
        "membership_id": str(colleague.pk),
        "therapist_id": str(colleague.pk),
        "user_id": str(colleague.user_id),
        "is_lead": False,
    }
    phone = {"phone_id": str(uuid.uuid4())} if "phone_id" in row else {}
    about_ana = row | phone | {name: fjord[name] for name in own}
    about_per = about_ana | {"patient_id": str(world.far_patient.pk)}

    with clinic_context(world.far_clinic.pk), checked_at_once():
        assert about_ana["patient_id"] == str(world.ana.pk)
        assert refusal(insert, table, about_ana) == NO_SUCH_ROW
        assert refusal(insert, table, about_per) is None


def test_a_line_cannot_use_another_clinic_s_exercise(world):
    with clinic_context(world.clinic.pk):
        line = a_row("patients_line")
        elsewhere = own_exercise(world.far_clinic, "sledging", name="Sledging")
        ours = own_exercise(world.clinic, "rowing", name="Rowing")
    with clinic_context(world.clinic.pk), checked_at_once():
        assert refusal(_use, line["id"], elsewhere.pk) == NO_SUCH_ROW
        assert refusal(_use, line["id"], ours.pk) is None
        assert refusal(_use, line["id"], line["exercise_id"]) is None


def _use(line_id: str, exercise_id: uuid.UUID) -> None:
    changed = run("UPDATE patients_line SET exercise_id = %s WHERE id = %s", exercise_id, line_id)
    assert changed == 1


def test_shared_rows_are_read_by_all_and_written_by_no_clinic(world):
    with clinic_context(world.clinic.pk):
        shared = "SELECT 1 FROM programs_exercise WHERE clinic_id IS NULL"
        taking = "UPDATE programs_exercise SET clinic_id = %s WHERE clinic_id IS NULL"
        row = a_row("programs_exercise") | {
            "id": str(uuid.uuid4()),
            "slug": "new",
            "clinic_id": None,
            "current_id": None,
        }

        assert run(shared) == 25
        assert run(taking, world.clinic.pk) == 0
        assert refusal(insert, "programs_exercise", row) == NOT_ALLOWED


SHARED = ["exercise", "exerciseversion", "program", "programversion", "programitem", "review"]


@pytest.mark.parametrize("name", SHARED)
def test_no_clinic_adds_a_shared_row_to_the_catalogue_or_makes_its_own_shared(world, name):
    table = f"programs_{name}"
    with clinic_context(world.clinic.pk):
        row = a_row(table) | {"id": str(uuid.uuid4()), "clinic_id": None}

        assert refusal(insert, table, row) == NOT_ALLOWED
        assert refusal(run, f"UPDATE {table} SET clinic_id = NULL") is not None


@pytest.mark.parametrize("name", SHARED[:-1])
def test_no_clinic_changes_or_deletes_a_shared_row_of_the_catalogue(world, name):
    table = f"programs_{name}"
    with clinic_context(world.clinic.pk):
        shared = f"FROM {table} WHERE clinic_id IS NULL"

        assert run(f"SELECT 1 {shared}") > 0
        assert run(f"SELECT 1 {shared} FOR UPDATE") == 0
        assert run(f"DELETE {shared}") == 0
        assert run(f"UPDATE {table} SET updated_at = now() WHERE clinic_id IS NULL") == 0


def test_a_copy_cannot_come_from_another_clinic_s_exercise(world):
    elsewhere = own_exercise(world.far_clinic, "sledging", name="Sledging")
    taking = "UPDATE programs_exercise SET copied_from_id = %s WHERE clinic_id = %s"
    with clinic_context(world.clinic.pk), checked_at_once():
        shared = run("SELECT 1 FROM programs_exerciseversion WHERE clinic_id IS NULL")

        assert shared > 0
        assert refusal(run, taking, elsewhere.current_id, world.clinic.pk) == NO_SUCH_ROW


def test_a_context_ends_with_its_block(world):
    with clinic_context(world.clinic.pk):
        with clinic_context(world.far_clinic.pk):
            assert current_clinic() == world.far_clinic.pk
        assert current_clinic() == world.clinic.pk
    assert current_clinic() is None


OF_A_RESULT = ["patient_id", "session_id", "line_id", "prescribed_exercise_id"]


@pytest.mark.parametrize("column", OF_A_RESULT)
def test_a_result_of_what_is_not_there_is_refused(world, column):
    """Its references are looked up once, by the keys over the clinic and each of them."""
    table = "rehab_sessions_exerciseresult"
    with clinic_context(world.clinic.pk), checked_at_once():
        row = a_row(table) | {"id": str(uuid.uuid4()), "side": "left"}

        assert refusal(insert, table, row | {column: str(uuid.uuid4())}) == NO_SUCH_ROW
        assert refusal(insert, table, row) is None
