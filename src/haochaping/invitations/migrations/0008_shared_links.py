"""Links that a system knows too."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Links that a system knows too."""

    dependencies: ClassVar = [("invitations", "0007_rated_by_code")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="link", name="shared", field=models.BooleanField(default=False)
        ),
        # who asked for a link of before is not known: all but those of our own SMS may be shared
        migrations.RunSQL(
            "UPDATE invitations_link SET shared = true WHERE channel <> 7 AND NOT for_rater",
            migrations.RunSQL.noop,
        ),
    ]
