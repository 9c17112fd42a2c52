"""Maps that offices bring along."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """First."""

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Map",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("region", models.BigIntegerField()),
                ("approval", models.CharField(max_length=40)),
                ("width", models.FloatField()),
                ("height", models.FloatField()),
                ("areas", models.JSONField()),
                ("by", models.BigIntegerField()),
                ("made_at", models.DateTimeField()),
                ("retired_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("retired_at", None)),
                        fields=("region",),
                        name="one_map_of_a_place",
                    )
                ]
            },
        )
    ]
