from django.db import migrations

# An invitation is a row of an app below, which cannot refer to records; its key is held from here.
KEY = """
ALTER TABLE clinics_invitation ADD CONSTRAINT clinics_invitation_patient_id_tenant_fk
    FOREIGN KEY (clinic_id, patient_id) REFERENCES patients_patient (clinic_id, id)
    DEFERRABLE INITIALLY DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("clinics", "0005_invitations"),
        ("patients", "0001_initial"),
    ]

    operations = [migrations.RunSQL(KEY, migrations.RunSQL.noop)]
