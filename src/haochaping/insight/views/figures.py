"""Tables and charts that several pages have: trend, levels, channels, indicators, bands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from haochaping.analytics import queries
from haochaping.analytics.queries import Cut, Fresh
from haochaping.analytics.rules import Counts
from haochaping.evaluations.rules import CHANNELS, Channel
from haochaping.indicators import queries as indicators
from haochaping.indicators.rules import BAD, LEVELS
from haochaping.insight.rules import course, drawing
from haochaping.insight.rules.comparison import Compared
from haochaping.insight.rules.course import Change, Course, Point
from haochaping.insight.rules.fair import BANDS
from haochaping.insight.rules.periods import Period, Span, containing, run
from haochaping.insight.views.asked import Asked
from haochaping.kernel.tables import Cell, Column, Kind, Line, Table
from haochaping.kernel.words import Words

RATINGS = Column(Words("评价", "Ratings"), Kind.COUNT)
GOOD = Column(Words("主动评价好评率", "Good"), Kind.SHARE)
BAD_ONES = Column(Words("差评", "Bad"), Kind.COUNT)
LOW, HIGH = (
    Column(Words("95% 下限", "95 % low"), Kind.SHARE),
    Column(Words("95% 上限", "95 % high"), Kind.SHARE),
)
RATED = Column(Words("评价率", "Share rated"), Kind.SHARE)


@dataclass(frozen=True)
class Trend:
    """How it went: periods with their counts, the chart of their bad share, and what changed."""

    periods: tuple[Period, ...]
    counts: tuple[Counts, ...]
    course: Course | None
    changes: tuple[Change, ...]
    volume: drawing.Axis
    share: drawing.Axis
    bars: tuple[drawing.Bar, ...]
    xs: tuple[float, ...]
    line: str
    limits: str
    unfinished: bool

    @property
    def marks(self) -> list[tuple[float, float, bool]]:
        """Points outside their limits: where, and whether it is worse."""
        if self.course is None:
            return []
        return [
            (x, self.share.at(point.share), point.share > self.course.mean)
            for x, point in zip(self.xs, self.course.points, strict=False)
            if point.outside and point.share is not None
        ]

    @property
    def drifts(self) -> list[tuple[float, bool]]:
        """Periods in which the share is off its middle and stays so (EWMA): where, and whether it
        is worse.
        """
        points = self.course.points if self.course else ()
        return [
            (x, point.drift > 0)
            for x, point in zip(self.xs, points, strict=False)
            if point.drifting
        ]


LEFT, RIGHT, TOP, BOTTOM = 54.0, 880.0, 16.0, 204.0
_BACK = {Span.DAY: 30, Span.WEEK: 26, Span.MONTH: 13, Span.QUARTER: 8, Span.YEAR: 5}


def trend(asked: Asked, **narrow: Any) -> Trend:
    """Return the periods that lead up to the one asked for: months where days are not kept for what
    is asked.
    """
    if asked.period.span in (Span.DAY, Span.WEEK) and not queries.by_day(asked.cut(**narrow)):
        asked = replace(asked, period=containing(Span.MONTH, asked.period.since))
    leading = run(asked.period, _BACK[asked.period.span])
    by = "day" if asked.period.span in (Span.DAY, Span.WEEK) else "month"
    whole = asked.during(leading[0].since, min(leading[-1].until, asked.today), **narrow)
    sums: dict[int, Counts] = {}
    for row in queries.totals(whole, (by,), now=asked.now):
        at = _place(leading, row[by])
        if at is not None:
            sums[at] = sums.get(at, Counts()) + queries.counts(row)
    return drawn(leading, [sums.get(at, Counts()) for at in range(len(leading))], asked)


def _place(leading: Sequence[Period], day: object) -> int | None:
    return next(
        (at for at, one in enumerate(leading) if one.since <= day <= one.until),  # type: ignore[operator]
        None,
    )


def drawn(leading: Sequence[Period], counts: Sequence[Counts], asked: Asked) -> Trend:
    """Return the chart of periods."""
    series = [(one.adjusted.bad, one.adjusted.total) for one in counts]
    complete = series if asked.over else series[:-1]
    chart = course.course(complete)
    changes = course.change_points(complete, inflation=chart.sigma_z**2 if chart else 1.0)
    totals = [one.total for one in counts]
    volume = drawing.axis(0, max([*totals, 1]), BOTTOM, TOP)
    shares = [k / n if n else None for k, n in series]
    points = [point for point in chart.points if point.share is not None] if chart else []
    tops = [value for value in shares if value is not None] + [point.high for point in points]
    share = drawing.axis(0, max([*tops, 0.001]), BOTTOM, TOP)
    xs = drawing.centres(len(leading), LEFT, RIGHT)
    heights = [None if value is None else share.at(value) for value in shares]
    return Trend(
        periods=tuple(leading),
        counts=tuple(counts),
        course=chart,
        changes=tuple(changes),
        volume=volume,
        share=share,
        bars=drawing.bars(totals, volume, LEFT, RIGHT),
        xs=xs,
        line=drawing.path(list(zip(xs, heights, strict=True))),
        limits=_limits(chart, share, xs) if chart else "",
        unfinished=not asked.over,
    )


def _limits(chart: Course, share: drawing.Axis, xs: Sequence[float]) -> str:
    lows = [share.at(point.low) for point in chart.points]
    return drawing.strip(
        xs[: len(chart.points)], lows, [share.at(point.high) for point in chart.points]
    )


def trend_table(found: Trend) -> Table:
    """Return the chart's numbers."""
    lines = []
    points = dict(enumerate(found.course.points)) if found.course else {}
    for at, (period, counts) in enumerate(zip(found.periods, found.counts, strict=True)):
        name = period.name
        if found.unfinished and at == len(found.periods) - 1:
            name = Words(f"{name.zh}（未完）", f"{name.en} (incomplete)")
        adjusted, point = counts.adjusted, points.get(at)
        cells = (name, counts.total, adjusted.good_rate, adjusted.bad, adjusted.bad_per_10000)
        lines.append(Line((*cells, *_standing(point))))
    return Table(
        "trend",
        Words("趋势", "Trend"),
        (
            Column(Words("时段", "Period")),
            RATINGS,
            GOOD,
            BAD_ONES,
            Column(Words("每万件", "per 10 000"), Kind.DECIMAL),
            Column(Words("差评率下限", "Bad, lower limit"), Kind.SHARE),
            Column(Words("差评率上限", "Bad, upper limit"), Kind.SHARE),
            Column(Words("判断", "Judged")),
        ),
        lines,
        Words(
            "控制限为 Laney p′（3σ），持续偏移为 EWMA（λ=0.2）；未完的时段不判断。",
            "Limits are Laney's p′ (3σ), drift is an EWMA (λ = 0.2); an incomplete period is not "
            "judged.",
        ),
    )


