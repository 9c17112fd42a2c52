"""Who people are to the identity provider."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """A subject for each account, which belongs to one."""

    dependencies: ClassVar = [("identity", "0009_partners_are_no_integrators")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="user", name="subject", field=models.CharField(blank=True, max_length=300)
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                fields=["subject"], condition=~models.Q(subject=""), name="one_person_a_subject"
            ),
        ),
    ]
