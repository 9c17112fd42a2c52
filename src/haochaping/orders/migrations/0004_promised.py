"""What was promised is kept, and orders are on the feed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Limits of open orders are what they are; those of closed ones were not kept."""

    dependencies = [("feed", "0005_slots"), ("orders", "0003_rooms_of_their_own")]

    operations = [
        migrations.AddField(
            model_name="order", name="answer_due_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddField(
            model_name="order", name="call_due_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("window_id__isnull", False)),
                fields=["window_id", "-opened_at"],
                name="orders_by_window",
            ),
        ),
        migrations.RunSQL(
            "UPDATE orders_order SET answer_due_at = due_at WHERE state IN ('verifying', 'rectifying', 'answering')",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            "INSERT INTO feed_pending (kind, refs) SELECT 6, array_agg(id) FROM orders_order HAVING count(*) > 0",
            migrations.RunSQL.noop,
        ),
    ]