def _standing(point: Point | None) -> tuple[Cell, Cell, Cell]:
    """Return the limits of a period and what is to be said of it; nothing of one not judged."""
    if point is None or point.share is None:
        return None, None, None
    if point.outside:
        says = Words("超出控制限", "outside the limits")
    elif point.drifting:
        worse = Words("持续偏高", "high for some time")
        says = worse if point.drift > 0 else Words("持续偏低", "low for some time")
    else:
        says = Words("偶然波动", "chance")
    return point.low, point.high, says


def levels_table(counts: Counts) -> Table:
    """Return the five levels, raw and adjusted."""
    return Table(
        "levels",
        Words("五级分布", "Five levels"),
        (
            Column(Words("等级", "Level")),
            Column(Words("原始", "Raw"), Kind.COUNT),
            Column(Words("占比", "Share"), Kind.SHARE),
            Column(Words("调整后", "Adjusted"), Kind.COUNT),
        ),
        [
            Line((words, n, n / counts.total if counts.total else None, m))
            for words, n, m in zip(
                LEVELS.values(), counts.levels, counts.adjusted.levels, strict=True
            )
        ],
    )


def by_channel(cut: Cut, now: Fresh) -> list[tuple[Channel, Counts]]:
    """Return ratings by channel, the most first."""
    rows = queries.totals(cut, ("channel",), now=now)
    found = [(Channel(row["channel"]), queries.counts(row)) for row in rows if row["channel"]]
    return sorted(found, key=lambda pair: (-pair[1].total, pair[0]))


