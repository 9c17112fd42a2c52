"""Written by Django."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Written by Django."""

    dependencies = [("notifications", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("office", models.BigIntegerField()),
                ("department_id", models.IntegerField(null=True)),
                ("way", models.CharField(max_length=10)),
                ("address", models.BinaryField()),
                ("sent_to", models.BigIntegerField()),
                ("told_at", models.DateTimeField(null=True)),
                ("leased_until", models.DateTimeField(null=True)),
                ("added_by", models.BigIntegerField()),
                ("added_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Seen",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("user_id", models.BigIntegerField(unique=True)),
                ("notice_id", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("office", models.BigIntegerField()),
                ("right", models.CharField(max_length=20)),
                ("department_id", models.IntegerField(null=True)),
                ("topic", models.CharField(max_length=20)),
                ("subject_id", models.BigIntegerField()),
                ("label", models.CharField(max_length=60)),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["office", "department_id", "id"], name="notices_of_an_office"
                    )
                ]
            },
        ),
    ]
