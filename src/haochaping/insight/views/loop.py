"""闭环漏斗: how bad ratings are put right; 异常与可信: what to believe."""

from datetime import datetime, timedelta

from django.http import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET

from haochaping.analytics import queries
from haochaping.analytics.queries import Cut
from haochaping.analytics.rules import Counts
from haochaping.callbacks import queries as callbacks
from haochaping.directory import queries as directory
from haochaping.identity.queries import OfficeRequest
from haochaping.insight.measures import ALL
from haochaping.insight.rules import silent
from haochaping.insight.rules.measure import Facts, Group, duration
from haochaping.insight.views.again import again
from haochaping.insight.views.asked import Asked, both_before, facts, of_the_whole, read, tiles
from haochaping.insight.views.downloads import answer
from haochaping.kernel.moments import begin_of
from haochaping.kernel.tables import Cell, Column, Kind, Line, Table
from haochaping.kernel.words import Words
from haochaping.orders import queries as orders
from haochaping.screening import queries as screening
from haochaping.screening.rules import REASONS, Reason

TILES = tuple(key for key, one in ALL.items() if one.group is Group.LOOP)
MEDIANS = tuple(key for key in ALL if f"{key}_90" in ALL)
STEPS = (
    ("opened", Words("收到差评", "Bad ratings")),
    ("dispatched", Words("已派单", "Dispatched")),
    ("verified", Words("已核实", "Verified")),
    ("upheld", Words("属实", "Found true")),
    ("rectified", Words("已整改", "Rectified")),
    ("replied", Words("已答复", "Answered")),
    ("called", Words("已回访", "Called back")),
    ("satisfied", Words("群众满意", "Satisfied")),
    ("closed", Words("已办结", "Closed")),
)


@require_GET
@again
@of_the_whole
def loop(request: OfficeRequest) -> HttpResponseBase:
    """Show the loop: the funnel, its rates by what was due, how long each stretch takes, whom."""
    asked = read(request).unfiltered  # an order is of no channel, whoever rated
    cut = asked.cut()
    now = facts(cut, asked.now, lengths=True)
    before, year = both_before(asked)
    return answer(
        request,
        asked,
        template="insight/loop.html",
        title=Words("差评闭环", "The loop"),
        tiles=tiles(TILES, now, before, year),
        tables=[_funnel(now), _lengths(now), _holders(asked)],
        funnel=[(words, getattr(now.loop, name)) for name, words in STEPS],
        overdue=orders.overdue_count(asked.reach, asked.at),
    )


def _funnel(now: Facts) -> Table:
    first = now.loop.opened
    return Table(
        "funnel",
        Words("闭环漏斗（按收到日）", "Funnel, by the day of the rating"),
        (
            Column(Words("环节", "Step")),
            Column(Words("件数", "Orders"), Kind.COUNT),
            Column(Words("占收到", "Of all"), Kind.SHARE),
        ),
        [
            Line((words, n := getattr(now.loop, name), n / first if first else None))
            for name, words in STEPS
        ],
    )


def _lengths(now: Facts) -> Table:
    lines = [
        Line(
            (
                Words(ALL[key].name.zh.split("（")[0], ALL[key].name.en.removesuffix(", median")),
                (half := ALL[key].of(now)).whole,
                None if half.value is None else duration(half.value),
                None if (most := ALL[f"{key}_90"].of(now)).value is None else duration(most.value),
            )
        )
        for key in MEDIANS
    ]
    return Table(
        "lengths",
        Words("各环节用时", "How long each step takes"),
        (
            Column(Words("环节", "Step")),
            Column(Words("工单", "Orders"), Kind.COUNT),
            Column(Words("中位数", "Median")),
            Column(Words("九成在", "Nine in ten within")),
        ),
        lines,
        Words("自然时间，按开单月份统计", "Calendar time, by the month of opening"),
    )


def _holders(asked: Asked) -> Table:
    """Return departments by what was due: the most late first, for they are to be helped."""
    rows = queries.loops(asked.cut(), ("department_id",), now=asked.now)
    found = sorted(
        (row for row in rows if row["due"] or row["opened"]),
        key=lambda row: (row["due_replied_in_time"] - row["due"], row["department_id"]),
    )[:200]
    names = directory.department_names({row["department_id"] for row in found})
    return Table(
        "holders",
        Words("责任单位", "Departments"),
        _HOLDER_COLUMNS,
        [
            Line(
                (names.get(row["department_id"], "—"), *_holder_cells(row)),
                reverse("insight:department", args=[row["department_id"]]) + asked.query(),
            )
            for row in found
        ],
        Words("超期多的在前，便于帮助，不是排名", "The most late first, to be helped: no ranking"),
    )


_HOLDER_COLUMNS = (
    Column(Words("单位", "Department")),
    Column(Words("新收", "New"), Kind.COUNT),
    Column(Words("到期", "Due"), Kind.COUNT),
    Column(Words("按期答复", "In time"), Kind.COUNT),
    Column(Words("按期回复率", "Share in time"), Kind.SHARE),
    Column(Words("应整改", "To rectify"), Kind.COUNT),
    Column(Words("按期整改", "Rectified in time"), Kind.COUNT),
    Column(Words("重新交办", "Reopened"), Kind.COUNT),
)


def _holder_cells(row: dict[str, int]) -> tuple[Cell, ...]:
    due, timely = row["due"], row["due_replied_in_time"]
    share = timely / due if due else None
    true = due - (row["due_verified"] - row["due_upheld"])
    rest = (true, row["due_rectified_in_time"], row["reopened"])
    return row["opened"], due, timely, share, *rest


@require_GET
@again
@of_the_whole
def trust(request: OfficeRequest) -> HttpResponseBase:
    """Show what to believe: who was silent, what was held or set aside, whether it was counted."""
    asked = read(request).unfiltered  # who was silent is of no channel
    cut = asked.cut()
    now = facts(cut, asked.now)
    counts = now.counts
    return answer(
        request,
        asked,
        template="insight/trust.html",
        title=Words("异常与可信", "What to believe"),
        tiles=tiles(("rated_share", "set_aside_share", "objected_share", "objections_upheld"), now),
        tables=[_holds(cut)],
        corrected=_corrected(cut, counts),
        figures=counts,
        folded=len(asked.now.refs) + len(asked.now.orders),
    )


def _moments(cut: Cut) -> tuple[datetime, datetime]:
    return begin_of(cut.since), begin_of(cut.until + timedelta(days=1))


def _corrected(cut: Cut, counts: Counts) -> silent.Corrected | None:
    reached, good = callbacks.silent_sample(cut.scope, *_moments(cut))
    return silent.correct(
        rated=counts.rated,
        good=round(counts.rated * (counts.adjusted.good_rate or 0)),
        silent=counts.services - counts.rated,
        asked=reached,
        good_asked=good,
    )


def _holds(cut: Cut) -> Table:
    """Return why ratings were held."""
    return Table(
        "holds",
        Words("被挂起的评价", "Ratings held"),
        (
            Column(Words("原因", "Reason")),
            Column(Words("挂起", "Held"), Kind.COUNT),
            Column(Words("已放行", "Released"), Kind.COUNT),
        ),
        [
            Line((REASONS[Reason(reason)], held, released))
            for reason, held, released in screening.reasons_held(cut.scope, *_moments(cut))
            if reason in set(Reason)
        ],
        Words("挂起不影响统计：原始数据一条不少", "A hold changes no figure: nothing is left out"),
    )
