"""Written by Django."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Written by Django."""

    dependencies = [("notifications", "0003_keyed_digests")]

    operations = [
        migrations.AddField(
            model_name="contact", name="earlier_secret", field=models.BinaryField(null=True)
        ),
        migrations.AddField(
            model_name="contact", name="renewed_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddField(
            model_name="contact", name="secret", field=models.BinaryField(null=True)
        ),
    ]
