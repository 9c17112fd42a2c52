"""The published files of a log."""

from contextlib import suppress
from itertools import islice
from pathlib import Path
from stat import S_ISREG

from django.conf import settings

from haochaping.ledger import rules


def home() -> Path:
    """Return the folder of all logs and their keys."""
    return Path(settings.HOME) / "ledger"


def folder(name: str) -> Path:
    """Return the folder of a log, as it is served and mirrored."""
    return home() / name


def frozen_mark(name: str) -> Path:
    """Return the file that stands beside a log's folder while it is frozen: whoever has the
    database alone takes no freeze back.
    """
    return home() / f"{name}.frozen"


_WALKED = 200_000  # files of a log up to which each is looked at
type Look = tuple[int, int]  # of a file: when it was changed, in nanoseconds, and how long it is


def files() -> dict[Path, Look]:
    """Return the published files of every log, and how each looks from outside. Nobody sets the
    time of a file's change. It asks the disk and no database; very large logs are looked at in
    turn only.
    """
    found = dict[Path, Look]()
    for mark in home().glob("*/keys"):
        for path in islice(mark.parent.rglob("*"), _WALKED):
            with suppress(FileNotFoundError):  # a part, whose whole stands now
                state = path.stat()
                if S_ISREG(state.st_mode):
                    found[path] = state.st_ctime_ns, state.st_size
    return found


def bundles_below(path: Path, there: int) -> range:
    """Return the numbers of the bundles, of as many as are there, that a tile's file stands for;
    none for other files.
    """
    _, _, place = path.as_posix().rpartition("/tile/")
    level, _, rest = place.partition("/")
    digits = rest.partition(".p")[0].replace("/", "").replace("x", "")
    if not digits.isdigit() or not (level == "entries" or level.isdigit()):
        return range(0)
    wide = rules.WIDTH ** (int(level) if level.isdigit() else 0)
    return range(int(digits) * wide, min((int(digits) + 1) * wide, there))


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
