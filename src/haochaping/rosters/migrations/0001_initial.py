"""Rosters."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Rosters."""

    initial = True
    dependencies: ClassVar = []

    operations: ClassVar = [
        migrations.CreateModel(
            name="Shift",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("window_id", models.IntegerField()),
                ("staff_id", models.IntegerField()),
                ("region", models.BigIntegerField()),
                ("day", models.DateField()),
                ("begins", models.TimeField()),
                ("ends", models.TimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("window_id", "day", "begins"), name="one_shift_begins_at_a_time"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends__gt", models.F("begins"))),
                        name="a_shift_ends_after_it_begins",
                    ),
                ]
            },
        )
    ]
