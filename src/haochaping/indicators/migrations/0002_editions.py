"""Versions of the catalogue."""

from django.db import migrations, models

import haochaping.indicators.rules.editions


class Migration(migrations.Migration):
    """Adds the table."""

    dependencies = [("indicators", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Edition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.SmallIntegerField(unique=True)),
                (
                    "state",
                    models.CharField(
                        default=haochaping.indicators.rules.editions.State["DRAFT"], max_length=10
                    ),
                ),
                ("entries", models.JSONField(default=list)),
                ("note", models.CharField(blank=True, max_length=300)),
                ("drafted_by", models.BigIntegerField()),
                ("drafted_at", models.DateTimeField()),
                ("decided_by", models.BigIntegerField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
            ],
        )
    ]
