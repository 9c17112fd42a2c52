"""Codes of the directory, and the tables from which it is filled."""

from haochaping.directory.rules.codes import ItemCode, ItemLevel, is_uscc, parse_item, uscc_check_character
from haochaping.directory.rules.tables import (
    TABLES,
    DepartmentRow,
    HallRow,
    ItemRow,
    Known,
    Row,
    RowError,
    StaffRow,
    Table,
    WindowRow,
    read_table,
)

__all__ = [
    "TABLES",
    "DepartmentRow",
    "HallRow",
    "ItemCode",
    "ItemLevel",
    "ItemRow",
    "Known",
    "Row",
    "RowError",
    "StaffRow",
    "Table",
    "WindowRow",
    "is_uscc",
    "parse_item",
    "read_table",
    "uscc_check_character",
]
