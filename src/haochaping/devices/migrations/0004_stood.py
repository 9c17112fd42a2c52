"""Where devices stood before they were moved."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Where devices stood before they were moved."""

    dependencies: ClassVar = [("devices", "0003_counted")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Stood",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("window_id", models.IntegerField()),
                ("until", models.DateTimeField()),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="devices.device"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["device", "until"], name="places_of_a_device")]
            },
        )
    ]
