"""Erasing a bad rating whose only reason was its words."""

from typing import ClassVar

from django.db import migrations

# a bad rating has a reason: where words were the only one, what stands there says that they went
SQL = """
CREATE OR REPLACE FUNCTION hcp_erase_rating(key bigint) RETURNS void LANGUAGE sql SECURITY DEFINER
  SET search_path = pg_catalog, public, pg_temp AS $$
  UPDATE public.evaluations_evaluation
    SET words = CASE WHEN level <= 2 AND codes = '{}' THEN '（已应本人要求删除）' ELSE '' END,
        rater_name = NULL, rater_index = NULL, phone = NULL WHERE id = key;
  UPDATE public.evaluations_followup SET words = '' WHERE evaluation_id = key;
  UPDATE public.evaluations_replacement SET words = '' WHERE evaluation_id = key;
  DELETE FROM public.evaluations_trace WHERE evaluation_id = key;
$$
"""


class Migration(migrations.Migration):
    """The function of the owner, once more."""

    dependencies: ClassVar = [("evaluations", "0008_erasing")]

    operations: ClassVar = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
