"""Written by Django."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Written by Django."""

    dependencies = [("exchange", "0005_explained")]

    operations = [
        migrations.AddField(
            model_name="hotline", name="changed_by", field=models.BigIntegerField(default=0)
        )
    ]
