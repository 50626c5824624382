from django.db import migrations

# A patient's number of the last change goes up with every upload. With room on its page the row is
# changed there, and none of the table's indexes is touched; full pages get it as they are written anew.
ROOM = "ALTER TABLE patients_patient SET (fillfactor = 80)"
# Nothing refers to a change.
UNUSED_KEY = "ALTER TABLE patients_patientchange DROP CONSTRAINT patients_patientchange_tenant_uq"


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0010_rows_of_a_line_by_text'),
    ]

    operations = [
        migrations.RunSQL(ROOM, migrations.RunSQL.noop),
        migrations.RunSQL(UNUSED_KEY, migrations.RunSQL.noop),
    ]
