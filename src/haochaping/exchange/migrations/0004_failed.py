"""What failed before is found without reading all that waits."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the index."""

    dependencies: ClassVar = [("exchange", "0003_partners")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False), ("since__isnull", False)),
                fields=["partner", "due_at", "id"],
                name="deliveries_that_failed",
            ),
        )
    ]
