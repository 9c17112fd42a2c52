"""Links that were made for whoever rated open the progress; those to rate with do not."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the column; links of before open what was rated through them, as ever."""

    dependencies: ClassVar = [("invitations", "0004_devices_are_a_room")]
    operations: ClassVar = [
        migrations.AddField("Link", "for_rater", models.BooleanField(default=False))
    ]
