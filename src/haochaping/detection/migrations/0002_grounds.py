"""Findings that set ratings aside before grounds were kept."""

from typing import ClassVar

from django.db import migrations

_SQL = """
INSERT INTO evaluations_ground (evaluation_id, ground)
SELECT rating, 'finding ' || finding.id
  FROM detection_finding AS finding, unnest(finding.ratings) AS rating
  JOIN evaluations_setaside AS aside ON aside.evaluation_id = rating
 WHERE finding.set_aside > 0 AND finding.state IN ('invalid', 'appealed', 'final')
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    """Findings that set ratings aside before grounds were kept."""

    dependencies: ClassVar = [("detection", "0001_initial"), ("evaluations", "0010_grounds")]

    operations: ClassVar = [migrations.RunSQL(_SQL, migrations.RunSQL.noop)]
