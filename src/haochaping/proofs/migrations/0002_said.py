"""What leaves for everybody say."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the table."""

    dependencies = [("proofs", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Said",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "log_id",
                        "no",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("log_id", models.IntegerField()),
                ("no", models.BigIntegerField()),
                ("kind", models.CharField(max_length=20)),
                ("said", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={"indexes": [models.Index(fields=["kind", "-at"], name="said_by_kind")]},
        )
    ]
