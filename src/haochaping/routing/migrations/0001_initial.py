"""The table comes from `orders`, where dispatch rules lived at first; here it gets its model."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Tells Django, and changes nothing in the database."""

    initial = True
    dependencies = [("orders", "0003_rooms_of_their_own")]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="Rule",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("region", models.BigIntegerField()),
                        ("rated_department_id", models.IntegerField(null=True)),
                        ("item_id", models.IntegerField(null=True)),
                        ("department_id", models.IntegerField()),
                        ("by", models.BigIntegerField()),
                        ("at", models.DateTimeField()),
                        ("retired_at", models.DateTimeField(null=True)),
                    ],
                )
            ]
        )
    ]
