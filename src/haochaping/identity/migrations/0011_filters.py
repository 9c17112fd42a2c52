"""Filters that people keep."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Filters that people keep."""

    dependencies: ClassVar = [("identity", "0010_who_they_are_elsewhere")]

    operations: ClassVar = [
        migrations.AddField(model_name="user", name="filters", field=models.JSONField(default=dict))
    ]
