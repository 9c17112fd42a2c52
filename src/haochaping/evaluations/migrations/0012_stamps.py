"""Stamps of what was handed in."""

from typing import ClassVar

from django.db import migrations, models

_TABLES = "evaluations_evaluation", "evaluations_followup"


class Migration(migrations.Migration):
    """A column of three tables: at once, whatever they hold."""

    dependencies: ClassVar = [("evaluations", "0011_waiting_of_each")]

    operations: ClassVar = [
        *(
            migrations.RunSQL(
                f"ALTER TABLE {table} ADD COLUMN stamp bigint",
                f"ALTER TABLE {table} DROP COLUMN stamp",
            )
            for table in _TABLES
        ),
        migrations.AddField("replacement", "stamp", models.BigIntegerField(null=True)),
    ]
