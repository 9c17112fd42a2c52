"""Figures as they were published."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the table."""

    initial = True

    dependencies: ClassVar = []

    operations: ClassVar = [
        migrations.CreateModel(
            name="Sealed",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("figures", models.BinaryField()),
                ("made_at", models.DateTimeField()),
            ],
        )
    ]
