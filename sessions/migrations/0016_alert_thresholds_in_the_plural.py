from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("rehab_sessions", "0015_looser_waits_for_its_signature")]

    operations = [
        migrations.AlterModelOptions(
            name="alertthresholds", options={"verbose_name_plural": "alert thresholds"}
        ),
    ]
