"""Ratings that wait for their service wait for each system that handed them in."""

from typing import ClassVar

from django.db import migrations

FORWARD = """
UPDATE evaluations_waiting SET client_id = 0 WHERE client_id IS NULL;
ALTER TABLE evaluations_waiting
  ALTER COLUMN client_id SET DEFAULT 0,
  ALTER COLUMN client_id SET NOT NULL,
  DROP CONSTRAINT evaluations_waiting_pkey,
  ADD PRIMARY KEY (project_no, service_number, kind, client_id);
"""


class Migration(migrations.Migration):
    """Make the client a part of the key."""

    dependencies: ClassVar = [("evaluations", "0010_grounds")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
