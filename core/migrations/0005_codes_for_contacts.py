from django.db import migrations, models

from core.migrating import AllAtOnce


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0004_platform_audit'),
    ]

    operations = [
        AllAtOnce(
            migrations.RemoveConstraint(model_name='message', name='message_kind_is_known'),
            migrations.AlterField(
                model_name='message',
                name='kind',
                field=models.CharField(choices=[('password_reset', 'password reset'), ('password_changed', 'password changed'), ('invitation', 'invitation'), ('alert', 'alert'), ('confirm_contact', 'code for an address or a number')], max_length=32),
            ),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['password_reset', 'password_changed', 'invitation', 'alert', 'confirm_contact'])), name='message_kind_is_known'),
        ),
    ]
