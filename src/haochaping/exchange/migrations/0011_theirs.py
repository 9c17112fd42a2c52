"""What the other side has of what differs."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """What the other side has of what differs."""

    dependencies: ClassVar = [("exchange", "0010_uncompared")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="difference",
            name="theirs",
            field=models.CharField(blank=True, max_length=40),
        )
    ]
