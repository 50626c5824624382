from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('reminders', '0004_carers_stop_copies'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='reminderpreferences',
            options={'verbose_name_plural': 'reminder preferences'},
        ),
    ]
