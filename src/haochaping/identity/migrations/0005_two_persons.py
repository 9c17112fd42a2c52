"""Posts that wait for a second person, and temporary passwords."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Whoever holds a post already keeps it."""

    dependencies = [("identity", "0004_scopes_of_clients")]

    operations = [
        migrations.AddField(model_name="grant", name="by", field=models.BigIntegerField(default=0)),
        migrations.AddField(
            model_name="grant", name="waits", field=models.BooleanField(default=False)
        ),
        migrations.AddField(
            model_name="user", name="must_change", field=models.BooleanField(default=False)
        ),
    ]
