"""What became of ratings that waited for their service."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the table."""

    dependencies: ClassVar = [("evaluations", "0005_keyed_digests")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Settled",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("client_id", models.IntegerField(null=True)),
                ("project_no", models.CharField(max_length=64)),
                ("service_number", models.SmallIntegerField()),
                ("kind", models.SmallIntegerField()),
                ("evaluation_id", models.BigIntegerField(null=True)),
                ("code", models.CharField(blank=True, max_length=40)),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["client_id", "id"], name="settled_of_a_client")]
            },
        )
    ]
