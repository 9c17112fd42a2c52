"""Reading the logs: their state, their files, their keys, and proofs."""

from haochaping.ledger.queries.files import (
    Look,
    bundles_below,
    files,
    folder,
    frozen_mark,
    home,
    in_files,
    path_of,
    read,
)
from haochaping.ledger.queries.keys import (
    Secret,
    keys_hold,
    keys_of,
    published_keys,
    secrets_of,
    sign,
    signed_by_us,
    vkeys,
)
from haochaping.ledger.queries.logs import (
    AUDIT,
    EVERY,
    LEAVES,
    Covering,
    Log,
    bodies,
    covering,
    entries,
    frontier,
    last_signed,
    log_named,
    logs,
    names,
    prove,
    root_at,
    root_of,
    uncosigned_since,
    witnessed,
    written_since,
)
from haochaping.ledger.queries.trail import (
    Checked,
    bare_trail,
    changed_trail,
    check_trail,
    commitment,
)
