"""The table comes from `orders`, where texts lived at first; here it gets its model."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Tells Django, and changes nothing in the database."""

    initial = True
    dependencies = [("orders", "0003_rooms_of_their_own")]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="Text",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("region", models.BigIntegerField()),
                        ("department_id", models.IntegerField(null=True)),
                        ("fact", models.CharField(max_length=12)),
                        ("title", models.CharField(max_length=40)),
                        ("text", models.CharField(max_length=1000)),
                        ("by", models.BigIntegerField()),
                        ("retired_at", models.DateTimeField(null=True)),
                    ],
                )
            ]
        )
    ]
