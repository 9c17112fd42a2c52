"""Codes to phones are limited by whoever asks for them, too."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the blind index of the address that asked."""

    dependencies: ClassVar = [("invitations", "0005_links_for_raters")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="phonecheck", name="address_index", field=models.BinaryField(default=b"")
        ),
        migrations.AddIndex(
            model_name="phonecheck",
            index=models.Index(fields=["-sent_at"], name="phone_check_of_late"),
        ),
    ]
