"""Files that hold a day."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Files that hold a day."""

    dependencies: ClassVar = [("lake", "0001_initial")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="file", name="first", field=models.BigIntegerField(null=True)
        )
    ]
