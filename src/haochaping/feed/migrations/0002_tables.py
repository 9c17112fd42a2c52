"""The pending table, without key or index so that intake pays next to nothing for it, and
the head.
"""

from django.db import migrations

FORWARD = """
CREATE TABLE feed_pending (kind smallint NOT NULL, refs bigint[] NOT NULL)
  WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
INSERT INTO feed_head (id, no) VALUES (1, 0);
"""


class Migration(migrations.Migration):
    """Make the table and the one row."""

    dependencies = [("feed", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, "DROP TABLE feed_pending; DELETE FROM feed_head;")]
