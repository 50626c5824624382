"""
What the database's catalogue says about the walls between clinics.

Each guard takes a cursor and a schema and returns what is wrong there, so that a test can build a
bad schema and see the complaint. A tenant table is one that has a column `clinic_id`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.conf import settings
from django.db import connection

TENANT = """
    SELECT c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity, a.attnum AS clinic,
           a.attnotnull AS clinic_is_required
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'clinic_id'
    WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind IN ('r', 'p')
      AND NOT a.attisdropped
"""

UNWALLED = f"""
WITH tenant AS ({TENANT})
SELECT relname || CASE WHEN NOT relrowsecurity THEN ' has no row-level security'
                       WHEN NOT relforcerowsecurity THEN ' does not force it on its owner'
                       ELSE ' has no policy' END
FROM tenant
WHERE NOT (relrowsecurity AND relforcerowsecurity)
   OR NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = tenant.oid)
ORDER BY 1
"""

# A policy that looks at anything but the transaction's clinic lets somebody through.
OPEN_POLICIES = f"""
WITH tenant AS ({TENANT})
SELECT relname || ' is opened by ' || polname
FROM tenant JOIN pg_policy ON polrelid = tenant.oid,
LATERAL (SELECT COALESCE(pg_get_expr(polqual, polrelid), '')
                || ' ' || COALESCE(pg_get_expr(polwithcheck, polrelid), '') AS says) AS text
WHERE says NOT LIKE '%%app.clinic_id%%'
  AND says !~ '^[( ]*clinic_id IS NULL[) ]*([( ]*clinic_id IS NULL[) ]*)?$'
ORDER BY 1
"""

# Of a policy's text only this may ask for the setting: a SELECT of its own, which is worked out once
# for a statement. What stands outside of it is worked out for each row that is looked at.
ONCE = (
    r"\( SELECT \(?NULLIF\(current_setting\(''app\.clinic_id''::text, true\), ''''::text\)"
    r'(\)::uuid)? AS "nullif"\)'
)
ROW_BY_ROW = f"""
WITH tenant AS ({TENANT})
SELECT relname || ' works out its clinic for each row in ' || polname
FROM tenant JOIN pg_policy ON polrelid = tenant.oid,
LATERAL (SELECT COALESCE(pg_get_expr(polqual, polrelid), '')
                || ' ' || COALESCE(pg_get_expr(polwithcheck, polrelid), '') AS says) AS text
WHERE regexp_replace(says, '{ONCE}', 'clinic', 'g') ~ 'current_setting|clinic\\)*::'
ORDER BY 1
"""

KEYLESS = f"""
WITH tenant AS ({TENANT})
SELECT relname || ' has no UNIQUE (clinic_id, id)'
FROM tenant
WHERE NOT EXISTS (
    SELECT FROM pg_constraint k
    WHERE k.conrelid = tenant.oid AND k.contype = 'u'
      AND k.conkey = ARRAY[tenant.clinic, (SELECT attnum FROM pg_attribute
                           WHERE attrelid = tenant.oid AND attname = 'id')]::smallint[])
ORDER BY 1
"""

# A twin is a foreign key (clinic_id, x_id) over columns that are never null together, or, where the
# target is shared or own, the trigger that asks the same.
TWINLESS = f"""
WITH tenant AS ({TENANT})
SELECT mine.relname || '.' || x.attname || ' refers to ' || theirs.relname || ' across clinics'
FROM pg_constraint k
JOIN tenant mine ON mine.oid = k.conrelid
JOIN tenant theirs ON theirs.oid = k.confrelid
JOIN pg_attribute x ON x.attrelid = k.conrelid AND x.attnum = k.conkey[1]
WHERE k.contype = 'f' AND cardinality(k.conkey) = 1
  AND NOT (theirs.clinic_is_required AND mine.clinic_is_required AND EXISTS (
      SELECT FROM pg_constraint twin
      WHERE twin.contype = 'f' AND twin.conrelid = k.conrelid AND twin.confrelid = k.confrelid
        AND twin.conkey = ARRAY[mine.clinic, k.conkey[1]]::smallint[]
        AND twin.convalidated))
  AND NOT (NOT theirs.clinic_is_required AND EXISTS (
      SELECT FROM pg_trigger t
      WHERE t.tgrelid = k.conrelid AND t.tgenabled = 'O'
        AND pg_get_triggerdef(t.oid) LIKE '%%INSERT%%'
        AND pg_get_triggerdef(t.oid) LIKE format(
            '%%%%must_be_shared_or_own(%%L, %%L)', x.attname, theirs.relname)))
ORDER BY 1
"""

LOOSE_DEFINERS = """
SELECT p.proname || CASE
           WHEN NOT COALESCE(p.proconfig::text LIKE '%%search_path=%%', false)
           THEN ' runs with its caller''s search_path'
           ELSE ' may be executed by anyone' END
FROM pg_proc p
WHERE p.pronamespace = %(schema)s::regnamespace AND p.prosecdef
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
  AND (NOT COALESCE(p.proconfig::text LIKE '%%search_path=%%', false)
       OR EXISTS (SELECT FROM aclexplode(COALESCE(p.proacl, acldefault('f', p.proowner))) g
                  WHERE g.grantee = 0 AND g.privilege_type = 'EXECUTE'))
ORDER BY 1
"""

# A view runs as its owner unless it says otherwise; a materialized view has no rows' policies.
VIEWS = """
SELECT c.relname || ' shows all clinics'
FROM pg_class c
WHERE c.relnamespace = %(schema)s::regnamespace
  AND (c.relkind = 'm'
       OR c.relkind = 'v' AND NOT COALESCE(c.reloptions::text LIKE '%%security_invoker=true%%', false))
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1
"""

GUARDS = {
    "unwalled": UNWALLED,
    "open policies": OPEN_POLICIES,
    "row by row": ROW_BY_ROW,
    "keyless": KEYLESS,
    "twinless": TWINLESS,
    "loose definers": LOOSE_DEFINERS,
    "views": VIEWS,
}


def complaints(cursor: psycopg.Cursor[tuple[str]], guard: str, schema: str = "public") -> list[str]:
    """Return what one guard finds wrong in a schema."""
    return [row[0] for row in cursor.execute(GUARDS[guard], {"schema": schema})]


def tenant_tables(cursor: psycopg.Cursor[tuple[str]], schema: str = "public") -> list[str]:
    found = cursor.execute(f"SELECT relname FROM ({TENANT}) t ORDER BY 1", {"schema": schema})
    return [row[0] for row in found]


@contextmanager
def owner_cursor() -> Iterator[psycopg.Cursor[tuple[str]]]:
    """Look at the test's database as the tables' owner, on a connection of its own, and undo all."""
    place = connection.settings_dict
    owner = settings.OWNER_DATABASE
    with psycopg.connect(
        host=place["HOST"],
        port=place["PORT"] or None,
        dbname=place["NAME"],
        user=owner["USER"],
        password=owner["PASSWORD"],
    ) as opened:
        try:
            with opened.cursor() as cursor:
                yield cursor
        finally:
            opened.rollback()
