"""Attachments, texts and dispatch rules get rooms of their own; their rows stay where they are."""

from django.db import migrations

_NAMES = {
    "orders_attachment": "attachments_attachment",
    "orders_template": "texts_text",
    "orders_rule": "routing_rule",
}


class Migration(migrations.Migration):
    """Renames; an attachment learns its region, so that its trail needs no look at the order."""

    dependencies = [("orders", "0002_tracks_and_ladder")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    [f"ALTER TABLE {old} RENAME TO {new}" for old, new in _NAMES.items()],
                    [f"ALTER TABLE {new} RENAME TO {old}" for old, new in _NAMES.items()],
                ),
                migrations.RunSQL(
                    [
                        "ALTER TABLE attachments_attachment ADD COLUMN region bigint",
                        """
                        UPDATE attachments_attachment SET region = orders_order.region
                          FROM orders_order WHERE orders_order.id = attachments_attachment.order_id
                        """,
                        "ALTER TABLE attachments_attachment ALTER COLUMN region SET NOT NULL",
                    ],
                    ["ALTER TABLE attachments_attachment DROP COLUMN region"],
                ),
            ],
            state_operations=[
                migrations.DeleteModel("Attachment"),
                migrations.DeleteModel("Template"),
                migrations.DeleteModel("Rule"),
            ],
        )
    ]
