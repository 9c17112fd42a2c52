"""The calendar's tables go to the room `calendar`; their rows stay where they are."""

from typing import ClassVar

from django.db import migrations

_NAMES = ("calendarversion", "calendarday", "calendarhours")


class Migration(migrations.Migration):
    """Renames, without touching a row."""

    dependencies: ClassVar = [("kernel", "0002_regions_and_hours")]
    operations: ClassVar = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    [f"ALTER TABLE kernel_{name} RENAME TO calendar_{name}" for name in _NAMES],
                    [f"ALTER TABLE calendar_{name} RENAME TO kernel_{name}" for name in _NAMES],
                )
            ],
            state_operations=[
                migrations.DeleteModel("CalendarDay"),
                migrations.DeleteModel("CalendarHours"),
                migrations.DeleteModel("CalendarVersion"),
            ],
        )
    ]
