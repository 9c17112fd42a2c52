"""Slots of schedules, and longer names for what is in trouble."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the slots."""

    dependencies = [("feed", "0004_aside")]

    operations = [
        migrations.CreateModel(
            name="Slot",
            fields=[
                ("name", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("slot", models.BigIntegerField()),
            ],
        ),
        migrations.AlterField(
            model_name="trouble",
            name="name",
            field=models.CharField(max_length=60, primary_key=True, serialize=False),
        ),
    ]
