"""What a detector is: one file each, with its definition, what it needs, and its words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from haochaping.detection.rules.compare import Scored
from haochaping.detection.rules.world import World
from haochaping.kernel.words import Words


class Unit(StrEnum):
    """What a detector looks at."""

    WINDOW = "window"
    STAFF = "staff"
    DEPARTMENT = "department"


UNITS: Mapping[Unit, Words] = {
    Unit.WINDOW: Words("窗口", "window"),
    Unit.STAFF: Words("人员", "member of staff"),
    Unit.DEPARTMENT: Words("部门", "department"),
}


@dataclass(frozen=True)
class Detector:
    """One way to see gaming. `said` has places for k, n, share and expected; `honest` says what may
    look the same and is none, which whoever decides must have asked.
    """

    key: str
    code: str  # in the trust design's table: D1…D19
    name: Words
    unit: Unit
    definition: Words
    needs: Words
    said: Words
    honest: Words
    score: Callable[[World], Scored]
    fakes: bool = False  # the ratings that it marks are themselves what is not genuine

    def sentence(self, facts: Mapping[str, Any]) -> Words:
        """Return the figures in words."""
        given = {
            "k": facts["k"],
            "n": facts["n"],
            "share": f"{facts['share']:.1%}",
            "expected": f"{facts['expected']:.1%}",
        }
        return Words(self.said.zh.format(**given), self.said.en.format(**given))
