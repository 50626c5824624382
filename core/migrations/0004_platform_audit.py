"""What was done outside every clinic is read there: a policy of its own, and an index."""

from __future__ import annotations

from django.db import migrations, models

READ_OUTSIDE = """
CREATE POLICY platform_reads ON core_auditevent FOR SELECT
    USING (clinic_id IS NULL
           AND NULLIF((SELECT current_setting('app.clinic_id', true)), '') IS NULL);
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0003_epoch")]

    operations = [
        migrations.RunSQL(READ_OUTSIDE, "DROP POLICY platform_reads ON core_auditevent"),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                fields=["-at", "-id"],
                condition=models.Q(("clinic_id", None)),
                name="audit_of_no_clinic",
            ),
        ),
    ]
