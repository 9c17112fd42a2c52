"""Written by Django."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Written by Django."""

    dependencies = [("indicators", "0002_editions")]

    operations = [
        migrations.AddField(
            model_name="indicator", name="scope", field=models.JSONField(default=dict)
        )
    ]
