"""Where a rated service comes from, carried on the rating so that figures need no join.

And ratings that wait for their service.
"""

from django.db import migrations, models

FORWARD = """
ALTER TABLE evaluations_evaluation ADD COLUMN origin smallint NOT NULL DEFAULT 1 CHECK (origin BETWEEN 1 AND 3);
CREATE TABLE evaluations_waiting (
  project_no text NOT NULL,
  service_number smallint NOT NULL,
  kind smallint NOT NULL,
  parcel bytea NOT NULL,
  digest bigint NOT NULL,
  client_id int,
  low bigint NOT NULL,
  high bigint NOT NULL,
  since timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (project_no, service_number, kind)
);
"""


class Migration(migrations.Migration):
    """Make the column and the table."""

    dependencies = [("evaluations", "0002_tables")]
    operations = [
        migrations.RunSQL(
            FORWARD,
            "DROP TABLE evaluations_waiting; ALTER TABLE evaluations_evaluation DROP COLUMN "
            "origin;",
        ),
        migrations.CreateModel(
            name="Waiting",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "project_no",
                        "service_number",
                        "kind",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("project_no", models.TextField()),
                ("service_number", models.SmallIntegerField()),
                ("kind", models.SmallIntegerField()),
                ("parcel", models.BinaryField()),
                ("digest", models.BigIntegerField()),
                ("client_id", models.IntegerField(null=True)),
                ("low", models.BigIntegerField()),
                ("high", models.BigIntegerField()),
                ("since", models.DateTimeField()),
            ],
            options={"db_table": "evaluations_waiting", "managed": False},
        ),
    ]
