"""Files of rosters can be taken back."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Files of rosters can be taken back."""

    dependencies: ClassVar = [("rosters", "0001_initial")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Taken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("low", models.BigIntegerField()),
                ("high", models.BigIntegerField()),
                ("before", models.JSONField()),
                ("after", models.JSONField()),
                ("size", models.IntegerField()),
                ("by", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
            ],
            options={"indexes": [models.Index(fields=["-at"], name="rosters_taken_last")]},
        )
    ]
