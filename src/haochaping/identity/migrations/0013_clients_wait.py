"""Clients that wait to be started."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Clients that wait to be started."""

    dependencies: ClassVar = [("identity", "0012_password_at")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="apiclient", name="made_by", field=models.BigIntegerField(default=0)
        ),
        migrations.AddField(
            model_name="apiclient", name="waits_since", field=models.DateTimeField(null=True)
        ),
    ]
