"""Finding what says that a leaf was erased."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Finding what says that a leaf was erased."""

    dependencies: ClassVar = [("proofs", "0002_said")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="opening",
            index=models.Index(
                condition=models.Q(("leaf", 4)),
                fields=["log_id", "no"],
                name="openings_of_erasures",
            ),
        )
    ]
