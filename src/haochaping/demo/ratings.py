"""Services and ratings of the demonstration.

Daily and weekly rhythm, levels near reality, words from the grammar.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from random import Random

from haochaping.calendar.rules import WorkingCalendar
from haochaping.demo import phrases, quality
from haochaping.demo.world import Desk, Item, Office, person_name
from haochaping.evaluations import rules as rating
from haochaping.evaluations.rules import Channel
from haochaping.indicators.rules import LEVELS
from haochaping.kernel.moments import LOCAL
from haochaping.records import rules as record

RATED_SHARE = 0.72  # of services that are rated at all
# Levels 5…1. In reality 1–3 ratings in 10 000 are bad; here 60 are, so that the loop has something
# to show. The banner says so.
_LEVEL_WEIGHTS = (7600, 1900, 440, 37, 23)
_FOLLOWED_UP = 0.01  # of ratings
_ODD = (
    0.0012  # services from a window that nobody registered, so that screening has something to hold
)
_HOURS = tuple(zip(range(9, 17), (9, 14, 13, 5, 5, 12, 11, 7), strict=True))
_CODES = {
    5: (510, 511, 512, 513, 514, 515, 516, 517),
    4: (406, 407, 408, 409, 410, 411, 412, 413),
    3: (307, 308, 309, 310, 311, 312, 313, 314),
    2: (207, 208, 209, 210, 211, 212, 213, 214),
    1: (108, 109, 110, 111, 112, 113, 114, 115),
}
_ONLINE = (
    (Channel.MOBILE, 6),
    (Channel.WEB, 3),
    (Channel.SMS, 2),
    (Channel.API, 2),
    (Channel.LINK, 1),
)
_ON_SITE = ((Channel.TABLET, 7), (Channel.QR, 4), (Channel.TERMINAL, 1), (Channel.PHONE, 1))


type Rated = rating.Given


@dataclass(frozen=True)
class Made:
    """A service and its rating, when it was rated."""

    record: record.Given
    rating: Rated | None
    more: Rated | None = None  # a follow-up 追评


class Simulator:
    """Makes services day by day.

    Each day has a chance of its own, so that days can be made in any order and by several
    processes.
    """

    def __init__(
        self, offices: Sequence[Office], calendar: WorkingCalendar, seed: int, today: date
    ) -> None:
        self.today = today
        self.offices = offices
        self.calendar = calendar
        self.seed = seed
        self.cumulated = list(accumulate(office.weight for office in offices))
        self.random, self.number = Random(seed), 0
        self.run = hashlib.sha256(str(seed).encode()).hexdigest()[:4].upper()

    def day_weight(self, day: date) -> float:
        """Say how busy a day is: Mondays most, days off only online."""
        return (
            (1.25, 1.05, 1.0, 1.0, 0.9, 0.8, 0.8)[day.weekday()]
            if self.calendar.works(day)
            else 0.12
        )

    def services(self, day: date, number: int, until: datetime) -> Iterator[Made]:
        """Yield a day's services that were finished before `until`."""
        self.random, self.number = Random(f"{self.seed}/{day}"), 0
        for _ in range(number):
            made = self._service(day, until)
            if made is not None:
                yield made

    def now(self, at: datetime, office: Office | None = None, level: int | None = None) -> Made:
        """Return a service of the last minutes that is rated at this moment: of an office and with
        a level where they are given.
        """
        self.random = random = Random(f"{self.seed}/{at.timestamp()}")
        office, item = self._item(office)
        online = random.random() < item.online
        desk = None if online else random.choice(office.desks)
        served = at - timedelta(seconds=random.randint(70, 240))
        given = self._record(office, item, desk, served, f"32L{int(at.timestamp() * 1000)}")
        return Made(given, self._rated(office, given, self._channel(online=online), at, level))

    def _item(self, office: Office | None = None) -> tuple[Office, Item]:
        office = office or self.random.choices(self.offices, cum_weights=self.cumulated)[0]
        return office, self.random.choices(office.items, [item.weight for item in office.items])[0]

    def _channel(self, *, online: bool) -> Channel:
        found: Channel = self.random.choices(*zip(*(_ONLINE if online else _ON_SITE), strict=True))[
            0
        ]
        return found

    def _service(self, day: date, until: datetime) -> Made | None:
        random = self.random
        office, item = self._item()
        works = self.calendar.works(day)
        online = not works or random.random() < item.online
        hour = (
            random.choices([hour for hour, _ in _HOURS], [weight for _, weight in _HOURS])[0]
            if not online
            else min(22, max(7, int(random.gauss(14, 4))))
        )
        served = datetime.combine(
            day, time(hour, random.randrange(0 if online else 2, 58), random.randrange(60)), LOCAL
        ).astimezone(UTC)
        if served > until:
            return None
        desk = None if online else random.choice(office.desks)
        self.number += 1
        given = self._record(
            office, item, desk, served, f"32{day:%y%m%d}{self.run}{self.number:07d}"
        )
        if random.random() > RATED_SHARE:
            return Made(given, None)
        first = self._rating(office, given, served, until, online=online)
        return Made(
            given,
            first,
            self._more(first, until)
            if first is not None and random.random() < _FOLLOWED_UP
            else None,
        )

    def _more(self, first: rating.Given, until: datetime) -> rating.Given | None:
        """Return what somebody adds some days later; most find that things got better."""
        random = self.random
        rated_at = datetime.fromisoformat(str(first.rated_at)) + timedelta(
            hours=random.uniform(20, 200)
        )
        if rated_at > until:
            return None
        # Bad ratings.
        level = random.choices((5, 4, 3, 2), (5, 4, 2, 1 if first.level <= 2 else 0))[0]  # noqa: PLR2004
        # As above.
        words = phrases.praise(random) if level > 2 else phrases.complaint(random, 214)  # noqa: PLR2004
        return rating.Given(
            first.project_no,
            first.service_number,
            level,
            Channel.LINK,
            rated_at.isoformat(),
            rating.Kind.FOLLOW_UP,
            self._codes(level),
            words,
        )

    def _record(
        self, office: Office, item: Item, desk: Desk | None, served: datetime, project_no: str
    ) -> record.Given:
        random = self.random
        name = person_name(random)
        return record.Given(
            project_no=project_no,
            service_number=1,
            region=str(office.region),
            department_code=office.uscc,
            department_name=office.name,
            item_code=item.code,
            item_name=item.name,
            task_type=item.task_type,
            service_name="出证办结",
            served_at=served.isoformat(),
            accepted_at=(served - timedelta(minutes=random.randint(8, 90))).isoformat(),
            finished_at=served.isoformat(),
            online=desk is None,
            window_code=(desk.code if random.random() > _ODD else "A-未登记") if desk else "",
            staff_number=desk.staff_number if desk else "",
            staff_name=desk.staff_name if desk else "",
            applicant=record.Applicant(
                name,
                2 if random.random() < quality.share_of_enterprises(item.name) else 1,
                "111",
                f"demo-{project_no}",
                f"1{random.choice('358')}{random.randrange(10**9):09d}",
            ),
        )

    def _rating(
        self,
        office: Office,
        given: record.Given,
        served: datetime,
        until: datetime,
        *,
        online: bool,
    ) -> rating.Given | None:
        random, channel = self.random, self._channel(online=online)
        lag = (
            timedelta(seconds=random.randint(15, 240))
            if channel in rating.ON_SITE
            else timedelta(minutes=random.expovariate(1 / 300))
        )
        rated_at = served + lag
        return None if rated_at > until else self._rated(office, given, channel, rated_at)

    def _rated(
        self,
        office: Office,
        given: record.Given,
        channel: Channel,
        rated_at: datetime,
        level: int | None = None,
    ) -> rating.Given:
        random = self.random
        ago = (self.today - rated_at.date()).days
        burden = office.quality * quality.burden(office.region, office.kind, given.item_name, ago)
        weights = [*_LEVEL_WEIGHTS[:3], *(weight * burden for weight in _LEVEL_WEIGHTS[3:])]
        level = level or random.choices(list(LEVELS), weights)[0]
        codes = self._codes(level)
        return rating.Given(
            project_no=given.project_no,
            service_number=given.service_number,
            level=level,
            channel=channel,
            rated_at=rated_at.isoformat(),
            codes=codes,
            words=self._words(level, codes),
            rater=rating.Rater(anonymous=random.random() < 0.3),  # noqa: PLR2004 - a share
        )

    def _codes(self, level: int) -> list[int]:
        if level > 2:  # noqa: PLR2004 - good ratings need no reason
            return self.random.sample(_CODES[level], self.random.choice((0, 0, 1, 1, 2)))
        return self.random.sample(_CODES[level], self.random.choice((1, 1, 2)))

    def _words(self, level: int, codes: Sequence[int]) -> str:
        if level <= 2:  # noqa: PLR2004 - bad ratings
            # A share.
            return phrases.complaint(self.random, codes[0]) if self.random.random() < 0.75 else ""  # noqa: PLR2004
        # A share.
        return phrases.praise(self.random) if self.random.random() < 0.04 else ""  # noqa: PLR2004
