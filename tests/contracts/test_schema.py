"""The schema contract of the data design §1, read from pg_catalog.

What must hold so that Citus can distribute the big tables as they are.
"""

import pytest

from haochaping.kernel.db import rows
from haochaping.site.upkeep import BIG

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("table", "key"), BIG.items())
def test_a_big_table_has_one_key_that_is_primary_partition_and_distribution_key(
    table: str, key: str
) -> None:
    partition = rows("SELECT pg_get_partkeydef($1::regclass) AS definition", table)[0]["definition"]
    assert partition == f"RANGE ({key})"
    unique = rows(
        "SELECT pg_get_indexdef(indexrelid) AS definition, indisprimary FROM pg_index WHERE "
        "indrelid = $1::regclass AND indisunique",
        table,
    )
    assert [row["indisprimary"] for row in unique] == [True]
    assert f"({key}" in unique[0]["definition"]  # children may number themselves behind it


@pytest.mark.parametrize("table", [*BIG, "records_key", "feed_pending"])
def test_a_big_table_has_no_identity_no_row_trigger_and_no_default_from_a_sequence(
    table: str,
) -> None:
    assert (
        rows(
            "SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attidentity <> ''",
            table,
        )
        == []
    )
    assert (
        rows(
            # site/access.sql makes that one where there is no Citus; no insertion fires it
            "SELECT tgname FROM pg_trigger WHERE tgrelid = $1::regclass AND NOT tgisinternal "
            "AND (tgname <> 'count_at_once' OR tgtype & 4 <> 0)",
            table,
        )
        == []
    )
    assert (
        rows(
            "SELECT 1 FROM pg_attrdef WHERE adrelid = $1::regclass AND pg_get_expr(adbin, adrelid) "
            "LIKE '%nextval%'",
            table,
        )
        == []
    )


def test_facts_carry_their_place_and_day_and_nothing_refers_to_them_by_foreign_key() -> None:
    for table in ("records_record", "evaluations_evaluation"):
        found = {
            row["attname"]
            for row in rows(
                "SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0",
                table,
            )
        }
        assert {"region", "city", "county", "street", "day"} <= found
    assert (
        rows(
            "SELECT conname FROM pg_constraint WHERE contype = 'f' AND confrelid = "
            "ANY($1::regclass[])",
            [*BIG, "records_key"],
        )
        == []
    )


def test_partitions_of_all_big_tables_are_cut_at_the_same_keys() -> None:
    inherited = "SELECT inhrelid FROM pg_inherits WHERE inhparent = $1::regclass"
    statement = f"SELECT pg_get_expr(relpartbound, oid) AS bound FROM pg_class WHERE oid IN ({inherited}) ORDER BY 1"
    before = len(rows(statement, "records_record"))
    rows("SELECT hcp_make_month('2030-12-15'::date)")
    rows("SELECT hcp_make_month('2030-12-01'::date)")  # again is fine
    rows("SELECT hcp_make_month('2019-03-01'::date)")  # before the epoch: negative keys
    bounds = {table: rows(statement, table) for table in BIG}
    assert len({str(found) for found in bounds.values()}) == 1
    assert len(bounds["records_record"]) == before + 2
