"""Where a record comes from, and amendments.

A record is never changed, what became of it is a row beside it.
"""

from django.db import migrations, models

FORWARD = """
ALTER TABLE records_record ADD COLUMN origin smallint NOT NULL DEFAULT 1 CHECK (origin BETWEEN 1 AND 3);
CREATE TABLE records_amendment (
  record_id bigint NOT NULL,
  no smallint NOT NULL,
  region bigint NOT NULL,
  status smallint NOT NULL CHECK (status BETWEEN 1 AND 3),
  service_name text NOT NULL,
  accepted_at timestamptz,
  finished_at timestamptz,
  window_id int,
  window_code text,
  staff_id int,
  online bool,
  applicant_name bytea,
  phone bytea,
  phone_index bytea,
  extra jsonb,
  reason text NOT NULL,
  digest bigint NOT NULL,
  client_id int,
  received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (record_id, no)
) PARTITION BY RANGE (record_id);
CREATE INDEX records_by_phone ON records_record (phone_index, id DESC) WHERE phone_index IS NOT NULL;
CREATE INDEX records_by_window ON records_record (window_id, id DESC) WHERE window_id IS NOT NULL;
CREATE OR REPLACE FUNCTION hcp_make_month(month date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  start date := date_trunc('month', month)::date;
  low bigint := (extract(epoch FROM start)::bigint - 1577836800) << 32;
  high bigint := (extract(epoch FROM (start + interval '1 month'))::bigint - 1577836800) << 32;
  parent text;
BEGIN
  IF to_regclass(format('public.records_amendment_%s', to_char(start, 'YYYYMM'))) IS NOT NULL THEN
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(7311201);
  FOREACH parent IN ARRAY ARRAY['records_record', 'records_amendment', 'evaluations_evaluation', 'evaluations_followup'] LOOP
    EXECUTE format('CREATE TABLE IF NOT EXISTS public.%I PARTITION OF public.%I FOR VALUES FROM (%s) TO (%s)',
                   parent || '_' || to_char(start, 'YYYYMM'), parent, low, high);
  END LOOP;
END $$;
"""
# Months that were made before these tables existed get their partitions too.
CATCH_UP = """
SELECT hcp_make_month(to_date(right(inhrelid::regclass::text, 6), 'YYYYMM')) FROM pg_inherits
  WHERE inhparent = 'records_record'::regclass;
"""


class Migration(migrations.Migration):
    """Make the column and the table; take the new tables into the monthly partitions."""

    dependencies = [("records", "0002_tables"), ("evaluations", "0003_origin_and_waiting")]
    operations = [
        migrations.RunSQL(FORWARD, migrations.RunSQL.noop),
        migrations.RunSQL(CATCH_UP, migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Amendment",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "record_id",
                        "no",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("record_id", models.BigIntegerField()),
                ("no", models.SmallIntegerField()),
                ("region", models.BigIntegerField()),
                ("status", models.SmallIntegerField()),
                ("service_name", models.TextField()),
                ("accepted_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("window_id", models.IntegerField(null=True)),
                ("window_code", models.TextField(null=True)),
                ("staff_id", models.IntegerField(null=True)),
                ("online", models.BooleanField(null=True)),
                ("applicant_name", models.BinaryField(null=True)),
                ("phone", models.BinaryField(null=True)),
                ("phone_index", models.BinaryField(null=True)),
                ("extra", models.JSONField(null=True)),
                ("reason", models.TextField()),
                ("digest", models.BigIntegerField()),
                ("client_id", models.IntegerField(null=True)),
                ("received_at", models.DateTimeField()),
            ],
            options={"db_table": "records_amendment", "managed": False},
        ),
    ]
