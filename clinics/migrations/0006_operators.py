from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clinics", "0005_invitations"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="is_operator",
            field=models.BooleanField(
                default=False,
                help_text="Platform staff: manages clinics, logins and what ships.",
            ),
        ),
    ]
