"""Mystery shoppers 暗访评价 (trust design §1.6): an auditor has real services rated as a list says
that nobody here has seen. Its hash stands in the ledger before the first of them, so that later the
list cannot be made to fit.
"""

import csv
import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from haochaping.indicators.rules import LEVELS
from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words

_SALT = re.compile("# salt [0-9a-f]{64}")
_DIGEST = re.compile("[0-9a-f]{64}")
_COLUMNS = ["project_no", "service_number", "level"]


class BadCanaries(Refusal):
    """The list is none, or it was not announced in time."""

    code = "canaries"


NO_LIST = BadCanaries(
    Words(
        "暗访名单应为 hcp_verify.py seal 生成的文件：首行为 salt，其后为 project_no,service_number,"
        "level。",
        "The list must be a file of hcp_verify.py seal: a line of salt, then project_no, "
        "service_number, level.",
    )
)
OPENED_BEFORE = BadCanaries(
    Words("这份名单的结果已经公布过。", "What became of this list was said before.")
)
NO_DIGEST = BadCanaries(
    Words("应为 hcp_verify.py seal 给出的 64 位十六进制摘要。", "Give the 64 digits of the seal.")
)
NOT_ANNOUNCED = BadCanaries(
    Words(
        "账本里没有这份名单的摘要，或名单公布前已有其中的评价。",
        "The ledger does not hold this list's digest from before the first of its ratings.",
    )
)


@dataclass(frozen=True)
class Shopper:
    """A rating that an auditor had given."""

    project_no: str
    service_number: int
    level: int


@dataclass(frozen=True)
class Shopped:
    """What became of a list: ratings by level that were planned, are not there, or say another
    level.
    """

    auditor: str
    sha256: str
    announced: int  # the leaf that holds the digest
    planned: Mapping[int, int]
    missing: Mapping[int, int]
    altered: Mapping[int, int]


def is_digest(text: str) -> bool:
    """Say whether a text is the digest of a list."""
    return _DIGEST.fullmatch(text) is not None


def digest(data: bytes) -> str:
    """Return what is announced of a list: the SHA-256 of its bytes, salt and all."""
    return hashlib.sha256(data).hexdigest()


def read_list(data: bytes) -> list[Shopper]:
    """Return who is on a list; raises BadCanaries."""
    try:
        salt, heading, *lines = data.decode().splitlines()
        if not _SALT.fullmatch(salt) or heading.split(",") != _COLUMNS:
            raise NO_LIST
        found = [
            Shopper(project_no, int(number), int(level))
            for project_no, number, level in csv.reader(line for line in lines if line)
        ]
    except ValueError:
        raise NO_LIST from None
    if not found or any(one.level not in LEVELS for one in found):
        raise NO_LIST
    return found


def auditor_of(said: str) -> str:
    """Return who announced a list, from what its leaf says."""
    auditor: str = json.loads(said)["auditor"]
    return auditor


type ByLevel = Mapping[int, int]


def compared(pairs: Sequence[tuple[int, int | None]]) -> tuple[ByLevel, ByLevel, ByLevel]:
    """Return how many ratings were planned, are missing and say another level, by the level that
    was planned; each pair is the level on the list and the one that is held, None for none.
    """
    planned = Counter(level for level, _ in pairs)
    missing = Counter(level for level, held in pairs if held is None)
    altered = Counter(level for level, held in pairs if held not in (None, level))
    return planned, missing, altered
