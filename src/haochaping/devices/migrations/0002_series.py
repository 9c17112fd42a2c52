"""A device whose counter begins again has a new series; what was refused is no receipt."""

from typing import ClassVar

from django.db import migrations, models

_KEY = """
ALTER TABLE devices_devicerating DROP CONSTRAINT IF EXISTS devices_devicerating_pkey;
ALTER TABLE devices_devicerating DROP CONSTRAINT IF EXISTS invitations_devicerating_pkey;
ALTER TABLE devices_devicerating ADD PRIMARY KEY (device_id, series, seq);
"""
_PK = models.CompositePrimaryKey(
    "device_id", "series", "seq", blank=True, editable=False, primary_key=True, serialize=False
)
# receipts are written 7Q3K-M8ZT-0A1B2; whatever else was answered was the code of a refusal
_REFUSED = "UPDATE devices_devicerating SET refused = true WHERE answer ~ '[a-z_]'"


class Migration(migrations.Migration):
    """Adds the columns and widens the key."""

    dependencies: ClassVar = [("devices", "0001_initial")]
    operations: ClassVar = [
        migrations.AddField("DeviceRating", "series", models.SmallIntegerField(default=0)),
        migrations.AddField("DeviceRating", "content", models.BigIntegerField(default=0)),
        migrations.AddField("DeviceRating", "pressed_at", models.DateTimeField(null=True)),
        migrations.AddField("DeviceRating", "refused", models.BooleanField(default=False)),
        migrations.AddField("DeviceState", "series", models.SmallIntegerField(default=0)),
        migrations.RunSQL(_REFUSED, migrations.RunSQL.noop),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(_KEY)],
            state_operations=[migrations.AlterField("DeviceRating", "pk", _PK)],
        ),
    ]
