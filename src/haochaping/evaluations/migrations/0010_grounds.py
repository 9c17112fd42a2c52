"""Why ratings are set aside."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Why ratings are set aside."""

    dependencies: ClassVar = [("evaluations", "0009_erased_reasons")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Ground",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("evaluation_id", models.BigIntegerField()),
                ("ground", models.CharField(max_length=30)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("evaluation_id", "ground"),
                        name="a_verdict_sets_a_rating_aside_once",
                    )
                ]
            },
        )
    ]
