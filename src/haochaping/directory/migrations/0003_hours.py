"""Opening hours of windows are versioned and changed by two."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the table of changes."""

    dependencies: ClassVar = [("directory", "0002_photos")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="HoursChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("region", models.BigIntegerField()),
                ("was_opens", models.TimeField()),
                ("was_closes", models.TimeField()),
                ("opens", models.TimeField()),
                ("closes", models.TimeField()),
                ("proposed_by", models.BigIntegerField()),
                ("proposed_at", models.DateTimeField()),
                ("decided_by", models.BigIntegerField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("approved", models.BooleanField(default=False)),
                (
                    "window",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="directory.window"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["window", "decided_at"], name="hours_of_a_window"),
                    models.Index(
                        condition=models.Q(("decided_at", None)),
                        fields=["region"],
                        name="hours_to_confirm",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved", False),
                            ("decided_by", 0),
                            models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="two_people_change_hours",
                    )
                ],
            },
        )
    ]
