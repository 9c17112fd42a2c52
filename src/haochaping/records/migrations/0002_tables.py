"""The tables of service records.

One small table of keys, and the records, partitioned by month on the key (ADR 0001).
"""

from django.db import migrations

FORWARD = """
CREATE TABLE records_key (
  project_no text NOT NULL,
  service_number smallint NOT NULL,
  record_id bigint NOT NULL,
  PRIMARY KEY (project_no, service_number)
);
CREATE TABLE records_record (
  id bigint NOT NULL,
  project_no text NOT NULL,
  service_number smallint NOT NULL,
  region bigint NOT NULL,
  city int NOT NULL,
  county int NOT NULL,
  street int NOT NULL,
  day date NOT NULL,
  department_id int NOT NULL,
  item_id int NOT NULL,
  window_id int,
  window_code text,
  staff_id int,
  stage smallint NOT NULL CHECK (stage BETWEEN 1 AND 5),
  status smallint NOT NULL CHECK (status BETWEEN 1 AND 3),
  online bool,
  service_name text NOT NULL,
  served_at timestamptz NOT NULL,
  accepted_at timestamptz,
  finished_at timestamptz,
  applicant_kind smallint NOT NULL,
  applicant_name bytea,
  phone bytea,
  phone_index bytea,
  cert_index bytea,
  extra jsonb,
  digest bigint NOT NULL,
  client_id int,
  received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (id)
) PARTITION BY RANGE (id);
"""


class Migration(migrations.Migration):
    """Make the tables."""

    dependencies = [("records", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, "DROP TABLE records_record; DROP TABLE records_key;")]
