from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("rehab_sessions", "0003_judged_against"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="exerciseresult",
            index=models.Index(
                fields=["line", "-performed_at"],
                condition=models.Q(("counts", True), ("has_check_not_yet", True)),
                name="result_not_yet_of_line",
            ),
        ),
    ]
