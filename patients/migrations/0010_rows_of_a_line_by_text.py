import django.contrib.postgres.constraints
import django.db.models.functions.comparison
from django.db import migrations, models

import patients.models.records


class Migration(migrations.Migration):

    dependencies = [
        ('patients', '0009_references_held_once'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='prescribedexercise',
            name='prescribed_rows_of_a_line_overlap',
        ),
        migrations.AddConstraint(
            model_name='prescribedexercise',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[(django.db.models.functions.comparison.Cast('line', models.TextField()), '='), (patients.models.records.DateRange('in_force_from', 'in_force_until'), '&&')], name='prescribed_rows_of_a_line_overlap'),
        ),
    ]
