"""Posts that end by themselves."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """A last day of a post."""

    dependencies: ClassVar = [("identity", "0006_factors_and_sessions")]

    operations: ClassVar = [
        migrations.AddField(model_name="grant", name="until", field=models.DateField(null=True))
    ]
