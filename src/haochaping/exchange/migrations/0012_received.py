"""Of which day what was received is."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Of which day what was received is."""

    dependencies: ClassVar = [("exchange", "0011_theirs")]

    operations: ClassVar = [
        migrations.AddField(model_name="received", name="day", field=models.DateField(null=True)),
        migrations.AddField(
            model_name="received", name="told", field=models.BinaryField(null=True)
        ),
        migrations.AddIndex(
            model_name="received",
            index=models.Index(fields=["partner", "day", "family"], name="received_of_a_day"),
        ),
    ]
