"""Days that are not compared."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Days that are not compared."""

    dependencies: ClassVar = [("exchange", "0009_turn")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="reconciled",
            name="answer",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="reconciled", name="unanswered_since", field=models.DateTimeField(null=True)
        ),
        migrations.AlterField(
            model_name="reconciled", name="asked", field=models.IntegerField(default=0)
        ),
        migrations.AlterField(
            model_name="reconciled", name="at", field=models.DateTimeField(null=True)
        ),
        migrations.AlterField(
            model_name="reconciled", name="differing", field=models.IntegerField(default=0)
        ),
        migrations.AlterField(
            model_name="reconciled", name="ours", field=models.IntegerField(default=0)
        ),
        migrations.AlterField(
            model_name="reconciled", name="theirs", field=models.IntegerField(default=0)
        ),
    ]
