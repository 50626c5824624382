"""The walls between clinics, as the database's own catalogue tells them."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from core.tenancy import CONTEXT
from tests.architecture.test_models import tables
from tests.architecture.walls import GUARDS, complaints, owner_cursor, tenant_tables

# What a guard finds and may, and why.
ALLOWED = {
    "keyless": {
        "core_auditevent has no UNIQUE (clinic_id, id)": "nothing refers to an event",
        "core_message has no UNIQUE (clinic_id, id)": "nothing refers to a message",
        "reminders_delivery has no UNIQUE (clinic_id, id)": "nothing refers to a delivery",
        "reminders_weeklysummary has no UNIQUE (clinic_id, id)": "nothing refers to a summary",
        "patients_patientchange has no UNIQUE (clinic_id, id)": "nothing refers to a change",
        "rehab_sessions_alertoccurrence has no UNIQUE (clinic_id, id)": "nothing refers to one",
        "rehab_sessions_exerciseresult has no UNIQUE (clinic_id, id)": "nothing refers to a result",
        "rehab_sessions_sessionversion has no UNIQUE (clinic_id, id)": "nothing refers to one",
        "rehab_sessions_patientweek has no UNIQUE (clinic_id, id)": "nothing refers to a kept week",
    },
}

# The same rows in an order of keys: a walled sample, taken down piece by piece below.
SAMPLE = """
CREATE SCHEMA sample;
CREATE TABLE sample.ward (id uuid PRIMARY KEY, clinic_id uuid NOT NULL, UNIQUE (clinic_id, id));
CREATE TABLE sample.leaflet (id uuid PRIMARY KEY, clinic_id uuid, UNIQUE (clinic_id, id));
CREATE TABLE sample.bed (
    id uuid PRIMARY KEY, clinic_id uuid NOT NULL, UNIQUE (clinic_id, id),
    ward_id uuid REFERENCES sample.ward (id),
    leaflet_id uuid REFERENCES sample.leaflet (id),
    CONSTRAINT twin FOREIGN KEY (clinic_id, ward_id) REFERENCES sample.ward (clinic_id, id));
CREATE CONSTRAINT TRIGGER leaflet AFTER INSERT ON sample.bed FOR EACH ROW
    EXECUTE FUNCTION must_be_shared_or_own('leaflet_id', 'leaflet');
CREATE FUNCTION sample.look() RETURNS int LANGUAGE sql SECURITY DEFINER
    SET search_path = pg_catalog AS 'SELECT 1';
