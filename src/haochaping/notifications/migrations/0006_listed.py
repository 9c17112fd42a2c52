"""The orders in which messages are listed."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """The orders in which messages are listed."""

    dependencies: ClassVar = [("notifications", "0005_inbox")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["queued_at", "id"], name="message_by_time"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["state", "region"], name="message_by_state"),
        ),
    ]
