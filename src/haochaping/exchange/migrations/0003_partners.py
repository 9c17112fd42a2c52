"""Partners, what they are told, what they send, and how the two compare."""

from typing import ClassVar

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import haochaping.exchange.rules.deliveries


class Migration(migrations.Migration):
    """Adds the tables."""

    dependencies: ClassVar = [("exchange", "0002_hotlines")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Partner",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, unique=True)),
                ("dialect", models.CharField(max_length=12)),
                ("region", models.BigIntegerField()),
                ("url", models.CharField(max_length=300)),
                ("ways", models.JSONField(default=dict)),
                ("secret", models.BinaryField(null=True)),
                ("client_id", models.IntegerField(null=True)),
                ("words", models.BooleanField(default=True)),
                ("personal", models.BooleanField(default=False)),
                ("batch", models.IntegerField(default=1000)),
                ("pace", models.IntegerField(default=0)),
                ("connected_at", models.DateTimeField()),
                ("changed_by", models.BigIntegerField(default=0)),
                ("stopped_at", models.DateTimeField(null=True)),
                ("failures", models.IntegerField(default=0)),
                ("failing_since", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField(null=True)),
                ("heard_at", models.DateTimeField(null=True)),
                ("acknowledged", models.BigIntegerField(default=0)),
                ("answer", models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.SmallIntegerField()),
                ("ref", models.BigIntegerField()),
                ("record", models.BigIntegerField()),
                ("day", models.DateField()),
                (
                    "status",
                    models.SmallIntegerField(
                        default=haochaping.exchange.rules.deliveries.Status["NEW"]
                    ),
                ),
                ("deadline", models.DateTimeField()),
                ("due_at", models.DateTimeField(null=True)),
                ("tries", models.IntegerField(default=0)),
                ("since", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("digest", models.BinaryField(null=True)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("theirs", models.CharField(blank=True, max_length=64)),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="exchange.partner"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Received",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("message", models.CharField(max_length=64)),
                ("family", models.CharField(max_length=16)),
                ("digest", models.BinaryField()),
                ("body", models.BinaryField(null=True)),
                ("at", models.DateTimeField()),
                ("outcome", models.CharField(max_length=40)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("record", models.BigIntegerField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("done_by", models.BigIntegerField(null=True)),
                (
                    "corrected",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="exchange.partner"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Reconciled",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("family", models.CharField(max_length=16)),
                ("at", models.DateTimeField()),
                ("ours", models.IntegerField()),
                ("theirs", models.IntegerField()),
                ("differing", models.IntegerField()),
                ("asked", models.IntegerField()),
                ("red_since", models.DateTimeField(null=True)),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="exchange.partner"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Difference",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("family", models.CharField(max_length=16)),
                ("message", models.CharField(max_length=40)),
                ("what", models.CharField(max_length=8)),
                ("found_at", models.DateTimeField()),
                ("resent_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by", models.BigIntegerField(null=True)),
                ("note", models.CharField(blank=True, max_length=200)),
                (
                    "delivery",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="exchange.delivery",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="exchange.partner"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("partner", "message"),
                        name="a_difference_is_open_once",
                    )
                ]
            },
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)),
                fields=["partner", "deadline", "id"],
                name="deliveries_to_send",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)),
                fields=["partner", "record", "id"],
                name="deliveries_of_a_record",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["partner", "day", "kind"], name="deliveries_of_a_day"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(
                    (
                        "status__in",
                        [
                            haochaping.exchange.rules.deliveries.Status["REFUSED"],
                            haochaping.exchange.rules.deliveries.Status["DEAD"],
                            haochaping.exchange.rules.deliveries.Status["LEFT_OUT"],
                        ],
                    )
                ),
                fields=["partner", "status", "-ended_at"],
                name="deliveries_in_trouble",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                fields=("partner", "kind", "ref"), name="a_fact_is_told_a_partner_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("due_at", None),
                        (
                            "status__in",
                            [
                                haochaping.exchange.rules.deliveries.Status["ACKNOWLEDGED"],
                                haochaping.exchange.rules.deliveries.Status["REFUSED"],
                                haochaping.exchange.rules.deliveries.Status["DEAD"],
                                haochaping.exchange.rules.deliveries.Status["LEFT_OUT"],
                            ],
                        ),
                    ),
                    models.Q(
                        models.Q(
                            (
                                "status__in",
                                [
                                    haochaping.exchange.rules.deliveries.Status["ACKNOWLEDGED"],
                                    haochaping.exchange.rules.deliveries.Status["REFUSED"],
                                    haochaping.exchange.rules.deliveries.Status["DEAD"],
                                    haochaping.exchange.rules.deliveries.Status["LEFT_OUT"],
                                ],
                            ),
                            _negated=True,
                        ),
                        ("due_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="what_has_ended_is_not_due",
            ),
        ),
        migrations.AddIndex(
            model_name="received",
            index=models.Index(
                condition=models.Q(("done_at", None)),
                fields=["partner", "at"],
                name="received_in_quarantine",
            ),
        ),
        migrations.AddIndex(
            model_name="received",
            index=models.Index(
                condition=models.Q(("record__isnull", False)),
                fields=["record"],
                name="received_about_a_service",
            ),
        ),
        migrations.AddConstraint(
            model_name="received",
            constraint=models.UniqueConstraint(
                fields=("partner", "message"), name="a_message_is_received_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="reconciled",
            constraint=models.UniqueConstraint(
                fields=("partner", "day", "family"), name="a_day_is_reconciled_once"
            ),
        ),
    ]
