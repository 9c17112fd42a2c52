"""The tables of devices and calls go to the room `devices`; their rows stay where they are."""

from typing import ClassVar

from django.db import migrations

_NAMES = ("device", "devicestate", "devicerating", "pairing", "pairingfailure", "call")


class Migration(migrations.Migration):
    """Renames, without touching a row."""

    dependencies: ClassVar = [("invitations", "0003_codes_and_devices")]
    operations: ClassVar = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    [f"ALTER TABLE invitations_{name} RENAME TO devices_{name}" for name in _NAMES],
                    [f"ALTER TABLE devices_{name} RENAME TO invitations_{name}" for name in _NAMES],
                )
            ],
            state_operations=[
                migrations.DeleteModel(name)
                for name in (
                    "DeviceState",
                    "DeviceRating",
                    "Pairing",
                    "PairingFailure",
                    "Call",
                    "Device",
                )
            ],
        )
    ]
