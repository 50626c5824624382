from django.db import migrations, models

from core.migrating import AllAtOnce

# A patient belongs to one clinic: what is unique among theirs needs no clinic in its key, and a key that
# leads with one has the planner read all sessions of a patient where row-level security asks for it.


class Migration(migrations.Migration):

    dependencies = [
        ("rehab_sessions", "0011_kept_weeks"),
    ]

    operations = [
        AllAtOnce(
            migrations.RemoveConstraint(
                model_name='exercisesession',
                name='one_session_for_a_phone_id',
            ),
            migrations.RemoveConstraint(
                model_name='safetycheck',
                name='one_safety_check_for_a_phone_id',
            ),
        ),
        AllAtOnce(
            migrations.AddConstraint(
                model_name='exercisesession',
                constraint=models.UniqueConstraint(fields=('patient', 'phone_id'), name='one_session_for_a_phone_id'),
            ),
            migrations.AddConstraint(
                model_name='safetycheck',
                constraint=models.UniqueConstraint(fields=('patient', 'phone_id'), name='one_safety_check_for_a_phone_id'),
            ),
        ),
    ]
