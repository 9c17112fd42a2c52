"""From which networks ratings came, and those that were taken in again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the tables."""

    dependencies = [("evaluations", "0006_settled")]

    operations = [
        migrations.CreateModel(
            name="Restored",
            fields=[
                ("evaluation_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("region", models.BigIntegerField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Trace",
            fields=[
                ("evaluation_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("region", models.BigIntegerField()),
                ("network", models.BigIntegerField()),
                ("at", models.DateTimeField()),
            ],
            options={"indexes": [models.Index(fields=["at"], name="traces_by_age")]},
        ),
    ]
