"""Parts of long replies that were joined."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Parts of long replies that were joined."""

    dependencies: ClassVar = [("notifications", "0007_wording")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="replypart", name="joined_at", field=models.DateTimeField(null=True)
        )
    ]
