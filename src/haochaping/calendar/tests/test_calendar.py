"""Golden cases.

The State Council's arrangements of 2024, 2025 and 2026, and deadlines across them.
"""

from datetime import date, datetime, time, timedelta

import people
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haochaping.audit import queries as audit
from haochaping.calendar import actions, rules
from haochaping.calendar import queries as calendars
from haochaping.calendar.rules import WorkingCalendar, parse_hours, write_hours
from haochaping.identity.rules import SamePerson
from haochaping.kernel import clock
from haochaping.kernel.errors import NotAllowed, NotFound
from haochaping.kernel.moments import LOCAL

pytestmark = pytest.mark.django_db

# From the notices of the General Office of the State Council: first and last day off, and the
# weekend days that are worked
OFF = [
    ("2024-01-01", "2024-01-01"),
    ("2024-02-10", "2024-02-17"),
    ("2024-04-04", "2024-04-06"),
    ("2024-05-01", "2024-05-05"),
    ("2024-06-10", "2024-06-10"),
    ("2024-09-15", "2024-09-17"),
    ("2024-10-01", "2024-10-07"),
    ("2025-01-01", "2025-01-01"),
    ("2025-01-28", "2025-02-04"),
    ("2025-04-04", "2025-04-06"),
    ("2025-05-01", "2025-05-05"),
    ("2025-05-31", "2025-06-02"),
    ("2025-10-01", "2025-10-08"),
    ("2026-01-01", "2026-01-03"),
    ("2026-02-15", "2026-02-23"),
    ("2026-04-04", "2026-04-06"),
    ("2026-05-01", "2026-05-05"),
    ("2026-06-19", "2026-06-21"),
    ("2026-09-25", "2026-09-27"),
    ("2026-10-01", "2026-10-07"),
]
WORKED = {
    2024: "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
    2025: "01-26 02-08 04-27 09-28 10-11",
    2026: "01-04 02-14 02-28 05-09 09-20 10-10",
}


def in_force(rows: list[dict[str, str]], by: int) -> int:
    """Propose days and put them in force; return the version."""
    proposal = actions.propose(rows=rows, source="test", by=by, at=clock.now())
    return actions.decide(proposal_id=proposal, approve=True, by=0, at=clock.now())


@pytest.fixture
def calendar() -> WorkingCalendar:
    """The calendar as a site has it after `hcp seed`."""
    actions.seed(by=0, at=clock.now())
    return calendars.current()


