"""The published files of a log."""

from pathlib import Path

from django.conf import settings

from haochaping.ledger import rules


def home() -> Path:
    """Return the folder of all logs and their keys."""
    return Path(settings.HOME) / "ledger"


def folder(name: str) -> Path:
    """Return the folder of a log, as it is served and mirrored."""
    return home() / name


def path_of(name: str, tile: rules.Tile) -> Path:
    """Return where a tile of a log lies."""
    return folder(name) / tile.path


def read(name: str, tile: rules.Tile) -> bytes:
    """Return a tile; where its part is gone, the beginning of the whole one.

    Raises OSError where neither is there.
    """
    path = path_of(name, tile)
    if path.exists() or tile.width == rules.WIDTH:
        return path.read_bytes()
    whole = path_of(name, tile._replace(width=rules.WIDTH)).read_bytes()
    if tile.level < 0:
        return rules.packed(rules.unpacked(whole)[: tile.width])
    return whole[: tile.width * rules.HASH]


def in_files(name: str, size: int) -> rules.NodeAt:
    """Return how to find hashes in the files of a log of a size."""
    return rules.reader(lambda tile: read(name, tile), size)