def channels_table(found: Sequence[tuple[Channel, Counts]]) -> Table:
    """Return ratings by channel."""
    return Table(
        "channels",
        Words("渠道", "Channels"),
        (Column(Words("渠道", "Channel")), RATINGS, GOOD, BAD_ONES),
        [
            Line((CHANNELS[channel], one.total, one.adjusted.good_rate, one.adjusted.bad))
            for channel, one in found
        ],
    )


def codes_table(codes: Sequence[Mapping[str, int]], *, bad: bool, most: int = 8) -> Table:
    """Return the indicators that were chosen most (`analytics.queries.codes`), of bad ratings or of
    the others.
    """
    catalogue = indicators.catalogue()
    rows = [row for row in codes if row["n"] - row["x"] > 0 and (row["code"] // 100 in BAD) is bad]
    total = sum(row["n"] - row["x"] for row in rows)
    rows.sort(key=lambda row: (row["x"] - row["n"], row["code"]))
    return Table(
        "complaints" if bad else "praise",
        Words("差评指标", "What was bad") if bad else Words("好评指标", "What was good"),
        (
            Column(Words("指标", "Indicator")),
            Column(Words("次数", "Times"), Kind.COUNT),
            Column(Words("占比", "Share"), Kind.SHARE),
        ),
        [
            Line((catalogue[row["code"]].says, row["n"] - row["x"], (row["n"] - row["x"]) / total))
            for row in rows[:most]
            if row["code"] in catalogue
        ],
        Words(
            "一条评价可选多个指标；不按渠道和评价人细分",
            "One rating may choose several; of all channels and raters together",
        ),
    )


def bands_table(
    key: str, says: Words, unit: Words, found: Sequence[Compared], hrefs: Mapping[int, str]
) -> Table:
    """Return units with score, interval, number, response and band; no point ranks. The column of
    what the same mix of channels would give stands where that is known.
    """
    mixed = any(one.standard is not None for one in found)
    return Table(
        key,
        says,
        (Column(unit), *_BAND_COLUMNS[:4], *((_MIXED,) if mixed else ()), *_BAND_COLUMNS[4:]),
        [Line(_band_cells(one, mixed), hrefs.get(one.unit.key, "")) for one in found],
        Words(
            "按档次排列，同档不分先后；少于 30 条评价不计分。",
            "By band; within one all are ties. Below 30 ratings nothing is scored.",
        ),
    )


SCORE, LOW_SCORE, HIGH_SCORE = (
    Column(Words("得分", "Score"), Kind.DECIMAL),
    Column(Words("95% 下限", "95 % low"), Kind.DECIMAL),
    Column(Words("95% 上限", "95 % high"), Kind.DECIMAL),
)
_BAND_COLUMNS = (
    Column(Words("与同类相比", "Among its peers")),
    SCORE,
    LOW_SCORE,
    HIGH_SCORE,
    RATINGS,
    RATED,
    BAD_ONES,
    Column(Words("来自同类均值", "Borrowed from peers"), Kind.SHARE),
)


_MIXED = Column(Words("渠道结构调整后", "Same mix of channels"), Kind.DECIMAL)


def _band_cells(one: Compared, mixed: bool) -> tuple[Cell, ...]:
    counts, score = one.unit.counts, one.score
    standard = one.standard.mean if score.shown and one.standard else None
    return (
        one.unit.name,
        BANDS[one.band],
        *score.told,
        *((standard,) if mixed else ()),
        counts.adjusted.total,
        counts.rated_share,
        counts.adjusted.bad,
        score.borrowed,
    )
