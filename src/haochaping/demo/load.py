"""Loading the demonstration.

The directory, services and ratings of thirteen months, and orders in every state.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import cache, partial
from itertools import islice
from random import Random

import click
from django.db import connection

from haochaping.audit import actions as audit
from haochaping.audit import queries as trail
from haochaping.calendar import queries as calendars
from haochaping.config import flow
from haochaping.demo import beside, books, phrases, published, stories, world
from haochaping.demo.people import PASSWORD, PEOPLE
from haochaping.demo.quality import density
from haochaping.demo.ratings import RATED_SHARE, Made, Simulator
from haochaping.directory import queries as directory
from haochaping.evaluations import actions as evaluations
from haochaping.evaluations import queries as rated
from haochaping.evaluations import rules as rating
from haochaping.feed.queries import state
from haochaping.identity import actions as identity
from haochaping.identity import queries as people
from haochaping.identity.rules import OURSELVES, SYSTEM
from haochaping.indicators import queries as indicators
from haochaping.indicators.rules import Indicator
from haochaping.invitations import actions as asking
from haochaping.invitations.rules import Place
from haochaping.kernel import clock
from haochaping.kernel.db import talk
from haochaping.kernel.errors import Refusal
from haochaping.kernel.ids import first_key
from haochaping.kernel.words import Words
from haochaping.orders import actions as orders
from haochaping.orders import queries as order_queries
from haochaping.orders import rules as moves
from haochaping.records import actions as records
from haochaping.records import queries as services
from haochaping.records import rules as record
from haochaping.regions import queries as regions
from haochaping.regions.rules import scope
from haochaping.screening import queries as screening

RATINGS_AT_SCALE_1 = 200_000
CHUNK = 1000
_TRUE_SHARE = 0.8  # of complaints that are found true
_LEFT_LYING = 0.04  # chance at each step of a young order that nobody goes on
_FORTNIGHT = timedelta(days=14)


class NotEmpty(Refusal):
    """Somebody works with this platform; the demonstration would mix invented data into theirs."""

    code = "not_empty"
    says = Words(
        "本平台已有真实数据，不能装入演示数据。要看演示，请用另一个目录：HCP_HOME=./var-demo hcp "
        "serve --demo；要正常运行，请用 make run。",
        "This platform holds real data; no demonstration is loaded into it. See one in a folder of "
        "its own: HCP_HOME=./var-demo hcp serve --demo; "
        "or run the platform as it is: make run.",
    )


def load(*, days: int, scale: float, seed: int) -> None:
    """Load the world unless it is there.

    A run that was killed is completed by the next one: the same seed makes the same rows.
    """
    if trail.happened("platform", "demo"):
        _just_served(clock.now())
        return
    at = clock.now().replace(microsecond=0)
    if not trail.happened("platform", "demo_begin"):
        if services.anything() or people.anybody() or directory.anything():
            raise NotEmpty
        audit.record(
            subject="platform",
            subject_id=0,
            verb="demo_begin",
            details={},
            region=320000000000,
            by=SYSTEM,
            at=at,
        )
    click.echo("演示数据 demonstration data")
    offices = world.build(Random(seed))
    _appoint(at)
    _codes(at)
    simulator = Simulator(offices, calendars.current(), seed, at.date())
    _services(simulator, days, scale, at)
    _beside_ratings(simulator, seed, at)
    _follow_feed()
    _work_orders(seed, at)
    _just_served(at)
    audit.record(
        subject="platform",
        subject_id=0,
        verb="demo",
        details={"days": days, "scale": scale},
        region=320000000000,
        by=SYSTEM,
        at=at,
    )


def _beside_ratings(simulator: Simulator, seed: int, at: datetime) -> None:
    """Pair devices, let people answer messages and scan codes, and give the handler work."""
    beside.everything(Random(seed), _DESK.region, at)
    mine = [
        office
        for office in simulator.offices
        if office.region == _DESK.region and office.kind == _DESK.department
    ]
    told = [*beside.complaints(simulator, mine, at), *stories.made(simulator, at)]
    store(told, regions.tree(), indicators.catalogue(), at)
    beside.requests(_DESK.region, at)
    stories.keep_themes(at)
    books.keep(at)


_DESK = next(person for person in PEOPLE if person.role == "handler")


def _appoint(at: datetime) -> None:
    names = {
        name: pk
        for pk, name in directory.departments(scope(320000000000)).values_list("pk", "name")
    }
    tree = regions.tree()
    for person in PEOPLE:
        department = (
            names[f"{tree.name(person.region)}{person.department}"] if person.department else None
        )
        window = (
            directory.windows(scope(person.region)).filter(department=department).first()
            if person.role == "clerk"
            else None
        )
        identity.appoint(
            username=person.account,
            name=person.name,
            password=PASSWORD,
            role=person.role,
            region=person.region,
            department_id=department,
            window_id=window.pk if window else None,
            by=SYSTEM,
            at=at,
        )


def _codes(at: datetime) -> None:
    """Make the QR codes of all windows and halls, as a province would print them."""
    everything = scope(320000000000)
    windows = list(directory.windows(everything).values_list("pk", "hall__region"))
    asking.make_codes(kind=Place.WINDOW, targets=windows, by=SYSTEM, at=at)
    asking.make_codes(
        kind=Place.HALL,
        targets=list(directory.halls(everything).values_list("pk", "region")),
        by=SYSTEM,
        at=at,
    )


def _just_served(at: datetime) -> None:
    """Register a few services of this hour at the clerk's window, so that there is somebody to ask,
    at every start.
    """
    window = next(
        (
            directory.at_window(row.pk)
            for row in directory.windows(scope(320700000000)).filter(
                department__name__endswith="行政审批局"
            )
        ),
        None,
    )
    if window is None or services.at_window(window.id, first_key(at - timedelta(hours=2))):
        return
    random, items = Random(at.timestamp()), list(directory.items_of({window.department_id}))
    made = [
        record.Given(
            project_no=f"3207{at:%Y%m%d%H%M}{number:04d}",
            service_number=1,
            region=str(window.region),
            department_code=window.uscc,
            item_code=random.choice(items).code,
            served_at=(at - timedelta(minutes=7 * number + 1)).isoformat(),
            service_name="受理",
            online=False,
            window_code=window.code,
            staff_number=window.staff_number,
            applicant=record.Applicant(
                name=world.person_name(random), kind=1, phone=f"139{random.randrange(10**8):08d}"
            ),
        )
        for number in range(6)
    ]
    talk(
        records.register(
            records=[record.accept(given, regions.tree().resolve, at) for given in made],
            client=OURSELVES,
        )
    )


def _services(simulator: Simulator, days: int, scale: float, at: datetime) -> None:
    today = at.date()
    calendar = [today - timedelta(days=number) for number in range(days - 1, -1, -1)]
    weights = [simulator.day_weight(day) * density(day, today) for day in calendar]
    services = RATINGS_AT_SCALE_1 * scale / RATED_SHARE
    plan = [
        (day, round(services * weight / sum(weights)))
        for day, weight in zip(calendar, weights, strict=True)
    ]
    with click.progressbar(
        length=sum(number for _, number in plan), label="办件与评价 services and ratings"
    ) as bar:
        for made in _on_every_core(partial(_one_day, simulator, at), plan):
            bar.update(made)


def _one_day(simulator: Simulator, at: datetime, planned: tuple[date, int]) -> int:
    day, number = planned
    tree, catalogue = regions.tree(), indicators.catalogue()
    for chunk in _chunks(simulator.services(day, number, at)):
        store(chunk, tree, catalogue, at)
    return number


def _on_every_core[T](work: Callable[[T], int], tasks: Iterable[T]) -> Iterator[int]:
    """Do the tasks in a process per core, each with a database connection of its own.

    Yield what each returns as it ends.
    """
    connection.close()  # a connection is not shared with a child
    with multiprocessing.get_context("fork").Pool(os.cpu_count() or 1) as pool:
        yield from pool.imap_unordered(work, tasks)


def store(
    chunk: Sequence[Made], tree: regions.Tree, catalogue: dict[int, Indicator], at: datetime
) -> None:
    """Hand a chunk in through the doors that real input uses."""
    talk(
        records.register(
            records=[record.accept(made.record, tree.resolve, at) for made in chunk],
            client=OURSELVES,
        )
    )
    ratings = [
        rating.accept(given, catalogue, at)
        for made in chunk
        for given in (made.rating, made.more)
        if given is not None
    ]
    talk(evaluations.submit(ratings=ratings, client=OURSELVES))


def _chunks(stream: Iterator[Made]) -> Iterator[list[Made]]:
    while chunk := list(islice(stream, CHUNK)):
        yield chunk


def _follow_feed() -> None:
    with click.progressbar(
        length=max(state()["pending"], 1), label="汇总与甄别 roll-ups and screening "
    ) as bar:
        while True:
            taken = [pull(clock.now()) for pull in flow.PULLS.values()]
            bar.update(taken[0])
            if not any(taken):
                return


def _work_orders(seed: int, at: datetime) -> None:
    """Open the orders of the past and walk each as far as its age allows.

    Some are late, so that every tab has something.
    """
    bad = rated.all_bad()
    held = screening.held({key for key, _, _ in bad})
    found = [one for one in bad if one[0] not in held]
    with click.progressbar(length=len(found), label="差评工单 orders                    ") as bar:
        for made in _on_every_core(partial(_one_order, seed, at), found):
            bar.update(made)
    _follow_feed()
    stories.find(at)
    published.keep(at)


def _one_order(seed: int, at: datetime, bad: tuple[int, datetime, int]) -> int:
    key, rated_at, department_id = bad
    random = Random(f"{seed}/{key}")
    opened = rated_at + timedelta(minutes=random.randint(1, 20))
    order_id = orders.open_for(evaluation_id=key, at=min(opened, at))
    _walk(random, order_id, department_id, opened, at)
    return 1


def _walk(
    random: Random, order_id: int, department_id: int, opened: datetime, now: datetime
) -> None:
    moment, slow = opened, random.choice((0.3, 0.5, 0.5, 0.8, 0.8, 1, 1, 1.5))
    for move, given, hours in _steps(random, department_id):
        moment += timedelta(hours=hours * slow * random.uniform(0.4, 1.5))
        if moment > now or (now - opened < _FORTNIGHT and random.random() < _LEFT_LYING):
            break
        _climb(order_id, moment)
        # what became of an objection is for two persons to say
        doers = (SYSTEM, _second_person()) if move.endswith("_objection") else (SYSTEM,)
        try:
            for by in doers:
                orders.advance(order_id=order_id, move=move, given=given, by=by, at=moment)
        except (moves.TooLate, moves.Incomplete, moves.NotNow):
            break  # an objection is undecided or upheld, or it is too late for this one
    _climb(order_id, now)


def _steps(random: Random, department_id: int) -> list[tuple[str, dict[str, str], float]]:
    """Return the moves of an order to its end, what is given with each, and the hours before."""
    true, done = random.random() < _TRUE_SHARE, phrases.measure(random)
    happy = random.choices(list(moves.Satisfaction), (78, 10, 3, 7, 2))[0]
    steps: list[tuple[str, dict[str, str], float]] = [
        (
            "dispatch",
            {
                "department": str(department_id),
                "difficulty": random.choices(("ordinary", "complex"), (9, 1))[0],
            },
            4,
        ),
        ("sign", {}, 6),
        *_beside(random),
        ("uphold" if true else "dismiss", {"finding": phrases.finding(random, true=true)}, 30),
        *([("rectify", {"measures": done}, 50)] if true else []),
        ("reply", {"reply": phrases.reply(random, done if true else "经核实相关要求于法有据")}, 12),
        ("call_back", {"satisfaction": happy}, 30),
    ]
    if happy is moves.Satisfaction.UNSATISFIED:
        steps += [
            ("reopen", {"reason": "群众对整改结果不满意"}, 4),
            ("rectify", {"measures": phrases.measure(random)}, 40),
            ("reply", {"reply": phrases.reply(random, done)}, 12),
            ("call_back", {"satisfaction": "satisfied"}, 24),
        ]
    return [*steps, ("close", {}, 2)]


@cache
def _second_person() -> int:
    """Return who decides beside the platform itself: the provincial office."""
    return people.with_role("province")[0]


def _climb(order_id: int, until: datetime) -> None:
    """Let an order climb the ladder at the times when the platform would have made it."""
    while (at := order_queries.climbs_at(order_id)) is not None and at <= until:
        orders.climb(order_id=order_id, at=at)


def _beside(random: Random) -> list[tuple[str, dict[str, str], float]]:
    """Return what some departments do beside the way of an order."""
    chance = random.random()
    if chance < 0.1:  # noqa: PLR2004 - a tenth of the orders
        asked: list[tuple[str, dict[str, str], float]] = [
            ("extend", {"days": "5", "reason": "涉及多个部门，需会商后整改"}, 4)
        ]
        # As above.
        return asked + ([("grant_extension", {}, 8)] if random.random() < 0.7 else [])  # noqa: PLR2004
    if chance < 0.14:  # noqa: PLR2004 - as above
        return [
            (
                "object",
                {
                    "claim": "mistaken",
                    "reason": "群众反映的事项不属本窗口",
                    "evidence": "取号记录与办件日志",
                },
                6,
            ),
            (
                ("reject_objection", {"finding": "办件日志显示确由本窗口办理"}, 10)
                if random.random() < 0.9  # noqa: PLR2004 - as above
                else ("uphold_objection", {"finding": "取号记录证实非本窗口办理"}, 10)
            ),
        ]
    return (
        [("interim", {"reply": "已收到您的反映，正在核实，三个工作日内答复。"}, 5)]
        if chance < 0.2  # noqa: PLR2004 - as above
        else []
    )
