"""How often a message was to be written anew."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """How often a message was to be written anew."""

    dependencies: ClassVar = [("exchange", "0008_departments")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="delivery", name="turn", field=models.IntegerField(db_default=0, default=0)
        )
    ]
