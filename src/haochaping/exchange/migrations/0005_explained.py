"""Written by Django."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Written by Django."""

    dependencies = [("exchange", "0004_failed")]

    operations = [
        migrations.AddField(
            model_name="reconciled", name="explained", field=models.IntegerField(default=0)
        )
    ]
