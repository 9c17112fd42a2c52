"""Two people take a rating in again."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two people take a rating in again."""

    dependencies: ClassVar = [("screening", "0003_sensitive")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="hold", name="restoring_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddField(
            model_name="hold", name="restoring_by", field=models.BigIntegerField(null=True)
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("restoring_by", None),
                    ("released_by", None),
                    models.Q(("released_by", models.F("restoring_by")), _negated=True),
                    _connector="OR",
                ),
                name="two_people_take_a_rating_in_again",
            ),
        ),
    ]
