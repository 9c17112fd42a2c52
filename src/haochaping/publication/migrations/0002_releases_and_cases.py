"""Releases and cases."""

from django.db import migrations, models

import haochaping.publication.rules.releases


class Migration(migrations.Migration):
    """Adds the tables."""

    dependencies = [("publication", "0001_sealed")]

    operations = [
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("order_id", models.BigIntegerField(unique=True)),
                ("region", models.BigIntegerField()),
                ("department", models.CharField(max_length=200)),
                ("item", models.CharField(max_length=200)),
                ("month", models.DateField()),
                ("title", models.CharField(max_length=60)),
                ("said", models.TextField()),
                ("done", models.TextField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("released", "released"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default=haochaping.publication.rules.releases.State["DRAFT"],
                        max_length=10,
                    ),
                ),
                ("drafted_by", models.BigIntegerField()),
                ("drafted_at", models.DateTimeField()),
                ("released_by", models.BigIntegerField(null=True)),
                ("released_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "indexes": [models.Index(fields=["state", "-released_at"], name="cases_by_state")]
            },
        ),
        migrations.CreateModel(
            name="Release",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("period", models.DateField()),
                ("version", models.SmallIntegerField(default=1)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("released", "released"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default=haochaping.publication.rules.releases.State["DRAFT"],
                        max_length=10,
                    ),
                ),
                ("results", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
                ("drafted_by", models.BigIntegerField()),
                ("drafted_at", models.DateTimeField()),
                ("released_by", models.BigIntegerField(null=True)),
                ("released_at", models.DateTimeField(null=True)),
                ("withdrawn_by", models.BigIntegerField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("leaf", models.BigIntegerField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("period", "version"), name="a_month_has_one_release_of_a_version"
                    )
                ]
            },
        ),
    ]
