"""Which clients are platforms with a way of exchange of their own."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """A mark of clients."""

    dependencies: ClassVar = [("identity", "0008_what_clients_may")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="apiclient", name="partner", field=models.BooleanField(default=False)
        )
    ]
