"""Codes of the directory, and the tables from which it is filled."""

from haochaping.directory.rules.closing import CLOSED, NoSuccessor
from haochaping.directory.rules.codes import (
    TASKS,
    ItemCode,
    ItemLevel,
    is_uscc,
    parse_item,
    uscc_check_character,
)
from haochaping.directory.rules.photos import BadPhoto, portrait
from haochaping.directory.rules.tables import (
    LABELS,
    MOST_UNDONE,
    TABLES,
    TASK_TYPES,
    UNDO,
    DepartmentRow,
    HallRow,
    ItemRow,
    Known,
    Row,
    RowError,
    StaffRow,
    Table,
    WindowRow,
    facts_of,
    kind_of,
    read_table,
)
from haochaping.directory.rules.trail import TRAIL
