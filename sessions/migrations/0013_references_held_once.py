import django.db.models.deletion
from django.db import migrations, models

from core.migrating import AllAtOnce

# Nothing refers to a result, a version or an occurrence, so none needs the key for composite references.
UNUSED_KEYS = """
ALTER TABLE rehab_sessions_exerciseresult DROP CONSTRAINT rehab_sessions_exerciseresult_tenant_uq;
ALTER TABLE rehab_sessions_sessionversion DROP CONSTRAINT rehab_sessions_sessionversion_tenant_uq;
ALTER TABLE rehab_sessions_alertoccurrence DROP CONSTRAINT rehab_sessions_alertoccurrence_tenant_uq;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('clinics', '0006_operators'),
        ('patients', '0009_references_held_once'),
        ('rehab_sessions', '0012_phone_ids_by_patient'),
    ]

    operations = [
        AllAtOnce(
            migrations.AlterField(
                model_name='alert',
                name='clinic',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic'),
            ),
            migrations.AlterField(
                model_name='alert',
                name='patient',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
            ),
            migrations.AlterField(
                model_name='alertoccurrence',
                name='clinic',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic'),
            ),
            migrations.AlterField(
                model_name='alertoccurrence',
                name='patient',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
            ),
            migrations.AlterField(
                model_name='exerciseresult',
                name='clinic',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic'),
            ),
            migrations.AlterField(
                model_name='exerciseresult',
                name='line',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.line'),
            ),
            migrations.AlterField(
                model_name='exerciseresult',
                name='patient',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
            ),
            migrations.AlterField(
                model_name='exerciseresult',
                name='prescribed_exercise',
                field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.prescribedexercise'),
            ),
            migrations.AlterField(
                model_name='exerciseresult',
                name='session',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='results', to='rehab_sessions.exercisesession'),
            ),
            migrations.AlterField(
                model_name='exercisesession',
                name='clinic',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic'),
            ),
            migrations.AlterField(
                model_name='exercisesession',
                name='patient',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
            ),
            migrations.AlterField(
                model_name='formcheck',
                name='clinic',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic'),
            ),
            migrations.AlterField(
                model_name='formcheck',
                name='patient',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
            ),
            migrations.AlterField(
                model_name='safetycheck',
                name='clinic',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic'),
            ),
            migrations.AlterField(
                model_name='safetycheck',
                name='patient',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
            ),
            migrations.AlterField(
                model_name='sessionversion',
                name='clinic',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinics.clinic'),
            ),
            migrations.AlterField(
                model_name='sessionversion',
                name='patient',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.patient'),
            ),
            migrations.AlterField(
                model_name='sessionversion',
                name='session',
                field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='rehab_sessions.exercisesession'),
            ),
        ),
        migrations.RunSQL(UNUSED_KEYS, migrations.RunSQL.noop),
    ]
