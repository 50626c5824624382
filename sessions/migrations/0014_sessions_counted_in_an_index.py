from django.db import migrations, models

# An index answers alone only for pages that VACUUM has seen since they were written, and by default
# rows that are only added are seen once they are a fifth of the table: years of a patient's. What is
# new is little, and the rest is passed over.
SEEN_SOON = """
ALTER TABLE rehab_sessions_exerciseresult SET (autovacuum_vacuum_insert_scale_factor = 0)
"""
AS_BEFORE = """
ALTER TABLE rehab_sessions_exerciseresult RESET (autovacuum_vacuum_insert_scale_factor)
"""


class Migration(migrations.Migration):

    dependencies = [
        ("rehab_sessions", "0013_references_held_once"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='exerciseresult',
            name='result_latest_of_line',
        ),
        migrations.AddIndex(
            model_name='exerciseresult',
            index=models.Index(fields=['line', '-performed_at', '-session'], include=('clinic', 'counts', 'total'), name='result_latest_of_line'),
        ),
        migrations.RunSQL(SEEN_SOON, AS_BEFORE),
    ]
