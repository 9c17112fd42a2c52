"""Erasing what is personal in a rating, which the application may not change otherwise."""

from typing import ClassVar

from django.db import migrations

SQL = """
CREATE FUNCTION hcp_erase_rating(key bigint) RETURNS void LANGUAGE sql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
  UPDATE public.evaluations_evaluation
    SET words = '', rater_name = NULL, rater_index = NULL, phone = NULL WHERE id = key;
  UPDATE public.evaluations_followup SET words = '' WHERE evaluation_id = key;
  UPDATE public.evaluations_replacement SET words = '' WHERE evaluation_id = key;
  DELETE FROM public.evaluations_trace WHERE evaluation_id = key;
$$
"""


class Migration(migrations.Migration):
    """A function of the owner."""

    dependencies: ClassVar = [("evaluations", "0007_traces_and_restored")]

    operations: ClassVar = [migrations.RunSQL(SQL, "DROP FUNCTION hcp_erase_rating(bigint)")]
