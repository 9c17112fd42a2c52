"""Who is counted of those who told."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Who is counted of those who told."""

    dependencies: ClassVar = [("problems", "0001_initial")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="text",
            name="teller",
            field=models.CharField(blank=True, db_default="", default="", max_length=32),
        )
    ]
