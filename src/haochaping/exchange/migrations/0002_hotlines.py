"""Written by Django."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Written by Django."""

    dependencies = [("exchange", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Hotline",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("region", models.BigIntegerField(unique=True)),
                ("client_id", models.IntegerField(unique=True)),
                ("kid", models.CharField(max_length=32)),
                ("url", models.CharField(max_length=300)),
                ("user_id", models.BigIntegerField()),
                ("said", models.BigIntegerField(default=0)),
                ("heard", models.BigIntegerField(default=0)),
                ("stopped_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Incoming",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seq", models.BigIntegerField()),
                ("digest", models.BinaryField()),
                ("body", models.BinaryField()),
                ("at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, max_length=40)),
                (
                    "hotline",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="exchange.hotline"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("hotline", "seq"), name="a_number_is_heard_once"
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="Outgoing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seq", models.BigIntegerField()),
                ("step_id", models.BigIntegerField(null=True)),
                ("body", models.BinaryField()),
                ("made_at", models.DateTimeField()),
                ("tries", models.IntegerField(default=0)),
                ("due_at", models.DateTimeField(null=True)),
                ("heard_at", models.DateTimeField(null=True)),
                ("answer", models.CharField(blank=True, max_length=120)),
                (
                    "hotline",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="exchange.hotline"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)),
                        fields=["hotline", "seq"],
                        name="outgoing_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("hotline", "seq"), name="a_number_is_said_once"
                    ),
                    models.UniqueConstraint(
                        fields=("hotline", "step_id"), name="a_step_is_told_once"
                    ),
                ],
            },
        ),
    ]
