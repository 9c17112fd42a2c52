"""Written by Django."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Written by Django."""

    dependencies = [("analytics", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="ratingday", name="set_aside", field=models.IntegerField(default=0)
        ),
        migrations.AddField(
            model_name="ratingday", name="x1", field=models.IntegerField(default=0)
        ),
        migrations.AddField(
            model_name="ratingday", name="x2", field=models.IntegerField(default=0)
        ),
        migrations.AddField(
            model_name="ratingday", name="x3", field=models.IntegerField(default=0)
        ),
        migrations.AddField(
            model_name="ratingday", name="x4", field=models.IntegerField(default=0)
        ),
        migrations.AddField(
            model_name="ratingday", name="x5", field=models.IntegerField(default=0)
        ),
    ]
