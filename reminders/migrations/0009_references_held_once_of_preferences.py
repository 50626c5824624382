import django.db.models.deletion
from django.db import migrations, models

from core.migrating import AllAtOnce


class Migration(migrations.Migration):

    dependencies = [
        ('clinics', '0006_operators'),
        ('patients', '0009_references_held_once'),
        ('reminders', '0008_references_held_once'),
    ]

    operations = [
        AllAtOnce(
            migrations.AlterField(
                model_name='reminderpreferences',
                name='clinic',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic'),
            ),
            migrations.AlterField(
                model_name='reminderpreferences',
                name='patient',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='reminder_preferences', to='patients.patient'),
            ),
            migrations.AlterField(
                model_name='remindertime',
                name='clinic',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic'),
            ),
            migrations.AlterField(
                model_name='remindertime',
                name='patient',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='reminder_times', to='patients.patient'),
            ),
            migrations.AlterField(
                model_name='stoppedcopies',
                name='clinic',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic'),
            ),
            migrations.AlterField(
                model_name='stoppedcopies',
                name='patient',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='stopped_copies', to='patients.patient'),
            ),
        ),
    ]
