"""Comparing with what a partner hands over as a file, for dialects that have no questions for it:
its ratings by case, service and turn, which every dialect knows.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from haochaping.exchange.rules.digests import Found, What
from haochaping.kernel.errors import Refusal
from haochaping.kernel.headings import Columns
from haochaping.kernel.moments import day_of
from haochaping.kernel.words import Words, chinese

COLUMNS = Columns(
    frozenset(
        {"projectNo", "serviceNumber", "satisfaction", "evaluateType", "assessTime", "evalDetail"}
    ),
    needed=(("projectNo",), ("satisfaction",)),
    also={
        chinese("办件编号"): "projectNo",
        chinese("服务次数"): "serviceNumber",
        chinese("满意度"): "satisfaction",
        chinese("评价等级"): "satisfaction",
        chinese("评价类型"): "evaluateType",
        chinese("评价时间"): "assessTime",
        chinese("评价指标"): "evalDetail",
    },
)
MOST_DAYS = 31
_NAME = 40  # characters of a difference's name

type Case = tuple[str, str, str]  # case number, service number, 1 first or 2 follow-up


class TooManyDays(Refusal):
    """A comparison is of some days."""

    code = "too_many_days"
    says = Words(
        f"请选择起止日期，最多 {MOST_DAYS} 天。",
        f"Choose the first and the last day, {MOST_DAYS} days at most.",
    )


@dataclass(frozen=True)
class Sent:
    """A rating as a partner was told it."""

    message: str
    delivery_id: int
    day: date
    satisfaction: str
    codes: frozenset[str]


@dataclass(frozen=True)
class Held:
    """A rating as a partner has it."""

    satisfaction: str
    day: date | None
    codes: frozenset[str] | None = None  # none: the file has no column of them
    times: int = 1  # that it stands in the file

    @property
    def told(self) -> str:
        """What stands for it: it is another one, once any of this is another."""
        return f"{self.satisfaction}/{self.day}/{'.'.join(sorted(self.codes or ()))}/{self.times}"

    def is_like(self, sent: Sent) -> bool:
        """Say whether it is what was sent, once and of its day."""
        alike = self.satisfaction == sent.satisfaction and self.codes in (None, sent.codes)
        return alike and self.times == 1 and self.day in (None, sent.day)


def codes_of(said: str) -> frozenset[str]:
    """Return indicator codes, in whatever order and with whatever sign between them."""
    return frozenset(re.findall(r"\d+", said))


def case_of(row: Mapping[str, str]) -> Case:
    """Return of which case, service and turn a row is."""
    return (
        row.get("projectNo", "").strip(),
        row.get("serviceNumber", "").strip() or "1",
        row.get("evaluateType", "").strip() or "1",
    )


def held(rows: Iterable[Mapping[str, str]]) -> dict[Case, Held]:
    """Return the ratings of a file by case; of one that stands twice the last, and how often."""
    found: dict[Case, Held] = {}
    for row in rows:
        case = case_of(row)
        if case[0]:
            found[case] = Held(
                row.get("satisfaction", "").strip(),
                day_of(row.get("assessTime", "")),
                codes_of(row["evalDetail"]) if "evalDetail" in row else None,
                found[case].times + 1 if case in found else 1,
            )
    return found


@dataclass
class Compared:
    """What comparing a day with a file found."""

    ours: int
    theirs: int
    found: list[Found]


def compare(
    sent: Mapping[Case, Sent], theirs: Mapping[Case, Held], since: date, until: date
) -> dict[date, Compared]:
    """Return what differs, by day; what they have and we never told, whose day the file does not
    say, stands on the first. What the file holds of other days is no difference of these.
    """
    days: dict[date, Compared] = {}

    def day_of(day: date) -> Compared:
        return days.setdefault(day, Compared(0, 0, []))

    for case, one in sent.items():
        day, there = day_of(one.day), theirs.get(case)
        day.ours += 1
        day.theirs += there.times if there else 0
        if there is None:
            day.found.append(Found(one.message, What.MISSING))
        elif not there.is_like(one):
            day.found.append(Found(one.message, What.ALTERED, there.told[:_NAME]))
    for case in theirs.keys() - sent.keys():
        if not since <= (theirs[case].day or since) <= until:
            continue
        day = day_of(theirs[case].day or since)
        day.theirs += theirs[case].times
        name = "/".join(case)[:_NAME]
        day.found.append(Found(name, What.UNKNOWN, theirs[case].told[:_NAME]))
    return days
