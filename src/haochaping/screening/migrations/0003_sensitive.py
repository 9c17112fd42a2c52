"""Written by Django."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Written by Django."""

    dependencies = [("screening", "0002_refuted")]

    operations = [
        migrations.CreateModel(
            name="SensitiveWord",
            fields=[
                ("word", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("category", models.CharField(max_length=10)),
                ("removed", models.BooleanField(default=False)),
                ("by", models.BigIntegerField()),
                ("at", models.DateTimeField()),
            ],
        )
    ]
