"""Written by Django."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Written by Django."""

    dependencies = [("kernel", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="CalendarHours",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("region", models.BigIntegerField(default=0)),
                ("hours", models.CharField(max_length=60)),
            ],
        ),
        migrations.RemoveConstraint(model_name="calendarday", name="a_day_is_once_in_a_version"),
        migrations.AddField(
            model_name="calendarday",
            name="hours",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="calendarday", name="region", field=models.BigIntegerField(default=0)
        ),
        migrations.AddConstraint(
            model_name="calendarday",
            constraint=models.UniqueConstraint(
                fields=("version", "region", "day"), name="a_day_is_once_in_a_version"
            ),
        ),
        migrations.AddField(
            model_name="calendarhours",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to="kernel.calendarversion"
            ),
        ),
        migrations.AddConstraint(
            model_name="calendarhours",
            constraint=models.UniqueConstraint(
                fields=("version", "region"), name="hours_are_once_in_a_version"
            ),
        ),
    ]
