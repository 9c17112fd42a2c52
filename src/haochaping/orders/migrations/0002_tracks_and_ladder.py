"""Written by Django; what open orders need of the new columns is filled in by hand."""

import django.db.models.deletion
from django.db import migrations, models

# Orders that are open keep their limits: everything else of the terms is as a new policy says by
# default. Overdue ones climb the ladder at once.
FILL = """
UPDATE orders_order SET rated_department_id = COALESCE(evaluation.department_id,
  orders_order.department_id), window_id = evaluation.window_id,
       terms = jsonb_build_object('contact', policy.contact, 'ordinary', policy.ordinary, 'complex',
         policy.complex, 'call_back', policy.call_back,
                                  'second_opinion', 28),
       climb_at = orders_order.due_at, rung = CASE WHEN orders_order.urged_at IS NULL THEN 2
         ELSE 3 END
  FROM orders_policy AS policy, evaluations_evaluation AS evaluation
 WHERE policy.id = orders_order.policy_id AND evaluation.id = orders_order.evaluation_id
"""


class Migration(migrations.Migration):
    """Written by Django."""

    dependencies = [("orders", "0001_initial"), ("evaluations", "0003_origin_and_waiting")]

    operations = [
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("kind", models.CharField(max_length=5)),
                ("size", models.IntegerField()),
                ("digest", models.BinaryField()),
                ("data", models.BinaryField()),
                ("verdict", models.CharField(max_length=10)),
                ("by", models.BigIntegerField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Rule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("region", models.BigIntegerField()),
                ("rated_department_id", models.IntegerField(null=True)),
                ("item_id", models.IntegerField(null=True)),
                ("department_id", models.IntegerField()),
                ("by", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("retired_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Template",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("region", models.BigIntegerField()),
                ("department_id", models.IntegerField(null=True)),
                ("fact", models.CharField(max_length=12)),
                ("title", models.CharField(max_length=40)),
                ("text", models.CharField(max_length=1000)),
                ("by", models.BigIntegerField()),
                ("retired_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Track",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("extension", "extension"),
                            ("objection", "objection"),
                            ("dispute", "dispute"),
                            ("supervision", "supervision"),
                            ("circular", "circular"),
                            ("question", "question"),
                        ],
                        max_length=12,
                    ),
                ),
                ("region", models.BigIntegerField()),
                ("department_id", models.IntegerField()),
                ("given", models.JSONField(default=dict)),
                ("by", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("first_by", models.BigIntegerField(null=True)),
                ("first_upheld", models.BooleanField(null=True)),
                ("ended_by", models.BigIntegerField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_as", models.CharField(blank=True, max_length=20)),
            ],
        ),
        migrations.RemoveIndex(model_name="order", name="orders_to_urge"),
        migrations.AddField(
            model_name="order", name="ask_again_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddField(
            model_name="order", name="climb_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddField(
            model_name="order", name="extended", field=models.BooleanField(default=False)
        ),
        migrations.AddField(
            model_name="order", name="extension", field=models.SmallIntegerField(default=0)
        ),
        migrations.AddField(
            model_name="order", name="is_complex", field=models.BooleanField(default=False)
        ),
        migrations.AddField(
            model_name="order",
            name="lead",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, to="orders.order"
            ),
        ),
        migrations.AddField(
            model_name="order", name="objected", field=models.BooleanField(default=False)
        ),
        migrations.AddField(
            model_name="order", name="provisional", field=models.BooleanField(default=False)
        ),
        migrations.AddField(
            model_name="order",
            name="rated_department_id",
            field=models.IntegerField(default=0),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="order", name="rung", field=models.SmallIntegerField(default=0)
        ),
        migrations.AddField(
            model_name="order", name="set_aside", field=models.BooleanField(default=False)
        ),
        migrations.AddField(
            model_name="order",
            name="terms",
            field=models.JSONField(default=dict),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="order", name="window_id", field=models.IntegerField(null=True)
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddField(model_name="step", name="before", field=models.JSONField(default=dict)),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("climb_at__isnull", False)),
                fields=["climb_at"],
                name="orders_to_climb",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("ask_again_at__isnull", False)),
                fields=["ask_again_at"],
                name="orders_to_ask_again",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                fields=["rated_department_id", "-opened_at"], name="orders_by_rated"
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["item_id", "-opened_at"], name="orders_by_item"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("lead__isnull", False)),
                fields=["lead"],
                name="orders_of_a_lead",
            ),
        ),
        migrations.AddIndex(
            model_name="step", index=models.Index(fields=["move", "-at"], name="steps_by_move")
        ),
        migrations.AddField(
            model_name="attachment",
            name="order",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="orders.order"),
        ),
        migrations.AddField(
            model_name="track",
            name="order",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="orders.order"),
        ),
        migrations.RemoveField(model_name="order", name="policy"),
        migrations.RemoveField(model_name="order", name="urged_at"),
        migrations.AddIndex(
            model_name="track",
            index=models.Index(fields=["region", "kind", "-at"], name="tracks_by_region"),
        ),
        migrations.AddConstraint(
            model_name="track",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("order", "kind"),
                name="one_open_track_of_a_kind",
            ),
        ),
        migrations.DeleteModel(name="Policy"),
    ]
