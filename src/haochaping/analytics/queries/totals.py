"""Totals of ratings over the roll-ups: whole months from the months' tables, the days at the ends
from the days', and what the fold has not covered yet, counted from the facts.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from operator import itemgetter
from typing import Any

from django.db import connection, transaction

from haochaping.analytics.queries import counting
from haochaping.analytics.queries.kept import Row, Version, asked
from haochaping.analytics.rules import grains
from haochaping.analytics.rules.counts import Counts
from haochaping.analytics.rules.grains import Part, Subject
from haochaping.feed import queries as feed
from haochaping.feed.rules import Kind
from haochaping.kernel.db import rows
from haochaping.kernel.moments import business_day
from haochaping.regions.rules import Level

type Among = tuple[str, Collection[int]] | None  # a column, and the units that are wanted


@contextmanager
def still() -> Iterator[None]:
    """Read everything within as of one moment, unless a transaction is open already (the pages of
    the back-office are in one that stands still, `config/gate.py`).
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        rows("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


@dataclass(frozen=True)
class Fresh:
    """What the fold has not covered at this moment; read once for a page."""

    kinds: tuple[int, ...] = ()
    refs: tuple[int, ...] = ()
    orders: tuple[int, ...] = ()
    today: date = date.max  # until when limits that ended count
    version: Version | None = None  # of the roll-ups, where what was asked may be kept

    @cached_property
    def cells(self) -> list[Row]:
        """What these facts change, by every dimension and with every sum; looked up once, for
        planning a look at partitioned tables costs more than all roll-ups of a page.
        """
        if not self.refs:
            return []
        changed = rows(counting.CHANGES, list(self.kinds), list(self.refs))
        return [
            {
                **row,
                **{f"n{n}": row["sign"] * (row["level"] == n) for n in range(1, 6)},
                **{f"x{n}": (row["gone"] == n) - (row["come"] == n) for n in range(1, 6)},
                **{
                    f"net{n}": (row["sign"] * (row["level"] == n))
                    - ((row["gone"] == n) - (row["come"] == n))
                    for n in range(1, 6)
                },
                "month": grains.month_of(row["day"]),
                "weekday": row["day"].isoweekday(),
                "region": row["county"] * 10**6,
                "follow_ups": row["follow_up"],
                "set_aside": row["aside"],
                "services": row["service"],
            }
            for row in changed
        ]

    @cached_property
    def codes(self) -> list[Row]:
        """The indicators of these facts, by every dimension."""
        return [
            {**row, "code": code, "n": n, "x": x}
            for row in self.cells
            for name, n, x in (
                ("codes", row["sign"], 0),
                ("codes_gone", 0, 1),
                ("codes_come", 0, -1),
            )
            for code in row[name]
        ]


def fresh(at: datetime | None = None) -> Fresh:
    """Return what the fold has not covered: in a transaction that stands still, figures that add
    it are exact as of that moment. With a moment, what is due after its day is not due yet, and
    what was asked in the same minute may be told again.
    """
    found = rows(feed.uncovered(counting.CURSOR))
    facts = [(row["kind"], row["ref"]) for row in found if row["kind"] != Kind.ORDER]
    orders = sorted({row["ref"] for row in found if row["kind"] == Kind.ORDER})
    kinds, refs = tuple(kind for kind, _ in facts), tuple(ref for _, ref in facts)
    if at is None:
        return Fresh(kinds, refs, tuple(orders))
    version = Version(**rows(_VERSION)[0], minute=int(at.timestamp()) // 60)
    return Fresh(kinds, refs, tuple(orders), business_day(at), version)


_VERSION = f"""
SELECT {feed.position(counting.CURSOR)} AS no,
       COALESCE(current_setting('app.low', true), '') AS low,
       COALESCE(current_setting('app.high', true), '') AS high
"""


@dataclass(frozen=True)
class Cut:
    """What is looked at: regions, days, and what else it is narrowed to (None: all)."""

    scope: tuple[int, int]
    since: date
    until: date
    department_id: int | None = None
    window_id: int | tuple[int, ...] | None = None  # or any of those of a hall
    staff_id: int | None = None
    item_id: int | None = None
    channel: int | None = None
    party: int | None = None
    # nothing after its last day may show through: not even in a whole month's figures
    settled: bool = False

    @property
    def subject(self) -> Subject:
        """Return whose tables answer it: the narrowest thing that it names."""
        for subject in (Subject.STAFF, Subject.WINDOW, Subject.ITEM, Subject.DEPARTMENT):
            if getattr(self, subject) is not None:
                return subject
        return Subject.PLACE


def narrow(cut: Cut) -> bool:
    """Say whether a cut is of less than a city: cells of cities cannot answer it."""
    low, high = cut.scope
    return bool(high - low < 10**Level.CITY - 1)


_FILTERS = ("department_id", "window_id", "staff_id", "item_id", "party")
# Columns that one may group by, as expressions.
BY = {
    "day": "day",
    "month": "date_trunc('month', day)::date",
    "county": "county",
    "city": "city",
    "channel": "channel",
    "party": "party",
    "hour": "hour",
    "weekday": "extract(isodow FROM day)::int",
    "code": "code",
    **{subject.value: subject.value for subject in Subject if subject is not Subject.PLACE},
}


class Statement:
    """A statement being put together: its parts and its arguments."""

    def __init__(self) -> None:
        self.arguments: list[object] = []

    def place(self, value: object, kind: str) -> str:
        """Return the place of an argument."""
        self.arguments.append(value)
        return f"${len(self.arguments)}::{kind}"

    def within(self, cut: Cut, since: date, until: date, among: Among = None) -> str:
        """Return the condition on days, regions, what the cut names, and units of a kind."""
        days = f"{self.place(since, 'date')} AND {self.place(until, 'date')}"
        low, high = (self.place(end, "bigint") for end in cut.scope)
        conditions = [f"day BETWEEN {days}", f"region BETWEEN {low} AND {high}"]
        for name in _FILTERS:
            wanted = getattr(cut, name)
            if isinstance(wanted, tuple):
                conditions.append(f"{name} = ANY({self.place(list(wanted), 'int[]')})")
            elif wanted is not None:
                conditions.append(f"{name} = {self.place(wanted, 'int')}")
        if among is not None:
            column, keys = among
            conditions.append(f"{column} = ANY({self.place(list(keys), 'int[]')})")
        if cut.channel is not None:
            # services have no channel: they stay, as what could have been rated
            conditions.append(f"channel IN (0, {self.place(cut.channel, 'int')})")
        return " AND ".join(conditions)


def _needs(cut: Cut, by: Sequence[str]) -> frozenset[str]:
    """Return the keys that a table must have to answer."""
    named = {name for name in _FILTERS if getattr(cut, name) is not None}
    if cut.channel is not None:
        named.add("channel")
    if narrow(cut):
        named.add("county")
    return frozenset(named | (set(by) - {"day", "month", "weekday", "city"}))


def widened(cut: Cut, by: Sequence[str] = (), subject: Subject | None = None) -> tuple[date, date]:
    """Return the days that a cut is answered for: whole months where only months are kept."""
    parts = grains.plan(
        grains.OF[subject or cut.subject],
        cut.since,
        cut.until,
        needs=_needs(cut, by),
        settled=cut.settled,
    )
    return min(part.since for part in parts), max(part.until for part in parts)


def totals(
    cut: Cut,
    by: Sequence[str] = (),
    *,
    now: Fresh,
    subject: Subject | None = None,
    keys: Collection[int] | None = None,
) -> list[Row]:
    """Return the sums of a cut by some columns, one row each, with the columns of `grains.SUMS`: of
    all units of a kind, or of those with these keys.

    Grouped by day, days answer; else the coarsest tables that can.
    """
    of_whom = subject or cut.subject
    counted = "" if of_whom is Subject.PLACE else of_whom.value
    among = None if keys is None else (counted, keys)
    parts = _parts(grains.OF[of_whom], cut, by)
    return _sum(cut, by, parts, now, grains.SUMS, counted=counted, among=among)


def by_day(cut: Cut) -> bool:
    """Say whether days are kept for what a cut names, or months alone."""
    return grains.OF[cut.subject].day(_needs(cut, ("day",))) is not None


def _parts(of: grains.Choice, cut: Cut, by: Sequence[str]) -> tuple[Part, ...]:
    needs = _needs(cut, by)
    daily = of.day(needs)
    if "day" in by and daily is not None:
        return (Part(daily, cut.since, cut.until),)
    return grains.plan(of, cut.since, cut.until, needs=needs, settled=cut.settled)


_NET = {f"net{level}": f"n{level} - x{level}" for level in range(5, 0, -1)}


_LEVELS = itemgetter(*_NET)


def levels(
    cut: Cut, subject: Subject, *, now: Fresh, keys: Collection[int] | None = None
) -> dict[int, Sequence[int]]:
    """Return the adjusted levels of each unit of a kind, 非常满意 first: all that comparing
    thousands of them needs.
    """
    name = subject.value
    among = None if keys is None else (name, keys)
    parts = _parts(grains.OF[subject], cut, (name,))
    found = _sum(cut, (name,), parts, now, tuple(_NET), counted=name, among=among)
    return dict(zip(map(itemgetter(name), found), map(_LEVELS, found), strict=True))


def volumes(cut: Cut, subject: Subject, *, now: Fresh) -> dict[int, tuple[int, int]]:
    """Return how many services and ratings each unit of a kind has."""
    name = subject.value
    parts = _parts(grains.OF[subject], cut, (name,))
    sums = ("services", *grains.LEVELS)
    found = _sum(cut, (name,), parts, now, sums, counted=name)
    return {row[name]: (row["services"], sum(map(row.__getitem__, grains.LEVELS))) for row in found}


def hours(cut: Cut, by: Sequence[str], *, now: Fresh) -> list[Row]:
    """Return ratings by hour of the day or of the week, with the columns of `grains.LEVELS`: of a
    place whole, whoever rated and how.
    """
    whole = Cut(cut.scope, cut.since, cut.until)
    parts = _parts(grains.OF_HOURS, whole, by)
    return _sum(whole, by, parts, now, grains.LEVELS, counted="level")


def codes(cut: Cut, *, now: Fresh) -> list[Row]:
    """Return how often each indicator was given (`n`, and `x` of it left out when adjusted), over
    every channel and by whomever; of departments, items and windows for whole months.
    """
    cut = replace(cut, channel=None, party=None, staff_id=None)
    of = grains.OF_CODES
    if cut.subject is not Subject.PLACE:
        window = cut.subject is Subject.WINDOW
        of = grains.Choice((), (grains.CODE_WINDOW if window else grains.CODE_MONTH,))
    return _sum(cut, ("code",), _parts(of, cut, ("code",)), now, grains.CODES, counted="")


def _sum(
    cut: Cut,
    by: Sequence[str],
    parts: Sequence[Part],
    now: Fresh,
    sums: Sequence[str],
    *,
    counted: str,
    among: Among = None,
) -> list[Row]:
    statement = Statement()
    summed = ", ".join(f"sum({_NET.get(name, name)})::bigint AS {name}" for name in sums)
    group = f" GROUP BY {', '.join(map(str, range(1, len(by) + 1)))}" if by else ""
    found = [
        f"SELECT {_head(part.grain, by)}{summed} FROM {part.grain.table} "  # noqa: S608
        f"WHERE {statement.within(cut, part.since, part.until, among)}{group}"
        for part in parts
    ]
    sql = found[0]
    if len(found) > 1:
        names = f" GROUP BY {', '.join(by)}" if by else ""
        together = ", ".join([*by, *(f"sum({name})::bigint AS {name}" for name in sums)])
        sql = f"SELECT {together} FROM ({' UNION ALL '.join(found)}) AS part{names}"  # noqa: S608
    found_rows = asked(now.version, sql, *statement.arguments)
    answer = [row for row in found_rows if row[sums[0]] is not None]
    since, until = min(part.since for part in parts), max(part.until for part in parts)
    live = now.codes if sums == grains.CODES else now.cells
    added = [row for row in live if _lies_within(row, cut, since, until, counted, among)]
    return _with(answer, by, sums, added) if added else answer


def _head(grain: grains.Grain, by: Sequence[str]) -> str:
    """Return the columns that one groups by, as a table gives them."""
    return "".join(f"{name if name in grain.keys else BY[name]} AS {name}, " for name in by)


def _is(wanted: int | tuple[int, ...] | None, found: int) -> bool:
    return found in wanted if isinstance(wanted, tuple) else wanted in (None, found)


def _lies_within(row: Row, cut: Cut, since: date, until: date, counted: str, among: Among) -> bool:
    """Say whether what is not folded counts in a cut, as `Statement.within` says of cells."""
    low, high = cut.scope
    return (
        since <= row["day"] <= until
        and low <= row["region"] <= high
        and all(_is(getattr(cut, name), row[name]) for name in _FILTERS)
        and (among is None or row[among[0]] in among[1])
        and (cut.channel is None or row["channel"] in (0, cut.channel))
        and (not counted or bool(row[counted]))
    )


def _with(
    answer: Sequence[Row], by: Sequence[str], sums: Sequence[str], added: Sequence[Row]
) -> list[Row]:
    """Return sums with what is not folded added."""
    key_of = itemgetter(*by) if by else lambda _row: None
    more: dict[Any, Row] = {}
    for row in added:
        known = more.get(key := key_of(row)) or dict.fromkeys(sums, 0)
        names = {name: row[name] for name in by}
        more[key] = {**names, **{name: known[name] + row[name] for name in sums}}
    found = list(answer)  # thousands, of which a few are touched
    touched = [(at, key) for at, key in enumerate(map(key_of, answer)) if key in more]
    for at, key in touched:
        row, extra = found[at], more.pop(key)
        found[at] = {**row, **{name: row[name] + extra[name] for name in sums}}
    return [*found, *more.values()]


_OF_LEVELS, _OF_LEFT_OUT = itemgetter(*grains.LEVELS), itemgetter(*grains.LEFT_OUT)
_SERVICES = itemgetter("services", "rated", "follow_ups")
_OTHERS = itemgetter("set_aside", "improved", "worsened")


def counts(row: Row) -> Counts:
    """Return a row of sums as counts."""
    services, rated, follow_ups = _SERVICES(row)
    levels, left_out = _OF_LEVELS(row), _OF_LEFT_OUT(row)
    return Counts(levels, services, rated, follow_ups, left_out, *_OTHERS(row))


def how_many(cut: Cut, subject: Subject, *, among: str, now: Fresh) -> int:
    """Return how many different windows, items, departments or staff were rated in the whole months
    of a period, as folded: of those `among` the ids of a subquery.
    """
    statement = Statement()
    months = grains.Choice((), grains.OF[subject].months)
    (part, *_) = grains.plan(months, cut.since, cut.until, settled=cut.settled)
    where = statement.within(replace(cut, channel=None, party=None), part.since, part.until)
    rated = " + ".join(grains.LEVELS)
    found = asked(
        now.version,
        f"SELECT count(*) AS n FROM (SELECT {subject.value} FROM {part.grain.table} "  # noqa: S608
        f"WHERE {where} AND {rated} > 0 AND {subject.value} IN {among} GROUP BY 1) AS rated",
        *statement.arguments,
    )
    return int(found[0]["n"])
