"""The cockpit 效能驾驶舱: one state for everything that it shows, whole each time, live by SSE.

A stream holds a thread of the server, so there are few seats; whoever finds none polls.
"""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from haochaping.evaluations import queries as ratings
from haochaping.evaluations.rules import CHANNELS
from haochaping.identity.queries import OfficeRequest, Person
from haochaping.identity.rules import Right
from haochaping.indicators.rules import LEVELS
from haochaping.insight import queries as maps
from haochaping.insight.measures import ALL
from haochaping.insight.rules.measure import Facts, duration
from haochaping.insight.rules.periods import Span
from haochaping.insight.views import figures, themes
from haochaping.insight.views.asked import Asked, Tile, facts, of_person, of_the_whole
from haochaping.insight.views.loop import STEPS
from haochaping.insight.views.overview import compared_places
from haochaping.kernel import clock, pages
from haochaping.kernel.errors import NotFound
from haochaping.kernel.moments import LOCAL
from haochaping.kernel.words import Words
from haochaping.orders import queries as orders
from haochaping.problems import queries as problems
from haochaping.regions import queries as regions
from haochaping.regions.rules import Level, level_of
from haochaping.themes import queries as sets
from haochaping.themes.rules import Kind

_FRESH = 5.0  # seconds that a state is good for
_SEATS = threading.Semaphore(8)  # streams of one process: its other threads serve pages
_STREAM = 300.0  # seconds after which a screen connects anew, and is asked who it is
_LATE, _SPAN = timedelta(minutes=5), timedelta(minutes=10)  # of what is told of single minutes
_FEWEST = 3  # ratings of a city below which nothing is told of it
_states: dict[tuple[int, bool, bool], tuple[float, dict[str, Any]]] = {}


