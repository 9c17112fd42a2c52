"""Links say through which channel they come, and on which device they were opened."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Rename the table and add the columns."""

    dependencies = [("invitations", "0001_initial")]
    operations = [
        migrations.RenameModel("Invitation", "Link"),
        migrations.AddField(
            "Link", "channel", models.SmallIntegerField(default=8), preserve_default=False
        ),
        migrations.AddField("Link", "device_id", models.IntegerField(null=True)),
        migrations.AddIndex("Link", models.Index(fields=["record_id"], name="link_by_record")),
    ]
