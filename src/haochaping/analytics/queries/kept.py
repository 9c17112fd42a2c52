"""What was asked of the roll-ups before, as long as the fold has not moved on: the same figures are
not added up again for the second reader of a page.
"""

from functools import lru_cache
from typing import Any, NamedTuple

from haochaping.kernel.db import rows

type Row = dict[str, Any]


class Version(NamedTuple):
    """What a reader sees: how far the fold has come, within which regions; and the minute, so that
    after a repair (`hcp doctor --rebuild`) nothing old is told for longer than one.
    """

    no: int
    low: str
    high: str
    minute: int


def asked(version: Version | None, sql: str, *arguments: object) -> list[Row]:
    """Return the rows of a statement over the roll-ups, which nobody may change; anew where there
    is no version.
    """
    if version is None:
        return rows(sql, *arguments)
    return _asked(version, sql, tuple(tuple(x) if isinstance(x, list) else x for x in arguments))


@lru_cache(maxsize=256)
def _asked(_version: Version, sql: str, arguments: tuple[object, ...]) -> list[Row]:
    return rows(sql, *(list(x) if isinstance(x, tuple) else x for x in arguments))


forget = _asked.cache_clear
