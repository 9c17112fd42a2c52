"""Facts that a reader could not take are set aside."""

from typing import ClassVar

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the table."""

    dependencies: ClassVar = [("feed", "0003_trouble")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Aside",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                ("kind", models.SmallIntegerField()),
                ("ref", models.BigIntegerField()),
                (
                    "since",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("times", models.IntegerField(default=1)),
                ("next_at", models.DateTimeField()),
                ("error", models.CharField(max_length=200)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("name", "kind", "ref"), name="a_fact_is_aside_once"
                    )
                ]
            },
        )
    ]
