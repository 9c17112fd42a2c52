"""What kind of fact was taken in."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """What kind of fact was taken in."""

    dependencies: ClassVar = [("exchange", "0006_hotline_by_two")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="received", name="kind", field=models.SmallIntegerField(null=True)
        )
    ]
