"""Digests of replies become keyed; those of before could be tried against guesses and are forgotten.

Parts that lie there were kept as text and are dropped: they are minutes old at most.
"""

from typing import ClassVar

from django.db import migrations, models

_FORGET = "UPDATE notifications_reply SET digest = decode(md5(random()::text || id), 'hex')"


class Migration(migrations.Migration):
    """Adds the columns and rewrites the digests."""

    dependencies: ClassVar = [("notifications", "0002_notices")]
    operations: ClassVar = [
        migrations.RunSQL(_FORGET, migrations.RunSQL.noop),
        migrations.RunSQL("DELETE FROM notifications_replypart", migrations.RunSQL.noop),
        migrations.AddField("Reply", "said", models.BigIntegerField(default=0)),
        migrations.AddField("ReplyPart", "phone", models.BinaryField(default=b"")),
        migrations.AlterField("Reply", "received_at", models.DateTimeField(db_index=True)),
    ]
