"""
The policies compare with the transaction's clinic, worked out once for a statement.

Until now the setting was made an id anew for each row that was looked at. Tables that are made after
this one have it from `core.tenancy` already.
"""

from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

OLD_TEXT = "NULLIF(( SELECT current_setting('app.clinic_id'::text, true) AS current_setting), ''::text)"
OLD = f"({OLD_TEXT})::uuid"
NEW = "(SELECT NULLIF(current_setting('app.clinic_id', true), '')::uuid)"
NEW_TEXT = "(SELECT NULLIF(current_setting('app.clinic_id', true), ''))"

POLICIES = """
SELECT quote_ident(relname), quote_ident(polname), pg_get_expr(polqual, polrelid),
       pg_get_expr(polwithcheck, polrelid)
FROM pg_policy JOIN pg_class ON pg_class.oid = polrelid
WHERE relnamespace = 'public'::regnamespace
ORDER BY relname, polname
"""


def work_out_once(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Alter each policy that still has the old expression, in a transaction of its own."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(POLICIES)
        for table, policy, using, check in cursor.fetchall():
            parts = [("USING", using), ("WITH CHECK", check)]
            changed = [f"{name} ({new(says)})" for name, says in parts if says and OLD_TEXT in says]
            if changed:
                cursor.execute(f"ALTER POLICY {policy} ON {table} {' '.join(changed)}")


def new(says: str) -> str:
    return says.replace(OLD, NEW).replace(OLD_TEXT, NEW_TEXT)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("core", "0005_codes_for_contacts"),
    ]

    operations = [
        migrations.RunPython(work_out_once, migrations.RunPython.noop, elidable=False),
    ]
