"""Closed entries, and the successor of a department."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Closed entries, and the successor of a department."""

    dependencies: ClassVar = [("directory", "0004_imports")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="department", name="closed_on", field=models.DateField(null=True)
        ),
        migrations.AddField(
            model_name="department",
            name="successor",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, to="directory.department"
            ),
        ),
        migrations.AddField(model_name="hall", name="closed_on", field=models.DateField(null=True)),
        migrations.AddField(model_name="item", name="closed_on", field=models.DateField(null=True)),
        migrations.AddField(
            model_name="staff", name="closed_on", field=models.DateField(null=True)
        ),
        migrations.CreateModel(
            name="Closing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=12)),
                ("entry_id", models.IntegerField()),
                ("region", models.BigIntegerField()),
                ("closes", models.BooleanField()),
                ("proposed_by", models.BigIntegerField()),
                ("proposed_at", models.DateTimeField()),
                ("decided_by", models.BigIntegerField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("approved", models.BooleanField(default=False)),
                (
                    "successor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="directory.department",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("decided_at", None)),
                        fields=["region"],
                        name="closings_to_confirm",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved", False),
                            ("decided_by", 0),
                            models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="two_people_close",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("decided_at", None)),
                        fields=("kind", "entry_id"),
                        name="one_closing_waits",
                    ),
                ],
            },
        ),
    ]