@require_GET
@of_the_whole
def screen(request: OfficeRequest, code: int | None = None) -> HttpResponseBase:
    """Show the cockpit of one's own place, or of one within it."""
    region, tree = _place(request, code), regions.tree()
    names = {below // 10**6: tree.name(below) for below in tree.children(region)}
    return pages.render(
        request, "insight/screen.html", code=region // 10**6, map=maps.map_of(region), names=names
    )


def _place(request: OfficeRequest, code: int | None) -> int:
    """Return the place whose cockpit is shown; raises NotFound outside one's own."""
    person = request.person
    if person.department_id is not None:
        raise NotFound
    return of_person(person, {"region": str(code)} if code else {}).region


@require_GET
def state(request: OfficeRequest, code: int) -> HttpResponse:
    """Return what the cockpit shows now."""
    return JsonResponse(
        _state(request, _place(request, code)), json_dumps_params={"ensure_ascii": False}
    )


@require_GET
def live(request: OfficeRequest, code: int) -> HttpResponseBase:
    """Tell the cockpit what it shows, again and again; 503 where no seat is free: it polls."""
    place = _place(request, code)
    if not _SEATS.acquire(blocking=False):
        return HttpResponse(status=503, headers={"Retry-After": "60"})
    response = StreamingHttpResponse(_Stream(request, place), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


class _Stream:
    """The states of one screen. Its seat is given back when the answer is closed, whether any of it
    was read or not.
    """

    def __init__(self, request: OfficeRequest, place: int) -> None:
        self.request, self.place, self.seated = request, place, True

    def __iter__(self) -> Iterator[bytes]:
        until = time.monotonic() + _STREAM
        while time.monotonic() < until:
            self.request.scoped = False  # that of the page is over
            with self.request.scope():
                data = json.dumps(_state(self.request, self.place), ensure_ascii=False)
            yield f"data: {data}\n\n".encode()
            time.sleep(_FRESH)

    def close(self) -> None:
        """Give the seat back, once."""
        if self.seated:
            self.seated = False
            _SEATS.release()


def _state(request: OfficeRequest, place: int) -> dict[str, Any]:
    """Return the state of a place, at most some seconds old. It is shared by whoever sees as much,
    so the address narrows nothing else.
    """
    person = request.person
    key = place, Right.SEE_ORDERS in person.rights, Right.SEE_LIVE in person.rights
    made = _states.get(key)
    if made is None or time.monotonic() - made[0] > _FRESH:
        made = time.monotonic(), _made(_whole(person, place))
        _states[key] = made
    return {**made[1], "at": clock.now().astimezone(LOCAL).isoformat()}


def _whole(person: Person, place: int) -> Asked:
    """Return the question of a whole place. The province has so many ratings a second that today
    tells of nobody; in a city who stands at a window could tell which was the last.
    """
    asked = of_person(person, {"region": str(place)})
    return replace(asked, live=asked.live or level_of(place) is Level.PROVINCE)


def _both(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


def _made(asked: Asked) -> dict[str, Any]:
    cut = asked.cut()
    now = facts(cut, asked.now, lengths=True)
    before = facts(asked.compared(asked.period.previous), asked.now)
    return {
        "delay_seconds": 0,
        "title": _both(
            Words(
                f"{asked.place}政务服务“好差评”效能驾驶舱",
                f"{asked.place} “Rate public services” cockpit",
            )
        ),
        "demo": settings.DEMO,
        "period": _both(asked.period.name),
        "kpis": _kpis(asked, now, before),
        "scenes": _scenes(asked),
        "trend": _trend(asked),
        "levels": [
            {
                "level": level,
                "name": _both(words),
                "n": n,
                "share": n / now.counts.total if now.counts.total else None,
            }
            for (level, words), n in zip(LEVELS.items(), now.counts.levels, strict=True)
        ],
        "channels": [
            {"name": _both(CHANNELS[channel]), "n": one.total}
            for channel, one in figures.by_channel(cut, asked.now)
        ],
        "loop": _loop(now),
        "problems": _problems(asked),
        "packages": _packages(asked),
        "supervision": _supervision(asked),
        "pulses": _pulses(asked),
    }


def _kpis(asked: Asked, now: Facts, before: Facts) -> list[dict[str, Any]]:
    day = asked.during(asked.today, asked.today)
    yesterday = asked.during(*(asked.today - timedelta(days=1),) * 2)
    today, last = facts(day, asked.now), facts(yesterday, asked.now)
    if asked.live:
        daily = Words("较昨日", "vs yesterday")
        rated = Words("今日评价", "Ratings today")
        bad = Words("今日差评（每万件）", "Bad today, per 10 000")
    else:
        daily = Words("较前日", "vs the day before")
        rated = Words("昨日评价", "Ratings yesterday")
        bad = Words("昨日差评（每万件）", "Bad yesterday, per 10 000")
    shown = [("ratings", rated, today, last, daily), ("bad_per_10000", bad, today, last, daily)]
    month = Words("较前一月", "vs the month before") if asked.over else _SO_FAR
    keys = ("active_good_share", "rated_share", "replied_in_time", "rectified_in_time")
    shown += [(key, ALL[key].name, now, before, month) for key in (*keys, "satisfied_share")]
    return [_kpi(*one) for one in shown]


_SO_FAR = Words("较上月同期", "vs last month")


def _kpi(key: str, name: Words, now: Facts, before: Facts, since: Words) -> dict[str, Any]:
    measure = ALL[key]
    tile = Tile(measure, measure.of(now), measure.of(before))
    unit = {"share": "share", "per_10000": "per"}.get(measure.unit, "number")
    return {
        "key": key,
        "name": _both(name),
        "value": tile.value.value,
        "unit": unit,
        "part": tile.value.part if measure.of_how_many else None,
        "whole": tile.value.whole if measure.of_how_many else None,
        "change": tile.change,
        "better": measure.better,
        "since": _both(since),
    }


def _scenes(asked: Asked) -> list[dict[str, Any]]:
    found = sorted(compared_places(asked), key=lambda one: one.unit.key)
    scores = [
        {
            "code": one.unit.key,
            "name": one.unit.name,
            **dict(zip(("value", "low", "high"), one.score.told, strict=True)),
            "n": one.unit.counts.adjusted.total,
            "band": one.band,
        }
        for one in found
    ]
    volumes = [
        {**city, "value": city["n"], "low": None, "high": None, "band": None} for city in scores
    ]
    return [
        {
            "key": "score",
            "name": _both(Words("满意度得分", "Score")),
            "unit": "score",
            "cities": scores,
        },
        {
            "key": "volume",
            "name": _both(Words("评价量", "Ratings")),
            "unit": "number",
            "cities": volumes,
        },
    ]


def _trend(asked: Asked) -> list[dict[str, Any]]:
    days = figures.trend(asked.at_span(Span.DAY))
    return [
        {
            "tick": period.tick,
            "total": counts.total,
            "bad_share": counts.adjusted.bad / counts.adjusted.total
            if counts.adjusted.total
            else None,
        }
        for period, counts in zip(days.periods, days.counts, strict=True)
    ]


_MEDIANS = {
    "dispatched": "dispatching_time",
    "verified": "verifying_time",
    "replied": "answering_time",
    "called": "calling_time",
}


def _loop(now: Facts) -> list[dict[str, Any]]:
    first = now.loop.opened
    found = []
    for name, words in STEPS[:-1]:
        n = getattr(now.loop, name)
        length = ALL[_MEDIANS[name]].of(now).value if name in _MEDIANS else None
        median = None if length is None else _both(duration(length))
        share = n / first if first else None
        found.append({"name": _both(words), "n": n, "share": share, "median": median})
    return found


def _problems(asked: Asked) -> list[dict[str, Any]]:
    """Return what people complain of, in their words: for whoever may read those."""
    if Right.SEE_ORDERS not in asked.person.rights:
        return []
    since = asked.today - timedelta(days=29)
    told = problems.problems(asked.reach, since, asked.today, limit=10)
    return [
        {
            "name": one.problem.name,
            "people": one.people,
            "growth": None
            if one.problem.emerging
            else _growth(one.problem.lately, one.problem.expected),
            "emerging": one.problem.emerging,
        }
        for one in told
    ]


def _growth(lately: int, expected: float) -> float | None:
    return lately / expected - 1 if expected else None


def _packages(asked: Asked) -> list[dict[str, Any]]:
    found = themes.compared(asked, sets.themes(asked.reach, Kind.PACKAGE))
    return [
        {
            "name": theme.name,
            **dict(zip(("score", "low", "high"), one.score.told, strict=True)),
            "n": one.score.n,
            "weak": weak,
        }
        for theme, one, weak in found
    ]


def _supervision(asked: Asked) -> list[dict[str, Any]]:
    reach = asked.reach
    waiting = orders.tab_counts(reach)
    rows = (
        (Words("超期未办", "Overdue"), orders.overdue_count(reach, asked.at)),
        (Words("整改中", "Being put right"), waiting["rectifying"]),
        (Words("待回访", "To call back"), waiting["tocall"]),
        (Words("正在冒头的问题", "Problems coming up"), len(problems.alarms(reach))),
    )
    return [{"name": _both(words), "n": n} for words, n in rows]


def _pulses(asked: Asked) -> list[dict[str, Any]]:
    """Return how many ratings each city had some minutes ago; few are not told, one never."""
    until = asked.at - _LATE
    found = ratings.arrived(asked.cut().scope, until - _SPAN, until)
    return [{"city": city, "n": n} for city, n in sorted(found.items()) if n >= _FEWEST]
