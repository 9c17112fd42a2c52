"""Imports that can be undone, and windows closed by two."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """The table of imports."""

    dependencies: ClassVar = [("directory", "0003_hours")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="hourschange", name="in_use", field=models.BooleanField(null=True)
        ),
        migrations.CreateModel(
            name="Import",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=12)),
                ("low", models.BigIntegerField()),
                ("high", models.BigIntegerField()),
                ("rows", models.JSONField()),
                ("size", models.IntegerField()),
                ("by", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
            ],
            options={"indexes": [models.Index(fields=["kind", "-at"], name="imports_of_a_table")]},
        ),
    ]
