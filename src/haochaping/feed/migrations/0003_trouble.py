"""Readers that fail are written down, so that doctor can name them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A small table; a reader that is well has no row."""

    dependencies = [("feed", "0002_tables")]
    operations = [
        migrations.CreateModel(
            name="Trouble",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("since", models.DateTimeField()),
                ("times", models.IntegerField()),
                ("error", models.CharField(max_length=200)),
            ],
        )
    ]