def at(text: str) -> datetime:
    """Return a moment by the clock of China."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def test_every_day_of_three_years_is_as_the_notices_say(calendar: WorkingCalendar) -> None:
    off = {
        date.fromisoformat(first) + timedelta(days=n)
        for first, last in OFF
        for n in range((date.fromisoformat(last) - date.fromisoformat(first)).days + 1)
    }
    worked = {
        date.fromisoformat(f"{year}-{day}")
        for year, days_ in WORKED.items()
        for day in days_.split()
    }
    days = [date(2024, 1, 1) + timedelta(days=n) for n in range(366 + 365 + 365)]
    wrong = [
        day
        for day in days
        if calendar.works(day) != (day in worked or (day.weekday() < 5 and day not in off))
    ]
    assert wrong == []
    assert {2024, 2025, 2026} <= calendar.years


@pytest.mark.parametrize(
    ("since", "days", "due"),
    [
        (
            "2024-02-09 23:59:59",
            1,
            "2024-02-18 18:00",
        ),  # eve of Spring Festival: the first day after it is a Sunday that is worked
        ("2024-02-09 23:59:59", 5, "2024-02-22 18:00"),
        ("2025-01-27 10:00", 1, "2025-02-05 18:00"),
        ("2025-01-25 10:00", 1, "2025-01-26 18:00"),  # a Saturday; the Sunday is worked
        (
            "2025-09-30 17:59",
            5,
            "2025-10-14 18:00",
        ),  # National Day, and the Saturday 11 October is worked
        (
            "2026-02-13 09:00",
            1,
            "2026-02-14 18:00",
        ),  # a Saturday that is worked, before Spring Festival
        ("2026-02-14 23:59:59", 1, "2026-02-24 18:00"),
        ("2026-02-14 23:59:59", 5, "2026-02-28 18:00"),  # the make-up Saturday counts
        ("2026-04-30 08:00", 5, "2026-05-11 18:00"),  # 9 May is worked
        ("2026-12-31 12:00", 1, "2027-01-01 18:00"),  # 2027 is not known yet: Monday to Friday
        ("2026-11-25 00:00", 15, "2026-12-16 18:00"),
    ],
)
def test_deadlines_across_holidays(
    calendar: WorkingCalendar, since: str, days: int, due: str
) -> None:
    assert calendar.after(at(since), days) == at(due)


def test_a_year_without_a_notice_is_provisional(calendar: WorkingCalendar) -> None:
    assert not calendar.knows(date(2027, 1, 4))
    assert calendar.knows(date(2026, 12, 31))


def test_hours_skip_lunch_nights_and_days_off(calendar: WorkingCalendar) -> None:
    assert calendar.after_hours(at("2026-11-20 11:00"), 4) == at(
        "2026-11-20 16:30"
    )  # an hour, lunch, three hours
    assert calendar.after_hours(at("2026-11-20 17:00"), 4) == at(
        "2026-11-23 12:00"
    )  # a weekend between
    assert calendar.after_hours(at("2026-11-21 10:00"), 1) == at("2026-11-23 10:00")
    assert [
        calendar.is_open(at(f"2026-11-20 {text}"))
        for text in ("08:59", "09:00", "12:00", "13:30", "18:00")
    ] == [False, True, False, True, False]


def test_the_ladder_opens_with_the_offices(calendar: WorkingCalendar) -> None:
    due = at("2026-09-30 18:00")  # the eve of National Day
    assert calendar.opening(due, -1) == at("2026-09-29 09:00")
    assert calendar.opening(due, 0) == at("2026-09-30 09:00")
    assert calendar.opening(due, 1) == at("2026-10-08 09:00")
    assert calendar.opening(due, 3) == at("2026-10-10 09:00")  # a Saturday that is worked


def test_a_region_has_days_and_hours_of_its_own_and_a_new_version_leaves_the_old_one(
    calendar: WorkingCalendar,
) -> None:
    rows = [
        {"日期": "2026-12-07", "上班": "0", "地区": "320700"},
        {"date": "2026-12-08", "works": "1", "hours": "09:00-12:00", "region": "320706000000"},
        {"日期": "", "时段": "08:30-12:00,14:00-17:30", "地区": "3207"},
        {"日期": "2027-01-01", "上班": "0"},
    ]
    number = in_force(rows, by=0)
    county, city, elsewhere = (
        calendars.current(code) for code in (320706000000, 320700000000, 320500000000)
    )
    assert number == county.version > calendar.version
    assert (county.works(date(2026, 12, 7)), elsewhere.works(date(2026, 12, 7))) == (False, True)
    assert county.after(at("2026-12-04 10:00"), 1) == at(
        "2026-12-08 12:00"
    )  # the Monday off in the city, then a half day in the county
    assert city.after(at("2026-12-04 10:00"), 1) == at("2026-12-08 17:30")
    assert county.after_hours(at("2026-12-08 11:00"), 2) == at("2026-12-09 09:30")
    assert not elsewhere.works(date(2027, 1, 1))
    assert calendar.works(
        date(2027, 1, 1)
    )  # what was computed with the old version is explained by it


@pytest.mark.parametrize(
    "row",
    [
        {"日期": "2026-13-01", "上班": "1"},
        {"日期": "2026-12-01", "上班": "x"},
        {"上班": "1"},
        {"日期": "2026-12-01", "上班": "1", "时段": "12:00-09:00"},
        {"日期": "2026-12-01", "上班": "1", "时段": "09:00-12:00+08:00"},
        {"日期": "2026-12-01", "上班": "1", "时段": ",".join(["09:00-10:00"] * 6)},
        {
            "日期": "2026-12-01",
            "上班": "1",
            "时段": ",".join(f"{hour:02d}:00-{hour:02d}:30" for hour in range(8, 16)),
        },
    ],
)
def test_a_table_that_cannot_be_read_names_the_row(row: dict[str, str]) -> None:
    with pytest.raises(rules.BadCalendar, match="Row 3"):
        rules.read_changes([{"日期": "2026-12-02", "上班": "0"}, row])


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)),
    st.integers(1, 40),
    st.dictionaries(st.dates(date(2024, 1, 1), date(2028, 1, 1)), st.booleans(), max_size=200),
)
def test_a_deadline_is_the_close_of_a_working_day_and_as_many_lie_between(
    since: datetime, days: int, exceptions: dict[date, bool]
) -> None:
    calendar, moment = WorkingCalendar(1, exceptions), since.replace(tzinfo=LOCAL)
    due = calendar.after(moment, days)
    between = [
        moment.date() + timedelta(days=n) for n in range(1, (due.date() - moment.date()).days + 1)
    ]
    assert sum(map(calendar.works, between)) == days
    assert calendar.works(due.date())
    assert due.astimezone(LOCAL).time() == time(18)


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)),
    st.floats(0.01, 100),
    st.floats(0.01, 100),
)
def test_office_hours_add_up(since: datetime, first: float, second: float) -> None:
    calendar, moment = WorkingCalendar(1), since.replace(tzinfo=LOCAL)
    whole, parts = (
        calendar.after_hours(moment, first + second),
        calendar.after_hours(calendar.after_hours(moment, first), second),
    )
    assert abs((whole - parts).total_seconds()) < 1 or calendar.after_hours(
        whole, 0.001
    ) - parts < timedelta(seconds=10)


def test_hours_are_written_as_they_are_read() -> None:
    assert write_hours(parse_hours("08:30-12:00，14:00–17:30")) == "08:30-12:00,14:00-17:30"


@pytest.mark.parametrize(
    ("since", "days", "due"),
    [
        (
            datetime(2024, 2, 8, 10),
            1,
            date(2024, 2, 9),
        ),  # the last working day before Spring Festival 2024
        (datetime(2024, 2, 9, 10), 1, date(2024, 2, 18)),  # the holiday, then a make-up Sunday
        (
            datetime(2025, 1, 27, 23, 59, 59),
            1,
            date(2025, 2, 5),
        ),  # the eve, one second before midnight
        (
            datetime(2025, 9, 30, 9),
            5,
            date(2025, 10, 14),
        ),  # National Day and Mid-Autumn together; Saturday the 11th is worked
        (
            datetime(2026, 2, 13, 9),
            1,
            date(2026, 2, 14),
        ),  # a make-up Saturday before Spring Festival 2026
        (datetime(2026, 2, 14, 9), 1, date(2026, 2, 24)),
        (datetime(2026, 11, 20, 12), 5, date(2026, 11, 27)),
    ],
)
def test_deadlines_follow_the_notices_of_the_state_council(
    calendar: WorkingCalendar, since: datetime, days: int, due: date
) -> None:
    assert calendar.after(since.replace(tzinfo=LOCAL), days).date() == due


@given(since=st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 1)), days=st.integers(1, 40))
def test_a_deadline_falls_on_a_working_day_and_grows_with_the_limit(
    since: datetime, days: int
) -> None:
    calendar = WorkingCalendar(1, {date(2025, 10, 1): False, date(2025, 10, 11): True})
    moment = since.replace(tzinfo=LOCAL)
    due = calendar.after(moment, days)
    assert calendar.works(due.date())
    assert due < calendar.after(moment, days + 1)
    assert (
        sum(
            calendar.works(since.date() + timedelta(days=n))
            for n in range(1, (due.date() - since.date()).days + 1)
        )
        == days
    )


def test_seeding_the_calendar_again_makes_no_new_version(db: None) -> None:
    assert actions.seed(by=0, at=clock.now()) == actions.seed(by=0, at=clock.now())


ROW = {"date": "2026-12-01", "works": "0", "hours": "", "region": ""}


@pytest.mark.parametrize(
    ("who", "region", "may"),
    [
        ("province", "", True),
        ("province", "320700", True),
        ("city", "320700", True),
        ("city", "320706", True),
        ("city", "", False),  # the whole country's days are the province's to change
        ("city", "320500", False),
        ("foreign", "320700", False),
        ("handler", "320700", False),
        ("agent", "320700", False),
        ("auditor", "", False),
    ],
)
def test_days_are_changed_only_by_who_keeps_the_policies_of_the_region(
    world: people.Place, who: str, region: str, may: bool
) -> None:
    before = calendars.current().version
    rows = [ROW | {"region": region}]
    change = {"rows": rows, "source": "通知", "by": world.users[who], "at": people.NOON}
    if not may:
        with pytest.raises(NotAllowed):
            actions.propose(**change)
        assert calendars.current().version == before
        return
    proposal = actions.propose(**change)
    assert calendars.current().version == before  # one person moves no deadline
    with pytest.raises(SamePerson):
        actions.decide(proposal_id=proposal, approve=True, by=world.users[who], at=people.NOON)
    with pytest.raises(NotAllowed):
        actions.decide(
            proposal_id=proposal, approve=True, by=world.users["foreign"], at=people.NOON
        )
    second = world.users["province"] if who != "province" else 0
    number = actions.decide(proposal_id=proposal, approve=True, by=second, at=people.NOON)
    assert number > before
    with pytest.raises(NotFound):
        actions.decide(proposal_id=proposal, approve=False, by=second, at=people.NOON)
    place = int(region.ljust(12, "0")) if region else people.CITY
    assert not calendars.current(place).works(date(2026, 12, 1))
    assert calendars.current(people.ELSEWHERE).works(date(2026, 12, 1)) == bool(region)
    entries = audit.of("calendar", proposal)
    assert [(entry.verb, entry.by) for entry in entries] == [
        ("propose", world.users[who]),
        ("import", second),
    ]
    assert entries[1].details["version"] == number


def test_one_foreign_row_refuses_the_whole_table(world: people.Place) -> None:
    rows = [ROW | {"region": "320700"}, ROW | {"region": "320500"}]
    with pytest.raises(NotAllowed):
        actions.propose(rows=rows, source="", by=world.users["city"], at=people.NOON)
    assert calendars.current(people.CITY).works(date(2026, 12, 1))


def test_one_day_is_proposed_from_the_page_for_ones_own_place(world: people.Place) -> None:
    city = people.signed_in(world.users["city"])
    form = {"date": "2026-12-14", "works": "0", "hours": "", "source": "市政府通知"}
    assert city.post("/admin/orders/calendar/change", form).status_code == 302
    (one,) = calendars.proposals((people.CITY, people.CITY))
    assert one.changes == [[people.CITY, "2026-12-14", False, ""]]
    page = city.get("/admin/orders/calendar?year=2026").content.decode()
    assert page.count("<caption>") == 12
    wrong = city.post("/admin/orders/calendar/change", {**form, "hours": "25:00-26:00"})
    assert wrong.status_code == 422


@pytest.mark.parametrize(
    ("row", "change"),
    [
        ({"日期": "2026/12/5 0:00", "上班": "TRUE"}, (date(2026, 12, 5), True, "")),
        ({"日期": "2026年12月5日", "上班": "1.0"}, (date(2026, 12, 5), True, "")),
        ({"日期": "2026-12-05 00:00:00", "上班": "否"}, (date(2026, 12, 5), False, "")),
        (
            {"date": "２０２６/１２/５", "works": "１", "hours": "9:00-12:00"},
            (date(2026, 12, 5), True, "09:00-12:00"),
        ),
        (
            {"时段": "９：００—１２：００、13:30至18:00", "地区": "3207"},
            (None, True, "09:00-12:00,13:30-18:00"),
        ),
    ],
)
def test_days_and_hours_are_read_as_people_and_excel_write_them(
    row: dict[str, str], change: tuple[date | None, bool, str]
) -> None:
    (found,) = rules.read_changes([row])
    assert (found.day, found.works, found.hours) == change


@pytest.mark.parametrize(
    "hours", ["25:00-26:00", "9-12", "12:00-9:00", "9:00", "12:00+08:00-13:00"]
)
def test_hours_that_are_none_are_refused(hours: str) -> None:
    with pytest.raises(rules.BadCalendar):
        rules.read_changes([{"date": "2026-12-05", "works": "1", "hours": hours}])
