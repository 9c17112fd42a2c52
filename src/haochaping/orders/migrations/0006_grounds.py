"""Objections that set ratings aside before grounds were kept."""

from typing import ClassVar

from django.db import migrations

_SQL = """
INSERT INTO evaluations_ground (evaluation_id, ground)
SELECT evaluation_id, 'objection' FROM orders_order WHERE set_aside
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    """Objections that set ratings aside before grounds were kept."""

    dependencies: ClassVar = [("orders", "0005_listed"), ("evaluations", "0010_grounds")]

    operations: ClassVar = [migrations.RunSQL(_SQL, migrations.RunSQL.noop)]
