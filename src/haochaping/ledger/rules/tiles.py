"""Tiles of a log (C2SP tlog-tiles): 256 hashes a file, named by level and number, so that a log is
a folder of files that never change and any web server can serve.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from haochaping.ledger.rules.tree import HASH, NodeAt, node_hash

HEIGHT = 8
WIDTH = 1 << HEIGHT  # hashes in a whole tile, entries in a whole bundle


class Tile(NamedTuple):
    """A file of hashes; `level` is -1 for a bundle of entries."""

    level: int
    number: int
    width: int  # 256, or fewer for the last of its level

    @property
    def path(self) -> str:
        """Return its place below the log's folder, such as `tile/0/x001/234.p/5`."""
        level = "entries" if self.level < 0 else str(self.level)
        part = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{_numbered(self.number)}{part}"


def _numbered(number: int) -> str:
    """Return a number in groups of three digits, all but the last with an x before it."""
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.append(f"x{number % 1000:03d}")
    return "/".join(reversed(groups))


def _of_level(level: int, before: int, size: int) -> Iterator[Tile]:
    for number in range(before // WIDTH, -(-size // WIDTH)):
        yield Tile(level, number, min(WIDTH, size - number * WIDTH))


def bundles(before: int, size: int) -> Iterator[Tile]:
    """Yield the bundles that a log of `size` entries has and one of `before` had not."""
    return _of_level(-1, before, size) if size > before else iter(())


def tiles(before: int, size: int) -> Iterator[Tile]:
    """Yield the tiles of hashes that a log of `size` has and one of `before` had not, the lowest
    level first.
    """
    level = 0
    while size:
        if size > before:
            yield from _of_level(level, before, size)
        level, before, size = level + 1, before >> HEIGHT, size >> HEIGHT


def tile_of(level: int, number: int, size: int) -> Tile:
    """Return the tile as it is in a log of `size` entries; raises ValueError where it has none."""
    width = min(WIDTH, (size >> HEIGHT * max(level, 0)) - number * WIDTH)
    if width <= 0:
        raise ValueError(level, number, size)
    return Tile(level, number, width)


def packed(entries: Sequence[bytes]) -> bytes:
    """Return a bundle: each entry behind its length in two bytes."""
    return b"".join(len(entry).to_bytes(2) + entry for entry in entries)


def unpacked(bundle: bytes) -> list[bytes]:
    """Return the entries of a bundle; raises ValueError where it is cut short."""
    found, place = [], 0
    while place < len(bundle):
        length = int.from_bytes(bundle[place : place + 2])
        entry = bundle[place + 2 : place + 2 + length]
        if len(entry) != length or len(bundle) < place + 2:
            raise ValueError("a bundle is cut short")
        found.append(entry)
        place += 2 + length
    return found


def summit(hashes: bytes) -> bytes:
    """Return the root over 256 hashes, one after the other: what the tile above holds of them."""
    row = [hashes[place : place + HASH] for place in range(0, len(hashes), HASH)]
    while len(row) > 1:
        row = [node_hash(left, right) for left, right in zip(row[::2], row[1::2], strict=True)]
    return row[0]


def reader(read: Callable[[Tile], bytes], size: int) -> NodeAt:
    """Return how to find a node's hash in the tiles of a log of `size` entries. What was read once
    is kept; raises ValueError for a tile that is cut short.
    """
    kept: dict[tuple[int, int], bytes] = {}

    def at(level: int, index: int) -> bytes:
        row = level % HEIGHT
        number, place = divmod(index << row, WIDTH)
        key = (level // HEIGHT, number)
        if key not in kept:
            tile = tile_of(*key, size)
            kept[key] = read(tile)
            if len(kept[key]) != tile.width * HASH:
                raise ValueError(f"{tile.path} is cut short")
        hashes = kept[key][place * HASH : (place + (1 << row)) * HASH]
        if len(hashes) != HASH << row:
            raise ValueError("the node is not in the tree")
        return summit(hashes)

    return at
