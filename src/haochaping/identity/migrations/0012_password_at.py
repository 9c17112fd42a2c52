"""Since when a password holds."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Since when a password holds."""

    dependencies: ClassVar = [("identity", "0011_filters")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="user", name="password_at", field=models.DateTimeField(null=True)
        )
    ]
