"""Written by Django."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Written by Django."""

    dependencies = [("screening", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="hold",
            name="doubt",
            field=models.CharField(blank=True, default="", max_length=500),
        ),
        migrations.AddField(
            model_name="hold", name="doubted_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddField(
            model_name="hold", name="doubted_by", field=models.BigIntegerField(null=True)
        ),
        migrations.AddField(
            model_name="hold", name="refuted_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddField(
            model_name="hold", name="refuted_by", field=models.BigIntegerField(null=True)
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("refuted_at", None),
                    models.Q(
                        ("doubted_by__isnull", False),
                        models.Q(("refuted_by", models.F("doubted_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="two_people_refute_a_rating",
            ),
        ),
    ]
