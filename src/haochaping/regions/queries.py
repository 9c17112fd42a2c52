"""Reading the tree. It is small and changes rarely, so a process keeps it for a minute."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from haochaping.kernel.db import Conversation
from haochaping.regions import models, rules

_KEEP_SECONDS = 60


@dataclass(frozen=True)
class Tree:
    """A snapshot: names of the regions in force, and where renamed codes lead."""

    names: Mapping[int, str]
    aliases: Mapping[int, int]

    def resolve(self, code: int) -> int | None:
        """Return the code in force for a code in force or renamed, None for an unknown one."""
        return code if code in self.names else self.aliases.get(code)

    def name(self, code: int) -> str:
        """Return the name of a 12- or 6-digit code.

        A city's own services (市本级) carry the city's code.
        """
        return self.names.get(code if code >= 10**11 else code * 10**6, str(code))

    def full_name(self, code: int) -> str:
        """Return city and county together: 连云港市海州区."""
        parent = rules.parent_of(code)
        above = (
            self.names.get(parent, "")
            if parent and rules.level_of(code) > 0 and parent != rules.PROVINCE_OF_THE_PLATFORM
            else ""
        )
        return above + self.name(code)

    def children(self, code: int) -> list[int]:
        """Return the regions directly below, in code order."""
        return [child for child in sorted(self.names) if rules.parent_of(child) == code]

    def within(self, code: int) -> list[int]:
        """Return a region and everything below it, in code order."""
        low, high = rules.scope(code)
        return [one for one in sorted(self.names) if low <= one <= high]

    def cities(self) -> list[int]:
        """Return the codes of the cities in order."""
        return [code for code in sorted(self.names) if rules.level_of(code) is rules.Level.CITY]


_TREE_SQL = "SELECT code, name, valid_to, successor_id FROM regions_region"
_kept: tuple[float, Tree] | None = None


def load() -> Conversation[Tree]:
    """Read the whole tree."""
    rows = yield _TREE_SQL, ()
    names = {row["code"]: row["name"] for row in rows if row["valid_to"] is None}
    return Tree(
        names, {row["code"]: row["successor_id"] for row in rows if row["successor_id"] is not None}
    )


def tree() -> Tree:
    """Return the tree, at most a minute old."""
    global _kept  # noqa: PLW0603 - a per-process cache of reference data
    if _kept is None or time.monotonic() - _kept[0] > _KEEP_SECONDS:
        regions = models.Region.objects.values_list("code", "name", "valid_to", "successor_id")
        rows = list(regions)
        if not rows:
            return Tree({}, {})
        _kept = (
            time.monotonic(),
            Tree(
                {code: name for code, name, until, _ in rows if until is None},
                {code: next_ for code, _, _, next_ in rows if next_},
            ),
        )
    return _kept[1]


def entries(scope: tuple[int, int]) -> list[models.Region]:
    """Return the regions within a range, abolished ones too."""
    return list(models.Region.objects.filter(code__range=scope).order_by("code"))


def forget() -> None:
    """Drop the kept tree: the table was written to."""
    global _kept  # noqa: PLW0603 - a per-process cache of reference data
    _kept = None
