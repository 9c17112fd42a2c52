"""Catalogues and what differs."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

import haochaping.upstream.rules


class Migration(migrations.Migration):
    """Catalogues and what differs."""

    initial = True
    dependencies: ClassVar = []

    operations: ClassVar = [
        migrations.CreateModel(
            name="Source",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("kind", models.CharField(max_length=12)),
                ("region", models.BigIntegerField()),
                ("url", models.CharField(blank=True, max_length=300)),
                ("fields", models.JSONField(default=dict)),
                ("complete", models.BooleanField(default=False)),
                ("secret", models.BinaryField(null=True)),
                ("changed_by", models.BigIntegerField()),
                ("stopped_at", models.DateTimeField(null=True)),
                ("read_at", models.DateTimeField(null=True)),
                ("size", models.IntegerField(default=0)),
                ("wrong", models.JSONField(default=list)),
                ("failing_since", models.DateTimeField(null=True)),
                ("answer", models.JSONField(default=list)),
            ],
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=33)),
                (
                    "what",
                    models.SmallIntegerField(
                        choices=[
                            (haochaping.upstream.rules.What["ADD"], "New"),
                            (haochaping.upstream.rules.What["CHANGE"], "Changed"),
                            (haochaping.upstream.rules.What["CONFIRM"], "Confirmed"),
                            (haochaping.upstream.rules.What["CLOSE"], "Closed"),
                            (haochaping.upstream.rules.What["REOPEN"], "Opened again"),
                        ]
                    ),
                ),
                ("region", models.BigIntegerField()),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                ("effective_on", models.DateField(null=True)),
                ("successor", models.CharField(blank=True, max_length=33)),
                ("found_at", models.DateTimeField()),
                ("proposed_by", models.BigIntegerField()),
                ("decided_by", models.BigIntegerField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("approved", models.BooleanField(default=False)),
                ("done_at", models.DateTimeField(null=True)),
                ("trouble", models.JSONField(default=list)),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="upstream.source"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("approved", True), ("done_at", None)),
                        fields=["effective_on"],
                        name="changes_that_wait_for_a_day",
                    ),
                    models.Index(fields=["source", "code", "-id"], name="changes_of_an_entry"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("decided_at", None)),
                        fields=("source", "code"),
                        name="one_difference_waits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved", False),
                            ("proposed_by", 0),
                            models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="two_people_change_what_was_uploaded",
                    ),
                ],
            },
        ),
    ]
