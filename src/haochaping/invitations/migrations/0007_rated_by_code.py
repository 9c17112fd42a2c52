"""Written by Django."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Written by Django."""

    dependencies = [("invitations", "0006_addresses_of_checks")]

    operations = [
        migrations.AddField(
            model_name="link", name="code_id", field=models.IntegerField(null=True)
        ),
        migrations.AddField(
            model_name="scanday", name="rated", field=models.IntegerField(default=0)
        ),
    ]
