"""Clients name their own departments and work on their own services."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the columns; clients of before keep to their own services from now on."""

    dependencies: ClassVar = [("identity", "0003_windows_of_clerks")]
    operations: ClassVar = [
        migrations.AddField("ApiClient", "departments", models.JSONField(default=list)),
        migrations.AddField("ApiClient", "everybodys", models.BooleanField(default=False)),
    ]
