"""Writing the catalogue."""

import csv
from datetime import date
from pathlib import Path

from django.db import transaction

from haochaping.indicators import models

NATIONAL = Path(__file__).parent / "national.csv"
_STARTS = {
    1: date(2019, 10, 9),
    2: date(2020, 1, 1),
}  # Jiangsu went live with version 1; version 2 is seen in force in May 2020


@transaction.atomic
def seed() -> int:
    """Load both national tables: 40 codes in force and 32 retired ones. Return their number."""
    with NATIONAL.open(encoding="utf-8") as table:
        rows = [
            models.Indicator(
                code=int(row["code"]),
                zh=row["zh"],
                en=row["en"],
                core=row["core"] == "1",
                applies=row["applies"],
                version=int(row["version"]),
                valid_from=_STARTS[int(row["version"])],
                valid_to=_STARTS[2] if row["version"] == "1" else None,
            )
            for row in csv.DictReader(table)
        ]
    fields = ["zh", "en", "core", "applies", "version", "valid_from", "valid_to"]
    models.Indicator.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["code"], update_fields=fields
    )
    return len(rows)
