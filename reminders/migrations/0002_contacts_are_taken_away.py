from django.db import migrations, models

from core.migrating import AllAtOnce


class Migration(migrations.Migration):

    dependencies = [
        ('reminders', '0001_deliveries_and_preferences'),
    ]

    operations = [
        AllAtOnce(
            migrations.RemoveConstraint(model_name='contact', name='contact_disabled_is_known'),
            migrations.AlterField(
                model_name='contact',
                name='disabled_because',
                field=models.CharField(blank=True, choices=[('bounced', 'the provider says that it does not exist'), ('gone', 'the browser took its permission back'), ('complained', 'marked as unwanted'), ('removed', 'taken away by its owner')], max_length=12),
            ),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.CheckConstraint(condition=models.Q(('disabled_because__in', ['', 'bounced', 'gone', 'complained', 'removed'])), name='contact_disabled_is_known'),
        ),
    ]
