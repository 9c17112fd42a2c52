"""A clerk's photograph, as the evaluator shows it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Written by Django."""

    dependencies = [("directory", "0001_initial")]

    operations = [
        migrations.AddField(model_name="staff", name="photo", field=models.BinaryField(null=True)),
        migrations.AddField(
            model_name="staff", name="photo_at", field=models.DateTimeField(null=True)
        ),
    ]
