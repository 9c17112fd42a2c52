"""Holds that set ratings aside before grounds were kept."""

from typing import ClassVar

from django.db import migrations

_SQL = """
INSERT INTO evaluations_ground (evaluation_id, ground)
SELECT evaluation_id, 'hold' FROM screening_hold
 WHERE refuted_at IS NOT NULL AND released_at IS NULL
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    """Holds that set ratings aside before grounds were kept."""

    dependencies: ClassVar = [("screening", "0004_restoring"), ("evaluations", "0010_grounds")]

    operations: ClassVar = [migrations.RunSQL(_SQL, migrations.RunSQL.noop)]
