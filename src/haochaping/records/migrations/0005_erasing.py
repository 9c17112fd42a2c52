"""Erasing whom a service was for, which the application may not change otherwise."""

from typing import ClassVar

from django.db import migrations

SQL = """
CREATE FUNCTION hcp_erase_applicant(key bigint) RETURNS void LANGUAGE sql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
  UPDATE public.records_record SET applicant_name = NULL, phone = NULL, extra = NULL WHERE id = key;
  UPDATE public.records_amendment SET applicant_name = NULL, phone = NULL, extra = NULL
    WHERE record_id = key;
$$
"""


class Migration(migrations.Migration):
    """A function of the owner."""

    dependencies: ClassVar = [("records", "0004_keyed_digests")]

    operations: ClassVar = [migrations.RunSQL(SQL, "DROP FUNCTION hcp_erase_applicant(bigint)")]
