"""A clerk's account belongs to a window."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Written by Django."""

    dependencies = [("identity", "0002_nonces")]

    operations = [
        migrations.AddField(
            model_name="grant", name="window_id", field=models.IntegerField(null=True)
        )
    ]
