"""Written by Django."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Written by Django."""

    dependencies = [("notifications", "0004_webhook_secrets")]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="about",
            field=models.CharField(blank=True, default="", max_length=80),
        ),
        migrations.AddField(
            model_name="notice", name="due_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddField(
            model_name="notice",
            name="unit",
            field=models.CharField(blank=True, default="", max_length=80),
        ),
        migrations.AddField(
            model_name="notice", name="user_id", field=models.BigIntegerField(null=True)
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("user_id__isnull", False)),
                fields=["user_id", "id"],
                name="notices_of_a_person",
            ),
        ),
    ]
