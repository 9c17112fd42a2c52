"""The tables of ratings, partitioned like the records they belong to, and the function that makes a
month's partitions.
"""

from django.db import migrations

FORWARD = """
CREATE TABLE evaluations_evaluation (
  id bigint NOT NULL,
  sign smallint NOT NULL DEFAULT 1 CHECK (sign IN (-1, 1)),
  region bigint NOT NULL,
  city int NOT NULL,
  county int NOT NULL,
  street int NOT NULL,
  day date NOT NULL,
  service_day date NOT NULL,
  department_id int NOT NULL,
  item_id int NOT NULL,
  window_id int,
  staff_id int,
  channel smallint NOT NULL,
  level smallint NOT NULL CHECK (level BETWEEN 1 AND 5),
  codes smallint[] NOT NULL,
  words text NOT NULL,
  rated_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  anonymous bool NOT NULL,
  rater_name bytea,
  rater_index bytea,
  phone bytea,
  digest bigint NOT NULL,
  client_id int,
  PRIMARY KEY (id),
  CONSTRAINT a_bad_rating_has_a_reason CHECK (level > 2 OR codes <> '{}' OR words <> '')
) PARTITION BY RANGE (id);
CREATE INDEX evaluations_bad ON evaluations_evaluation (city, id DESC) WHERE level <= 2;
CREATE TABLE evaluations_followup (
  evaluation_id bigint NOT NULL,
  region bigint NOT NULL,
  day date NOT NULL,
  channel smallint NOT NULL,
  level smallint NOT NULL CHECK (level BETWEEN 1 AND 5),
  codes smallint[] NOT NULL,
  words text NOT NULL,
  rated_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  digest bigint NOT NULL,
  client_id int,
  PRIMARY KEY (evaluation_id)
) PARTITION BY RANGE (evaluation_id);

-- Makes the partitions of one month where they are missing. It runs with its owner's rights: the application may add months and nothing else.
-- The lock lets one caller at a time look and make, so that two intakes of a new month do not fail on each other.
CREATE FUNCTION hcp_make_month(month date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  start date := date_trunc('month', month)::date;
  low bigint := (extract(epoch FROM start)::bigint - 1577836800) << 32;
  high bigint := (extract(epoch FROM (start + interval '1 month'))::bigint - 1577836800) << 32;
  parent text;
BEGIN
  IF to_regclass(format('public.evaluations_followup_%s', to_char(start, 'YYYYMM'))) IS NOT NULL THEN
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(7311201);
  FOREACH parent IN ARRAY ARRAY['records_record', 'evaluations_evaluation', 'evaluations_followup'] LOOP
    EXECUTE format('CREATE TABLE IF NOT EXISTS public.%I PARTITION OF public.%I FOR VALUES FROM (%s) TO (%s)',
                   parent || '_' || to_char(start, 'YYYYMM'), parent, low, high);
  END LOOP;
END $$;
"""
BACKWARD = "DROP FUNCTION hcp_make_month; DROP TABLE evaluations_followup; DROP TABLE evaluations_evaluation;"


class Migration(migrations.Migration):
    """Make the tables."""

    dependencies = [("evaluations", "0001_initial"), ("records", "0002_tables")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
