"""The order in which windows are listed."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """The order in which windows are listed."""

    dependencies: ClassVar = [("directory", "0005_closing")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="window",
            index=models.Index(fields=["hall", "number"], name="windows_of_a_hall"),
        )
    ]
