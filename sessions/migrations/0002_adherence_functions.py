from __future__ import annotations

from django.db import migrations

# Fractions of different targets are added over a common denominator, in whole numbers only.
LCM_OF = """
CREATE AGGREGATE lcm_of(numeric) (
    SFUNC = pg_catalog.lcm, STYPE = numeric, INITCOND = '1',
    COMBINEFUNC = pg_catalog.lcm, PARALLEL = SAFE
);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("rehab_sessions", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(LCM_OF, "DROP AGGREGATE lcm_of(numeric)"),
    ]
