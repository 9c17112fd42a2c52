"""The tables come from `kernel`, where the calendar lived at first; here they get their models."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

_ID = models.BigAutoField(
    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
)
_VERSION = models.ForeignKey(
    on_delete=django.db.models.deletion.PROTECT, to="calendar.calendarversion"
)


class Migration(migrations.Migration):
    """Tells Django, and changes nothing in the database."""

    initial = True
    dependencies: ClassVar = [("kernel", "0003_calendar_is_a_room")]
    operations: ClassVar = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="CalendarVersion",
                    fields=[
                        ("id", _ID),
                        ("source", models.CharField(max_length=120)),
                        ("made_at", models.DateTimeField()),
                        ("years", models.JSONField()),
                    ],
                ),
                migrations.CreateModel(
                    name="CalendarDay",
                    fields=[
                        ("id", _ID),
                        ("region", models.BigIntegerField(default=0)),
                        ("day", models.DateField()),
                        ("works", models.BooleanField()),
                        ("hours", models.CharField(blank=True, max_length=60)),
                        ("version", _VERSION),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("version", "region", "day"),
                                name="a_day_is_once_in_a_version",
                            )
                        ]
                    },
                ),
                migrations.CreateModel(
                    name="CalendarHours",
                    fields=[
                        ("id", _ID),
                        ("region", models.BigIntegerField(default=0)),
                        ("hours", models.CharField(max_length=60)),
                        ("version", _VERSION),
                    ],
                    options={
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("version", "region"), name="hours_are_once_in_a_version"
                            )
                        ]
                    },
                ),
            ]
        )
    ]
