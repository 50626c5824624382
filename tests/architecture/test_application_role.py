"""What the application's role may never do, whatever statement reaches the database as it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction

from clinics.actors import system
from core import audit
from core.models import AuditEvent
from core.tenancy import clinic_context
from tests.architecture.walls import owner_cursor
from tests.factories import people

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
NOT_ALLOWED = "42501"

REFUSED = [
    # It cannot change what there is.
    "CREATE TABLE loophole (id int)",
    "CREATE TABLE copy AS SELECT * FROM patients_patient",
    "CREATE SCHEMA loophole",
    "CREATE FUNCTION loophole() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE VIEW loophole AS SELECT * FROM patients_patient",
    "CREATE EXTENSION dblink",
    "DROP TABLE patients_pause",
    "ALTER TABLE patients_patient ADD COLUMN loophole int",
    "CREATE INDEX loophole ON patients_patient (name)",
    "CREATE RULE loophole AS ON INSERT TO patients_patient DO INSTEAD NOTHING",
    "COMMENT ON TABLE patients_patient IS 'loophole'",
    # It cannot take the walls down.
    "ALTER TABLE patients_patient DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE patients_patient NO FORCE ROW LEVEL SECURITY",
    "DROP POLICY tenant ON patients_patient",
    "CREATE POLICY loophole ON patients_patient USING (true)",
    "ALTER TABLE patients_pause DROP CONSTRAINT patients_pause_patient_id_tenant_fk",
    "ALTER TABLE core_auditevent DISABLE TRIGGER ALL",
    "ALTER FUNCTION identify(bytea, text, uuid, timestamptz) RESET search_path",
    "DROP FUNCTION places_of(uuid)",
    # It cannot become somebody else, or step around the walls.
    "SET ROLE rehab_owner",
    "SET ROLE rehab_identify",
    "SET SESSION AUTHORIZATION rehab_owner",
    "ALTER ROLE rehab_app BYPASSRLS",
    "CREATE ROLE loophole SUPERUSER",
    "SET LOCAL session_replication_role = replica",
    "SELECT pg_read_file('/etc/hostname')",
    "COPY (SELECT 1) TO '/tmp/loophole'",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    # It cannot empty a table, or change what was kept.
    "TRUNCATE patients_pause",
    "TRUNCATE core_auditevent",
    "UPDATE core_auditevent SET action = 'nothing_happened'",
    "DELETE FROM core_auditevent",
    # It cannot tell every phone to start over.
    "UPDATE core_epoch SET value = gen_random_uuid()",
    "INSERT INTO core_epoch VALUES ('changes', gen_random_uuid(), now())",
    "DELETE FROM core_epoch",
]


@pytest.mark.django_db
@pytest.mark.parametrize("statement", REFUSED)
def test_the_application_is_refused(statement):
    assert _refusal(statement) == NOT_ALLOWED


@pytest.mark.django_db
def test_the_application_cannot_look_past_row_level_security():
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL row_security = off")

        assert _refusal("SELECT count(*) FROM patients_patient") == NOT_ALLOWED


@pytest.mark.django_db
def test_a_statement_that_is_allowed_is_not_refused():
    """Otherwise everything above would be refused for a reason that we do not know of."""
    assert _refusal("SELECT count(*) FROM patients_patient") is None
    assert _refusal("SELECT set_config('app.clinic_id', '', true)") is None


def test_no_role_of_the_platform_sees_everything_but_the_one_nobody_signs_in_as(db):
    with owner_cursor() as cursor:
        found = cursor.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcanlogin FROM pg_roles"
            " WHERE rolname LIKE 'rehab%%' ORDER BY 1"
        ).fetchall()

    assert found == [
        ("rehab_app", False, False, False, True),
        ("rehab_identify", False, True, False, False),
        ("rehab_owner", False, False, False, True),
    ]


def test_the_application_owns_nothing_and_is_nobody_s_member(db):
    with owner_cursor() as cursor:
        owned = cursor.execute(
            "SELECT relname FROM pg_class WHERE relowner = 'rehab_app'::regrole"
            " UNION SELECT proname FROM pg_proc WHERE proowner = 'rehab_app'::regrole"
            " UNION SELECT nspname FROM pg_namespace WHERE nspowner = 'rehab_app'::regrole"
        ).fetchall()
        memberships = cursor.execute(
            "SELECT roleid::regrole FROM pg_auth_members WHERE member = 'rehab_app'::regrole"
        ).fetchall()

    assert (owned, memberships) == ([], [])


def test_the_role_that_looks_across_clinics_reads_keys_and_writes_four_columns(db):
    with owner_cursor() as cursor:
        whole_tables = cursor.execute(
            "SELECT c.relname, g.privilege_type FROM pg_class c, LATERAL aclexplode(c.relacl) g"
            " WHERE g.grantee = 'rehab_identify'::regrole"
        ).fetchall()
        written = cursor.execute(
            "SELECT a.attrelid::regclass::text, a.attname, g.privilege_type"
            " FROM pg_attribute a, LATERAL aclexplode(a.attacl) g"
            " WHERE g.grantee = 'rehab_identify'::regrole AND g.privilege_type <> 'SELECT'"
            " ORDER BY 1, 2"
        ).fetchall()

    assert whole_tables == []
    assert written == [
        ("clinics_device", "ends_at", "UPDATE"),
        ("clinics_device", "last_seen_on", "UPDATE"),
        ("core_message", "claimed_at", "UPDATE"),
        ("reminders_delivery", "attempts", "UPDATE"),
    ]


def test_an_event_is_kept_and_read_in_its_clinic_and_changed_in_none(db):
    harbour, fjord = people.clinic(), people.clinic("Fjord Clinic", "Europe/Oslo", "NO")
    with clinic_context(harbour.pk):
        event = audit.record(action="read_patient", by=system(harbour.pk), now=NOW)

        assert AuditEvent.objects.filter(pk=event.pk).exists()
        assert _refusal("UPDATE core_auditevent SET reason = 'other'") == NOT_ALLOWED
        assert AuditEvent.objects.get(pk=event.pk).reason == ""
    with clinic_context(fjord.pk):
        assert not AuditEvent.objects.exists()


def test_an_event_cannot_be_put_into_another_clinic(db):
    harbour, fjord = people.clinic(), people.clinic("Fjord Clinic", "Europe/Oslo", "NO")

    with clinic_context(harbour.pk), pytest.raises(DatabaseError) as refused, transaction.atomic():
        audit.record(action="read_patient", by=system(fjord.pk), now=NOW)

    assert _state(refused.value) == NOT_ALLOWED


def _refusal(statement: str) -> str | None:
    """Return the SQLSTATE with which a statement is refused, or None; its effect is undone."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            transaction.set_rollback(True)
    except DatabaseError as error:
        return _state(error)
    return None


def _state(error: BaseException) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)
