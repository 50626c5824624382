from __future__ import annotations

from django.db import migrations, models

from core.migrating import AllAtOnce


class Migration(migrations.Migration):
    dependencies = [
        ("rehab_sessions", "0004_result_not_yet_of_line"),
    ]

    operations = [
        AllAtOnce(
            migrations.AddIndex(
                model_name="exercisesession",
                index=models.Index(
                    fields=["patient", "performed_on"],
                    condition=models.Q(("has_red_flag", True)),
                    name="session_red_flag_of_patient",
                ),
            ),
            migrations.AddIndex(
                model_name="safetycheck",
                index=models.Index(
                    fields=["patient", "checked_on"],
                    condition=models.Q(("has_red_flag", True)),
                    name="check_red_flag_of_patient",
                ),
            ),
        ),
    ]
