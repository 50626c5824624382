import django.db.models.deletion
from django.db import migrations, models

from core.migrating import AllAtOnce

# Nothing refers to a summary or a delivery, so neither needs the key for composite references.
UNUSED_KEYS = """
ALTER TABLE reminders_weeklysummary DROP CONSTRAINT reminders_weeklysummary_tenant_uq;
ALTER TABLE reminders_delivery DROP CONSTRAINT reminders_delivery_tenant_uq;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('clinics', '0006_operators'),
        ('patients', '0007_goals'),
        ('reminders', '0007_runs_of_weeks'),
    ]

    operations = [
        AllAtOnce(
            migrations.AlterField(
                model_name='weeklysummary',
                name='clinic',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic'),
            ),
            migrations.AlterField(
                model_name='weeklysummary',
                name='patient',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='weekly_summaries', to='patients.patient'),
            ),
            migrations.AlterField(
                model_name='delivery',
                name='patient',
                field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='patients.patient'),
            ),
        ),
        migrations.RunSQL(UNUSED_KEYS, migrations.RunSQL.noop),
    ]
