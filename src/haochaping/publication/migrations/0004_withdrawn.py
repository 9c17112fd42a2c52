"""Why a release was withdrawn, apart from why it was corrected."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Why a release was withdrawn, apart from why it was corrected."""

    dependencies: ClassVar = [("publication", "0003_boards")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="release",
            name="withdrawn_reason",
            field=models.CharField(blank=True, default="", max_length=300),
        )
    ]
