"""Terms, and how far blanking has come."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Terms, and how far blanking has come."""

    initial = True
    dependencies: ClassVar = []

    operations: ClassVar = [
        migrations.CreateModel(
            name="Progress",
            fields=[
                ("key", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("day", models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=20)),
                ("days", models.IntegerField()),
                ("proposed_by", models.BigIntegerField()),
                ("proposed_at", models.DateTimeField()),
                ("decided_by", models.BigIntegerField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("approved", models.BooleanField(default=False)),
            ],
            options={
                "indexes": [models.Index(fields=["key", "-decided_at"], name="terms_of_a_key")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved", False),
                            models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="two_people_change_a_term",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("decided_at", None)),
                        fields=("key",),
                        name="one_term_waits",
                    ),
                ],
            },
        ),
    ]