REVOKE ALL ON FUNCTION sample.look() FROM PUBLIC;
CREATE VIEW sample.beds WITH (security_invoker = true) AS SELECT id FROM sample.bed;
"""
WALL = f"""
ALTER TABLE sample.{{0}} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON sample.{{0}} USING (clinic_id = {CONTEXT});
"""

# Ways to ask for the clinic that PostgreSQL works out anew for each row.
ASKED_ANEW = [
    "NULLIF(current_setting('app.clinic_id', true), '')::uuid",
    "NULLIF((SELECT current_setting('app.clinic_id', true)), '')::uuid",
    "(SELECT NULLIF(current_setting('app.clinic_id', true), ''))::uuid",
]
BROKEN = [
    *(
        (
            "row by row",
            f"ALTER POLICY tenant ON sample.bed {part} (clinic_id = {clinic})",
            "bed works out its clinic for each row in tenant",
        )
        for clinic in ASKED_ANEW
        for part in ("USING", "WITH CHECK")
    ),
    (
        "unwalled",
        "ALTER TABLE sample.bed DISABLE ROW LEVEL SECURITY",
        "bed has no row-level security",
    ),
    (
        "unwalled",
        "ALTER TABLE sample.bed NO FORCE ROW LEVEL SECURITY",
        "bed does not force it on its owner",
    ),
    ("unwalled", "DROP POLICY tenant ON sample.bed", "bed has no policy"),
    (
        "open policies",
        "CREATE POLICY lax ON sample.bed FOR SELECT USING (true)",
        "bed is opened by lax",
    ),
    (
        "open policies",
        "CREATE POLICY lax ON sample.bed FOR SELECT USING (clinic_id IS NULL OR ward_id IS NULL)",
        "bed is opened by lax",
    ),
    (
        "keyless",
        "ALTER TABLE sample.bed DROP CONSTRAINT bed_clinic_id_id_key",
        "bed has no UNIQUE (clinic_id, id)",
    ),
    (
        "twinless",
        "ALTER TABLE sample.bed DROP CONSTRAINT twin",
        "bed.ward_id refers to ward across clinics",
    ),
    (
        "twinless",
        "ALTER TABLE sample.bed ALTER clinic_id DROP NOT NULL",
        "bed.ward_id refers to ward across clinics",
    ),
    (
        "twinless",
        "DROP TRIGGER leaflet ON sample.bed",
        "bed.leaflet_id refers to leaflet across clinics",
    ),
    (
        "twinless",
        "ALTER TABLE sample.bed DISABLE TRIGGER leaflet",
        "bed.leaflet_id refers to leaflet across clinics",
    ),
    (
        "loose definers",
        "ALTER FUNCTION sample.look() RESET search_path",
        "look runs with its caller's search_path",
    ),
    (
        "loose definers",
        "GRANT EXECUTE ON FUNCTION sample.look() TO PUBLIC",
        "look may be executed by anyone",
    ),
    ("views", "ALTER VIEW sample.beds RESET (security_invoker)", "beds shows all clinics"),
    (
        "views",
        "CREATE MATERIALIZED VIEW sample.all_beds AS SELECT id FROM sample.bed",
        "all_beds shows all clinics",
    ),
]


@pytest.fixture
def cursor(db: None) -> Iterator[psycopg.Cursor[tuple[str]]]:
    with owner_cursor() as opened:
        yield opened


@pytest.fixture
def sample(cursor) -> psycopg.Cursor[tuple[str]]:
    """A schema with every wall, gone when the test ends."""
    cursor.execute(SAMPLE)
    for table in ("ward", "leaflet", "bed"):
        cursor.execute(WALL.format(table))
    return cursor


@pytest.mark.parametrize("guard", GUARDS)
def test_the_walls_stand(cursor, guard):
    assert complaints(cursor, guard) == sorted(ALLOWED.get(guard, {}))


@pytest.mark.parametrize("guard", GUARDS)
def test_a_walled_sample_gets_no_complaint(sample, guard):
    assert complaints(sample, guard, "sample") == []


@pytest.mark.parametrize(("guard", "harm", "complaint"), BROKEN)
def test_each_missing_wall_is_noticed(sample, guard, harm, complaint):
    sample.execute(harm)

    assert complaints(sample, guard, "sample") == [complaint]


def test_every_model_with_a_clinic_is_a_tenant_table(cursor):
    of_a_clinic = {
        model._meta.db_table
        for model in tables()
        if "clinic" in {field.name for field in model._meta.local_fields}
    }

    assert set(tenant_tables(cursor)) == of_a_clinic | {"core_auditevent", "core_message"}
    assert len(of_a_clinic) >= 20


def test_the_functions_that_look_across_clinics_are_known(cursor):
    """One more needs a reason, and a page in docs/adr."""
    found = cursor.execute(
        "SELECT proname, proowner::regrole::text FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace AND prosecdef ORDER BY 1"
    )

    assert found.fetchall() == [
        ("claim_deliveries", "rehab_identify"),
        ("claim_message", "rehab_identify"),
        ("clinics_with_weeks_due", "rehab_identify"),
        ("delivery_counts", "rehab_identify"),
        ("identify", "rehab_identify"),
        ("oldest_delivery", "rehab_identify"),
        ("places_of", "rehab_identify"),
    ]
