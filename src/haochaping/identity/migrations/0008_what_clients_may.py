"""Who answers for a client, from where it calls and how often."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Limits of clients."""

    dependencies: ClassVar = [("identity", "0007_posts_that_end")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="apiclient",
            name="contact",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name="apiclient", name="networks", field=models.JSONField(default=list)
        ),
        migrations.AddField(
            model_name="apiclient", name="per_minute", field=models.IntegerField(null=True)
        ),
    ]
