"""The table comes from `orders`, where attachments lived at first; it learns its region."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Tells Django of the model; the table itself was renamed and filled by orders 0003."""

    initial = True
    dependencies = [("orders", "0003_rooms_of_their_own")]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="Attachment",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("order_id", models.BigIntegerField(db_index=True)),
                        ("region", models.BigIntegerField()),
                        ("name", models.CharField(max_length=80)),
                        ("kind", models.CharField(max_length=5)),
                        ("size", models.IntegerField()),
                        ("digest", models.BinaryField()),
                        ("data", models.BinaryField()),
                        ("verdict", models.CharField(max_length=10)),
                        ("by", models.BigIntegerField()),
                        ("at", models.DateTimeField()),
                    ],
                )
            ]
        )
    ]
