"""That a partner was disconnected for good."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """That a partner was disconnected for good."""

    dependencies: ClassVar = [("exchange", "0012_received")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="partner", name="ended_at", field=models.DateTimeField(null=True)
        )
    ]
