"""Written by Django."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Written by Django."""

    dependencies = [("callbacks", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Draw",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("week", models.IntegerField(unique=True)),
                ("seed", models.BigIntegerField()),
                ("drawn", models.IntegerField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="call", name="department_id", field=models.IntegerField(null=True)
        ),
        migrations.AddField(
            model_name="call", name="done_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddField(
            model_name="call", name="kind", field=models.CharField(default="unrated", max_length=10)
        ),
        migrations.AddField(
            model_name="call", name="level", field=models.SmallIntegerField(null=True)
        ),
        migrations.AddField(
            model_name="call", name="order_id", field=models.BigIntegerField(null=True)
        ),
        migrations.AddField(
            model_name="call", name="rated_level", field=models.SmallIntegerField(null=True)
        ),
        migrations.AddField(
            model_name="call", name="recording", field=models.CharField(blank=True, max_length=120)
        ),
        migrations.AddField(model_name="call", name="round", field=models.IntegerField(default=0)),
        migrations.AlterField(
            model_name="call", name="note", field=models.CharField(blank=True, max_length=500)
        ),
        migrations.AlterField(
            model_name="call", name="outcome", field=models.CharField(blank=True, max_length=12)
        ),
        migrations.AlterField(model_name="call", name="record_id", field=models.BigIntegerField()),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                condition=models.Q(("order_id__isnull", False)),
                fields=["order_id"],
                name="calls_by_order",
            ),
        ),
        migrations.AddIndex(
            model_name="call", index=models.Index(fields=["record_id"], name="calls_by_record")
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.UniqueConstraint(
                fields=("kind", "record_id", "round"), name="one_call_of_a_kind_and_round"
            ),
        ),
    ]
