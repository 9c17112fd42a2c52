"""What a device's earlier series lacked is kept, for the counters that everybody may see."""

from typing import ClassVar

from django.db import migrations, models

_TOTAL = "UPDATE devices_devicestate SET total = received"


class Migration(migrations.Migration):
    """Adds the counters over all series."""

    dependencies: ClassVar = [("devices", "0002_series")]
    operations: ClassVar = [
        migrations.AddField("DeviceState", "total", models.BigIntegerField(default=0)),
        migrations.AddField("DeviceState", "missed", models.BigIntegerField(default=0)),
        migrations.RunSQL(_TOTAL, migrations.RunSQL.noop),
    ]
