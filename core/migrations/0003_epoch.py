from django.db import migrations, models

# Each database begins with an epoch of its own. Only the owner changes it: `manage.py new_epoch`.
FIRST = """
INSERT INTO core_epoch (name, value, began_at) VALUES ('changes', gen_random_uuid(), now());
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON core_epoch FROM rehab_app;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0002_outbox")]

    operations = [
        migrations.CreateModel(
            name="Epoch",
            fields=[
                ("name", models.CharField(max_length=16, primary_key=True, serialize=False)),
                ("value", models.UUIDField()),
                ("began_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name__in", ["changes"])), name="epoch_is_the_only_one"
                    )
                ]
            },
        ),
        migrations.RunSQL(FIRST, migrations.RunSQL.noop),
    ]
