"""Cases hang on boards, of ratings too."""

from django.db import migrations, models

import haochaping.publication.rules.boards


class Migration(migrations.Migration):
    """Names what a case is of anew and says where it hangs."""

    dependencies = [("publication", "0002_releases_and_cases")]

    operations = [
        migrations.RenameField(model_name="case", old_name="order_id", new_name="source"),
        migrations.AlterField(model_name="case", name="source", field=models.BigIntegerField()),
        migrations.AddField(
            model_name="case",
            name="board",
            field=models.CharField(
                default=haochaping.publication.rules.boards.Board["RIGHT"], max_length=10
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(
                fields=("board", "source"), name="a_case_hangs_once_on_a_board"
            ),
        ),
    ]
