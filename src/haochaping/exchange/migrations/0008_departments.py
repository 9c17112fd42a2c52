"""A partner may be told of some departments only."""

from typing import ClassVar

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """A partner may be told of some departments only."""

    dependencies: ClassVar = [("exchange", "0007_received_kind")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="partner",
            name="departments",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=18), default=list
            ),
        )
    ]
