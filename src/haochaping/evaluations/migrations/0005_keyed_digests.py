"""Digests become keyed: those of before could be tried against guesses, so they are forgotten (0)."""

from typing import ClassVar

from django.db import migrations

_FORGET = "UPDATE {} SET digest = 0 WHERE digest <> 0"


class Migration(migrations.Migration):
    """Rewrites rows of every month; what is sent again is then taken as the same."""

    dependencies: ClassVar = [("evaluations", "0004_replaced_and_set_aside")]
    operations: ClassVar = [
        migrations.RunSQL(_FORGET.format(table), migrations.RunSQL.noop)
        for table in ("evaluations_evaluation", "evaluations_followup", "evaluations_waiting")
    ]
