"""A log that cannot go on names the one that does."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the successor."""

    dependencies: ClassVar = [("ledger", "0001_initial")]
    operations: ClassVar = [
        migrations.AddField(
            "Log",
            "successor",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, to="ledger.log"
            ),
        )
    ]
