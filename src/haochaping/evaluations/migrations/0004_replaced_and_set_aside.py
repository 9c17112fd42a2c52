"""Written by Django."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """Written by Django."""

    dependencies = [("evaluations", "0003_origin_and_waiting")]

    operations = [
        migrations.CreateModel(
            name="Replacement",
            fields=[
                ("evaluation_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("region", models.BigIntegerField()),
                ("before", models.SmallIntegerField()),
                ("level", models.SmallIntegerField()),
                (
                    "codes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField()
                    ),
                ),
                ("words", models.TextField()),
                ("channel", models.SmallIntegerField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="SetAside",
            fields=[
                ("evaluation_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("region", models.BigIntegerField()),
                ("at", models.DateTimeField()),
            ],
        ),
    ]
