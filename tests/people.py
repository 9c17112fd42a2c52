"""The shared small world of the tests.

One city, two departments, a hall, two windows, and the people who work there.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from django.db import connection
from django.test import Client

from haochaping.directory import models as directory
from haochaping.directory.rules import uscc_check_character
from haochaping.evaluations import actions as evaluations
from haochaping.evaluations import rules as rating
from haochaping.exchange import actions as exchange
from haochaping.feed import actions as feed
from haochaping.identity import actions as identity
from haochaping.identity.models import Grant, User
from haochaping.identity.rules import OURSELVES, SESSION, Reach
from haochaping.indicators import queries as indicators
from haochaping.insight.views import again
from haochaping.kernel import clock
from haochaping.kernel.db import rows, talk
from haochaping.records import actions as records
from haochaping.records import rules as record
from haochaping.regions import queries as regions
from haochaping.site.upkeep import seed

CITY = 320700000000
ELSEWHERE = 320500000000
NOON = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)  # a Wednesday, 12:00 in China
EVERYWHERE = Reach(0, 10**12 - 1)
_numbers = count(1)


def uscc(first_17: str) -> str:
    """Complete a credit code."""
    return first_17 + uscc_check_character(first_17)


BUREAU = uscc("11320700MB01070A1")
OTHER = uscc("11320500MB02050A1")


def item_of(code: str) -> str:
    """Return an item code of a department."""
    return f"{code}3320101001000"


@dataclass(frozen=True)
class Place:
    """What the world holds."""

    bureau: int
    other: int
    window: str
    users: dict[str, int]


_TABLES = """
SELECT string_agg(oid::regclass::text, ', ') AS names FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
   AND relname <> 'django_migrations'
"""


def renew() -> None:
    """Empty every table and load what every site has."""
    rows(f"TRUNCATE {rows(_TABLES)[0]['names']} CASCADE")
    rows("INSERT INTO feed_head (id, no) VALUES (1, 0)")  # as a migration makes it
    regions.forget()
    seed()


def build() -> Place:
    """Make the world."""
    bureau, other = directory.Department.objects.bulk_create(
        [
            directory.Department(uscc=BUREAU, name="连云港市行政审批局", region=CITY),
            directory.Department(uscc=OTHER, name="苏州市公安局", region=ELSEWHERE),
        ]
    )
    hall = directory.Hall.objects.create(code="H1", name="连云港市政务服务中心", region=CITY)
    window = directory.Window.objects.create(
        code="W1", hall=hall, number="A03", department=bureau, opens="09:00", closes="17:00"
    )
    directory.Staff.objects.create(number="0321", name="王晓燕", department=bureau, window=window)
    people = {
        "province": ("province", 320000000000, None),
        "city": ("city", CITY, None),
        "agent": ("agent", CITY, None),
        "handler": ("handler", CITY, bureau.pk),
        "auditor": ("auditor", 320000000000, None),
        "foreign": ("city", ELSEWHERE, None),
    }
    # hundreds of tests begin with them: in two statements; how posts are given has its own tests
    users = User.objects.bulk_create([User(username=name, first_name=name) for name in people])
    Grant.objects.bulk_create(
        [
            Grant(user=user, role=role, region=region, department_id=department)
            for user, (role, region, department) in zip(users, people.values(), strict=True)
        ]
    )
    return Place(bureau.pk, other.pk, window.code, {user.username: user.pk for user in users})


def appointed(
    username: str,
    role: str,
    *,
    region: int = CITY,
    department_id: int | None = None,
    window_id: int | None = None,
    name: str = "",
    password: str | None = None,
    by: int = 0,
    at: datetime = NOON,
) -> int:
    """Give a person an account and a post through the real door; return the user's id."""
    return identity.appoint(
        username=username,
        name=name or username,
        password=password,
        role=role,
        region=region,
        department_id=department_id,
        window_id=window_id,
        by=by,
        at=at,
    )


def given_record(**changes: object) -> record.Given:
    """Return a good record, with changes."""
    number = next(_numbers)
    facts: dict[str, object] = {
        "project_no": f"3207TEST{number:08d}",
        "service_number": 1,
        "region": str(CITY),
        "department_code": BUREAU,
        "department_name": "连云港市行政审批局",
        "item_code": item_of(BUREAU),
        "item_name": "企业设立登记",
        "served_at": (NOON - timedelta(hours=1)).isoformat(),
        "window_code": "W1",
        "staff_number": "0321",
        "online": False,
        "applicant": record.Applicant("张芳华", 1, "111", f"key{number}", "13812345678"),
    }
    return record.Given(**{**facts, **changes})  # type: ignore[arg-type]


def register(*givens: record.Given) -> list[records.Stored]:
    """Register records through the real door."""
    ready = [record.accept(given, regions.tree().resolve, clock.now()) for given in givens]
    return talk(records.register(records=ready, client=OURSELVES))


def given_rating(of: record.Given, level: int = 5, **changes: object) -> rating.Given:
    """Return a good rating of a record, with changes."""
    facts: dict[str, object] = {
        "project_no": of.project_no,
        "service_number": of.service_number,
        "level": level,
        "channel": rating.Channel.TABLET,
        "rated_at": NOON.isoformat(),
        "codes": [] if level > 2 else [{2: 207, 1: 108}[level]],
    }
    return rating.Given(**{**facts, **changes})  # type: ignore[arg-type]


def submit(*givens: rating.Given) -> list[evaluations.Stored]:
    """Submit ratings through the real door."""
    ready = [rating.accept(given, indicators.catalogue(), clock.now()) for given in givens]
    return talk(evaluations.submit(ratings=ready, client=OURSELVES))


def rated(level: int = 5, **changes: object) -> int:
    """Register a service, rate it, and return the key."""
    service = given_record(**changes)
    register(service)
    (stored,) = submit(given_rating(service, level))
    assert stored.key is not None
    return stored.key


def queued() -> None:
    """Number what was committed, and queue it for partners."""
    while feed.sequence(at=clock.now()) + exchange.follow(at=clock.now()):
        pass


class OfficeClient(Client):
    """A client inside the test's transaction.

    A page's scope would outlive the page here, so it is taken back. Nothing that it saw a moment
    ago is shown again: what a test changed is on the page.
    """

    def request(self, **request: object) -> object:
        """Send a request."""
        again.forget()
        try:
            return super().request(**request)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET ROLE")


def signed_in(user: int) -> Client:
    """Return a client that is signed in as somebody."""
    client = OfficeClient(raise_request_exception=False)
    client.force_login(User.objects.get(pk=user))
    session = client.session
    session[SESSION] = identity.begin_session(
        user_id=user, factors=1, address=None, browser="test", at=clock.now()
    )
    session.save()
    return client
