"""A leaf commits to the figures of a day."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """A leaf commits to the figures of a day."""

    dependencies: ClassVar = [("publication", "0004_withdrawn")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="sealed", name="leaf", field=models.BigIntegerField(null=True)
        )
    ]
