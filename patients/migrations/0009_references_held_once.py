import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.migrating import AllAtOnce


class Migration(migrations.Migration):

    dependencies = [
        ('clinics', '0006_operators'),
        ('patients', '0008_identify_by_index'),
        ('programs', '0003_own_entries'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AllAtOnce(
            migrations.AlterField(
                model_name='assessment',
                name='clinic',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic'),
            ),
            migrations.AlterField(
                model_name='assessment',
                name='patient',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
            ),
            migrations.AlterField(
                model_name='assignment',
                name='clinic',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic'),
            ),
            migrations.AlterField(
                model_name='assignment',
                name='patient',
                field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='patients.patient'),
            ),
            migrations.AlterField(
                model_name='carer',
                name='clinic',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic'),
            ),
            migrations.AlterField(
                model_name='carer',
                name='patient',
                field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='carers', to='patients.patient'),
            ),
            migrations.AlterField(
                model_name='careteammembership',
                name='clinic',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic'),
            ),
            migrations.AlterField(
                model_name='careteammembership',
                name='patient',
                field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='care_team', to='patients.patient'),
            ),
            migrations.AlterField(
                model_name='discharge',
                name='clinic',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic'),
            ),
            migrations.AlterField(
                model_name='discharge',
                name='patient',
                field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='discharges', to='patients.patient'),
            ),
            migrations.AlterField(
                model_name='goal',
                name='clinic',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic'),
            ),
            migrations.AlterField(
                model_name='goal',
                name='patient',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
            ),
            migrations.AlterField(
                model_name='line',
                name='clinic',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic'),
            ),
            migrations.AlterField(
                model_name='line',
                name='patient',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
            ),
            migrations.AlterField(
                model_name='patientchange',
                name='clinic',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic'),
            ),
            migrations.AlterField(
                model_name='patientchange',
                name='patient',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
            ),
            migrations.AlterField(
                model_name='pause',
                name='clinic',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic'),
            ),
            migrations.AlterField(
                model_name='pause',
                name='patient',
                field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='pauses', to='patients.patient'),
            ),
            migrations.AlterField(
                model_name='pauserequest',
                name='clinic',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic'),
            ),
            migrations.AlterField(
                model_name='pauserequest',
                name='patient',
                field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='pause_requests', to='patients.patient'),
            ),
            migrations.AlterField(
                model_name='prescribedexercise',
                name='clinic',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic'),
            ),
            migrations.AlterField(
                model_name='prescribedexercise',
                name='patient',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
            ),
        ),
    ]
