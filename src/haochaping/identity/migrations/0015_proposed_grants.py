"""A system may be allowed more by two."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """A system may be allowed more by two."""

    dependencies: ClassVar = [("identity", "0014_proposed_posts")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="apiclient", name="proposed", field=models.JSONField(null=True)
        )
    ]
