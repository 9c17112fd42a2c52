"""Posts that are proposed beside the one that holds."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Posts that are proposed beside the one that holds."""

    dependencies: ClassVar = [("identity", "0013_clients_wait")]

    operations: ClassVar = [
        migrations.AddField(model_name="grant", name="proposed", field=models.JSONField(null=True))
    ]
