"""Spent nonces.

Unlogged: after a crash a request of the last minutes could be replayed, and would store nothing,
for every write is idempotent.
"""

from django.db import migrations

FORWARD = """
CREATE UNLOGGED TABLE identity_nonce (kid text NOT NULL, nonce text NOT NULL, at timestamptz NOT NULL, PRIMARY KEY (kid, nonce));
"""


class Migration(migrations.Migration):
    """Make the table."""

    dependencies = [("identity", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, "DROP TABLE identity_nonce;")]
