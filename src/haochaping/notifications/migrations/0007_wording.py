"""Texts of messages as offices had them approved."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Texts of messages as offices had them approved."""

    dependencies: ClassVar = [("notifications", "0006_listed")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Text",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("template", models.CharField(max_length=20)),
                ("text", models.CharField(max_length=400)),
                ("proposed_by", models.BigIntegerField()),
                ("proposed_at", models.DateTimeField()),
                ("decided_by", models.BigIntegerField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("approved", models.BooleanField(default=False)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["template", "-decided_at"], name="texts_of_a_template")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approved", False),
                            models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="two_people_change_a_text",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("decided_at", None)),
                        fields=("template",),
                        name="one_text_waits",
                    ),
                ],
            },
        )
    ]
