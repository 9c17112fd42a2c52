"""Writing the directory: by hand, from tables, and by intake (as unconfirmed entries)."""

from haochaping.directory.actions.closing import decide_closing, propose_closing, put_closing
from haochaping.directory.actions.entries import save_rows, set_photo
from haochaping.directory.actions.naming import (
    DepartmentNamed,
    ItemNamed,
    ensure_departments,
    ensure_items,
)
from haochaping.directory.actions.undoing import Undone, undo_import
from haochaping.directory.actions.windows import decide_hours, set_in_use
