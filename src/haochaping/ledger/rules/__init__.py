"""Formats and arithmetic of the log: the tree, its tiles, and what is signed of it."""

from haochaping.ledger.rules.leaves import CHANGES, ELSEWHERE, Leaf, leaf, moved
from haochaping.ledger.rules.names import TRAIL, LogEnded, LogSound, year_of
from haochaping.ledger.rules.notes import (
    COSIGNATURE,
    ED25519,
    OTHER,
    SM2_KIND,
    BadNote,
    Checkpoint,
    Key,
    Note,
    Proof,
    Signature,
    add_checkpoint,
    cosigned,
    key_id,
    parse,
    parse_checkpoint,
    parse_proof,
    parse_vkey,
    signed_by,
    vkey,
    with_lines,
)
from haochaping.ledger.rules.tiles import (
    HEIGHT,
    WIDTH,
    Tile,
    bundles,
    packed,
    reader,
    summit,
    tile_of,
    tiles,
    unpacked,
)
from haochaping.ledger.rules.tree import (
    EMPTY,
    HASH,
    BadProof,
    NodeAt,
    check_consistency,
    check_inclusion,
    consistency,
    extend,
    frontier_at,
    inclusion,
    leaf_hash,
    node_hash,
    root,
    root_of,
)
