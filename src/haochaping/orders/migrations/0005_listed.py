"""The orders in which orders are listed."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """The orders in which orders are listed."""

    dependencies: ClassVar = [("orders", "0004_promised")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="order", index=models.Index(fields=["due_at", "id"], name="orders_by_due")
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["opened_at", "id"], name="orders_by_opening"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["moved_at", "id"], name="orders_by_movement"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", False)),
                fields=["closed_at", "id"],
                name="orders_by_closing",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["state", "region"], name="orders_by_state"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("closed_at", None), ("provisional", True)),
                fields=["region"],
                name="orders_provisional",
            ),
        ),
    ]
