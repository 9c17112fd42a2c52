"""The pages of analysis: what they say, to whom, and what they cost."""

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from unittest.mock import patch

import people
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from people import NOON, given_rating, given_record, rated, register, signed_in, submit
from python_calamine import CalamineWorkbook

from haochaping.analytics import actions
from haochaping.analytics.rules import Counts
from haochaping.audit.models import Entry
from haochaping.directory import queries as directory
from haochaping.directory.models import Hall, Window
from haochaping.feed import actions as feed
from haochaping.identity.queries import person
from haochaping.insight.rules.periods import Period, Span, containing
from haochaping.insight.views import again, figures, screen
from haochaping.insight.views.asked import read
from haochaping.kernel import clock
from haochaping.kernel.moments import business_day
from haochaping.orders import actions as orders
from haochaping.orders.models import Order
from haochaping.regions import queries as regions

pytestmark = pytest.mark.django_db
MONTH = "?span=month&day=2026-11-01"


def serve(levels: dict[int, int], **changes: object) -> None:
    """Serve people who rate so."""
    for level, times in levels.items():
        services = [given_record(**changes) for _ in range(times)]
        register(*services)
        submit(*[given_rating(one, level) for one in services])


@pytest.fixture(scope="module")
def office(shared_world: people.Place) -> people.Place:
    """The world with two departments of one city that differ, and one of another city."""
    serve({5: 70, 4: 10, 2: 3})
    second = people.uscc("11320700MB07070A1")
    serve(
        {5: 30, 3: 10, 1: 12},
        department_code=second,
        department_name="连云港市公安局",
        item_code=people.item_of(second),
        window_code="",
        staff_number="",
    )
    serve({5: 12}, region=str(people.ELSEWHERE), window_code="", staff_number="",
          department_code=people.OTHER, department_name="苏州市公安局",
          item_code=people.item_of(people.OTHER))  # fmt: skip
    for number in range(8):
        peer = people.uscc(f"11320700MB08{number}70A1")
        serve(
            {5: 36, 4: 3, 2: 1},
            department_code=peer,
            department_name=f"连云港市某局{number}",
            item_code=people.item_of(peer),
            window_code="",
            staff_number="",
        )
    orders.open_for(evaluation_id=rated(1), at=NOON)
    while feed.sequence(at=NOON) or actions.fold():
        pass
    return shared_world


@pytest.fixture
def november(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cockpit shows this month: have it be that of the ratings."""
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(days=1))
    screen._states.clear()


def hang_up(told: HttpResponseBase) -> None:
    """Close a stream, and not the connection of the tests with it."""
    with patch.object(connections["default"], "close"):
        told.close()


def ids() -> dict[str, int]:
    """Return a department, window and item of the city."""
    everywhere = (0, 10**12)
    return {
        "departments": directory.departments(everywhere).get(uscc=people.BUREAU).pk,
        "halls": directory.halls(everywhere).get().pk,
        "windows": directory.windows(everywhere).get().pk,
        "items": directory.items(everywhere).get(code=people.item_of(people.BUREAU)).pk,
    }


ADDRESSES = {
    "/insight/": 45,
    "/insight/places": 20,
    "/insight/places/320700": 40,
    "/insight/departments": 20,
    "departments": 45,
    "halls": 40,
    "windows": 50,
    "items": 40,
    "/insight/loop": 25,
    "/insight/trust": 20,
}


def address(name: str) -> str:
    """Return the address of a page, by its own name or that of a unit."""
    return name if name.startswith("/") else f"/insight/{name}/{ids()[name]}"


@pytest.mark.parametrize(("name", "cost"), ADDRESSES.items())
def test_a_page_costs_a_fixed_number_of_statements(
    office: people.Place, name: str, cost: int
) -> None:
    client = signed_in(office.users["province"])
    client.get(address(name) + MONTH)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address(name) + MONTH)
    assert response.status_code == 200
    assert len(captured) <= cost, [query["sql"][:90] for query in captured]


def inside(page: str) -> str:
    """Return what a page shows besides its frame."""
    return page.partition('id="content" tabindex="-1">')[2].partition("</main>")[0].strip()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Set the clock to so many seconds after a moment; what was shown is remembered."""
    monkeypatch.setattr(again, "forget", lambda: None)

    def set_to(seconds: int) -> None:
        monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(seconds=seconds))

    set_to(0)
    return set_to


def test_a_page_is_worked_out_once_for_all_who_see_the_same_of_it(
    office: people.Place, later: Callable[[int], None]
) -> None:
    first = signed_in(office.users["province"])
    second = signed_in(people.appointed("zhao", "province", name="赵二", region=320000000000))
    address = f"/insight/places/320700{MONTH}"
    seen = first.get(address).content.decode()
    serve({1: 3})
    with CaptureQueriesContext(connection) as captured:
        same = second.get(address).content.decode()
    assert inside(same) == inside(seen)
    assert len(captured) <= 12, [query["sql"][:90] for query in captured]
    assert ("赵二" in same, "赵二" in seen) == (True, False)  # the frame is one's own
    assert re.search("<title>(.*?)</title>", same, re.DOTALL)[1].split() == ["连云港市", "·", "好差评管理后台"]  # type: ignore[index]  # fmt: skip
    assert "非常不满意,16," in second.get(address + "&as=csv&table=levels").content.decode()
    later(5)
    assert inside(second.get(address).content.decode()) != inside(seen)


@pytest.mark.parametrize("who", ["city", "auditor", "handler", "foreign"])
def test_nobody_is_shown_a_page_of_somebody_who_sees_more(
    office: people.Place, later: Callable[[int], None], who: str
) -> None:
    department = ids()["departments"]
    for address in (f"/insight/departments/{department}{MONTH}", f"/insight/loop{MONTH}"):
        alone = signed_in(office.users[who]).get(address)
        again._shown.cache_clear()
        assert signed_in(office.users["province"]).get(address).status_code == 200
        after = signed_in(office.users[who]).get(address)
        assert after.status_code == alone.status_code
        assert inside(after.content.decode()) == inside(alone.content.decode())


def test_a_page_is_shown_again_in_the_language_that_was_asked_for(
    office: people.Place, later: Callable[[int], None]
) -> None:
    client = signed_in(office.users["province"])
    assert "数据截至" in client.get(f"/insight/{MONTH}").content.decode()
    client.cookies["django_language"] = "en"
    assert "as of" in inside(client.get(f"/insight/{MONTH}").content.decode())


@pytest.mark.parametrize("name", ["departments", "halls", "windows", "/insight/places/320700"])
def test_a_score_is_never_shown_without_its_number_interval_response_and_period(
    office: people.Place, name: str
) -> None:
    client = signed_in(office.users["province"])
    page = client.get(address(name) + MONTH).content.decode()
    standing = re.sub(r"<[^>]+>|\s+", " ", page[page.index("standing") :][:1500])
    if name == "/insight/places/320700":
        assert re.search(r"n = \d+", standing)
    assert re.search(r"95% 区间 \d+\.\d–\d+\.\d", standing)
    assert re.search(r"n = \d+", standing)
    assert re.search(r"评价率 \d+\.\d%", standing)
    assert "2026年11月" in page
    assert re.search(r"来自同类均值", standing)


def test_a_window_or_item_shows_no_loop_that_is_not_its_own(office: people.Place) -> None:
    client = signed_in(office.users["province"])
    for name, there in (
        ("windows", False),
        ("halls", False),
        ("items", False),
        ("departments", True),
    ):
        page = client.get(address(name) + MONTH).content.decode()
        assert ('data-measure="replied_in_time"' in page) is there, name


def test_below_thirty_ratings_nothing_is_scored(office: people.Place) -> None:
    client = signed_in(office.users["province"])
    other = directory.departments((0, 10**12)).get(uscc=people.OTHER).pk
    page = client.get(f"/insight/departments/{other}{MONTH}").content.decode()
    assert 'data-band="few"' in page
    assert "样本不足" in page
    table = client.get(f"/insight/departments{MONTH}&as=csv").content.decode("utf-8-sig")
    (row,) = [row for row in csv.DictReader(io.StringIO(table)) if row["部门"] == "苏州市公安局"]
    assert (row["得分"], row["95% 下限"], row["与同类相比"]) == ("", "", "样本不足")
    assert row["评价"] == "12"


def test_the_worse_department_is_in_a_lower_band_and_has_advice(office: people.Place) -> None:
    client = signed_in(office.users["city"])
    table = client.get(f"/insight/departments{MONTH}&as=csv").content.decode("utf-8-sig")
    bands = {row["部门"]: row["与同类相比"] for row in csv.DictReader(io.StringIO(table))}
    assert bands["连云港市公安局"] in ("明显低于同类", "略低于同类（提示）")
    assert "高" in bands["连云港市行政审批局"] or "无明显" in bands["连云港市行政审批局"]
    worse = directory.departments((0, 10**12)).get(name="连云港市公安局").pk
    assert "逐条看最近的差评" in client.get(f"/insight/departments/{worse}{MONTH}").content.decode()


@pytest.mark.parametrize("name", [name for name in ADDRESSES if name != "/insight/"])
def test_nobody_sees_figures_outside_their_reach(office: people.Place, name: str) -> None:
    foreign = signed_in(office.users["foreign"])
    answer = foreign.get(address(name) + MONTH)
    if name == "/insight/places/320700" or not name.startswith("/"):
        assert answer.status_code == 404
    else:
        assert "连云港" not in answer.content.decode()
    assert foreign.get("/insight/?region=320700000000").status_code == 404
    own = foreign.get(f"/insight/{MONTH}&as=csv&table=levels").content.decode("utf-8-sig")
    assert sum(int(row["原始"]) for row in csv.DictReader(io.StringIO(own))) == 12


def test_a_handler_sees_the_own_department_and_its_peers_mean_and_no_other_portrait(
    office: people.Place,
) -> None:
    handler = signed_in(office.users["handler"])
    own = f"/insight/departments/{office.bureau}"
    for page in ("/insight/", "/insight/places", "/insight/departments", "/insight/loop"):
        assert handler.get(page).headers["Location"] == own
    assert handler.get(own + MONTH).status_code == 200
    other = directory.departments((0, 10**12)).get(name="连云港市公安局").pk
    assert handler.get(f"/insight/departments/{other}").status_code == 404


def test_an_auditor_sees_figures_and_no_words(office: people.Place) -> None:
    auditor = signed_in(office.users["auditor"])
    page = auditor.get(address("departments") + MONTH).content.decode()
    assert 'data-table="latest"' not in page
    assert (
        'data-table="latest"'
        in signed_in(office.users["city"]).get(address("departments") + MONTH).content.decode()
    )


def test_every_page_is_a_workbook_and_a_pdf_too_with_the_same_numbers(office: people.Place) -> None:
    client = signed_in(office.users["province"])
    answer = client.get(f"/insight/{MONTH}&as=xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    sheet = next(name for name in book.sheet_names if "五级" in name)
    rows = book.get_sheet_by_name(sheet).to_python()
    assert sum(row[1] for row in rows[1:]) == 468
    assert client.get(f"/insight/{MONTH}&as=pdf").content.startswith(b"%PDF")
    before = Entry.objects.filter(subject="export").count()
    assert client.get(f"/insight/loop{MONTH}&as=pdf").content.startswith(b"%PDF")
    assert Entry.objects.filter(subject="export").count() == before + 1


def test_every_chart_has_its_numbers_as_a_file(office: people.Place) -> None:
    client = signed_in(office.users["city"])

    def lines(page: str, table: str) -> list[dict[str, str]]:
        asked = client.get(f"{page}{MONTH}&as=csv&table={table}").content.decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(asked)))

    hours = lines("/insight/", "hours")
    whole = lines("/insight/", "levels")
    assert len(hours) == 24
    assert sum(int(one["评价"]) for one in hours) == sum(int(one["原始"]) for one in whole)
    assert sum(int(one["周三"]) for one in hours) == sum(int(one["评价"]) for one in hours)
    outside = lines("/insight/departments", "funnel-city")
    assert {one["部门"] for one in outside} == {"连云港市公安局"}
    page = client.get(address("departments") + MONTH).content.decode()
    peers = lines(address("departments"), "peers")
    assert len(peers) == page.count('<g class="band')
    assert {"档次", "得分", "95% 下限", "95% 上限"} <= set(peers[0])
    assert {one["判断"] for one in lines("/insight/", "trend")} <= {
        "", "偶然波动", "超出控制限", "持续偏高", "持续偏低"
    }  # fmt: skip


def test_a_share_that_is_off_its_middle_for_some_time_is_marked(office: people.Place) -> None:
    """Each period within the limits of chance, together too long above the middle."""
    bad = [80, 79, 81, 80, 78, 82, 80, 79, 81, 80, *[103] * 6]
    day = NOON.date()
    periods = [containing(Span.DAY, day - timedelta(days=16 - at)) for at in range(len(bad))]
    counts = [Counts((4000 - n, 0, 0, 0, n)) for n in bad]
    request = RequestFactory().get("/insight/?span=day&day=2026-11-01")
    request.person = person(office.users["city"])
    found = figures.drawn(periods, counts, read(request))
    told = [line.cells[-1] for line in figures.trend_table(found).lines]
    assert [str(one.zh) for one in told[:8]] == ["偶然波动"] * 8
    assert told[-1].zh == "持续偏高"
    assert [worse for _, worse in found.drifts][-1]
    assert not any(point.outside for point in found.course.points)


def test_who_works_near_a_window_sees_nothing_of_today(office: people.Place) -> None:
    now = clock.now()
    manager = people.appointed("hall", "hall", name="厅长", at=now)
    hall, city = signed_in(manager), signed_in(office.users["city"])
    service = given_record(served_at=(now - timedelta(minutes=5)).isoformat())
    register(service)

    def shown(client: Client) -> list[tuple[int, str]]:
        pages = [
            client.get(f"{address(name)}?span={span}&as=csv")
            for name in ("windows", "departments", "items")
            for span in ("day", "week", "month")
        ]
        return [(page.status_code, page.content.decode()) for page in pages]

    before, seen = shown(hall), shown(city)
    assert {status for status, _ in before} == {200}
    submit(given_rating(service, 1, rated_at=now.isoformat()))
    assert shown(hall) == before
    assert shown(city) != seen
    while feed.sequence(at=now) or actions.fold():
        pass
    assert shown(hall) == before  # counted, and still not shown
    assert hall.get("/admin/orders/").status_code == 403


def test_a_name_that_is_a_formula_is_text_in_every_file(office: people.Place) -> None:
    directory.departments((0, 10**12)).filter(uscc=people.OTHER).update(name="=HYPERLINK(1)")
    client = signed_in(office.users["province"])
    table = client.get(f"/insight/departments{MONTH}&as=csv").content.decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in table
    book = CalamineWorkbook.from_filelike(
        io.BytesIO(client.get(f"/insight/departments{MONTH}&as=xlsx").content)
    )
    cells = [row[0] for row in book.get_sheet_by_index(0).to_python()]
    assert "=HYPERLINK(1)" in cells


@pytest.mark.usefixtures("november")
def test_the_cockpit_tells_of_no_single_rating_and_ranks_nobody(office: people.Place) -> None:
    client = signed_in(office.users["province"])
    with CaptureQueriesContext(connection) as captured:
        state = client.get("/insight/screen/320000/state").json()
    assert len(captured) <= 70
    (scene, volumes) = state["scenes"]
    assert {city["code"]: city["n"] for city in volumes["cities"]}[320700] == 456
    few = next(city for city in scene["cities"] if city["code"] == 320500)
    assert (few["value"], few["band"], few["n"]) == (None, "few", 12)
    assert not {"rank", "place"} & set(few)
    assert all(pulse["n"] >= 3 for pulse in state["pulses"])
    assert signed_in(office.users["handler"]).get("/insight/screen/320000/state").status_code == 404
    assert b"data-live" in client.get("/insight/screen").content
    told = client.get("/insight/screen/320000/live")
    assert told.headers["Content-Type"] == "text/event-stream"
    first = next(iter(told.streaming_content))  # type: ignore[attr-defined]
    hang_up(told)
    assert json.loads(first.decode().removeprefix("data: "))["scenes"][1] == volumes


@pytest.mark.usefixtures("november")
def test_a_screen_is_not_what_another_asked_for_and_has_words_only_for_who_reads_them(
    office: people.Place,
) -> None:
    client = signed_in(office.users["province"])
    screen._states.clear()
    narrowed = client.get("/insight/screen/320000/state?channel=9&span=day&region=320500").json()
    assert client.get("/insight/screen/320000/state").json()["levels"] == narrowed["levels"]
    assert sum(level["n"] for level in narrowed["levels"]) == 468
    screen._states.clear()
    auditor = signed_in(office.users["auditor"])
    assert auditor.get("/insight/screen/320000/state").json()["problems"] == []
    assert set(screen._states) == {(320000000000, False, False)}


def test_a_citys_cockpit_tells_of_no_other_citys_orders(office: people.Place) -> None:
    if not Order.objects.exists():
        orders.open_for(evaluation_id=rated(1), at=NOON)
    Order.objects.update(due_at=NOON - timedelta(days=9))
    client = signed_in(office.users["province"])
    screen._states.clear()

    def overdue(code: int) -> int:
        state = client.get(f"/insight/screen/{code}/state").json()
        return {one["name"]["en"]: one["n"] for one in state["supervision"]}["Overdue"]

    assert overdue(320700) == overdue(320000) > 0
    assert overdue(320500) == 0


@pytest.mark.usefixtures("november")
def test_a_city_has_a_cockpit_of_its_own(office: people.Place) -> None:
    client = signed_in(office.users["province"])
    own = client.get("/insight/screen/320700/state").json()
    assert sum(level["n"] for level in own["levels"]) == 456
    assert "连云港市" in own["title"]["zh"]
    assert (
        "/insight/screen/320700/live" in client.get("/screen/320700", follow=True).content.decode()
    )
    foreign = signed_in(office.users["foreign"])
    for page in ("/insight/screen/320700", "/insight/screen/320700/live"):
        assert foreign.get(page).status_code == 404


def test_a_screen_that_hung_up_before_it_read_gives_its_seat_back(office: people.Place) -> None:
    client = signed_in(office.users["province"])
    for _ in range(20):
        told = client.get("/insight/screen/320000/live")
        assert told.status_code == 200
        hang_up(told)


@pytest.mark.parametrize(
    "asked",
    ["?span=decade", "?day=tomorrow", "?day=2099-01-01", "?channel=x", "?party=9", "?region=0",
     "?region=999999999999999999", "?span=week&day=0001-01-01"],
)  # fmt: skip
def test_what_cannot_be_read_in_an_address_is_no_error_of_ours(
    office: people.Place, asked: str
) -> None:
    client = signed_in(office.users["province"])
    assert client.get(f"/insight/{asked}").status_code in (200, 404)


def test_a_page_says_when_it_answers_by_whole_months(office: people.Place) -> None:
    client = signed_in(office.users["province"])
    for page, widened in (
        ("/insight/departments?span=week&day=2026-11-18", False),
        ("/insight/departments?span=week&day=2026-11-18&channel=4", True),
        ("/insight/themes?span=week&day=2026-11-18", True),  # enterprises alone
        ("/insight/departments?span=month&day=2026-10-01&channel=4", False),
    ):
        assert ('data-testid="widened"' in client.get(page).content.decode()) is widened, page


def test_a_filter_narrows_and_the_denominator_stays(office: people.Place) -> None:
    client = signed_in(office.users["province"])
    everything = client.get(f"/insight/{MONTH}").content.decode()
    none = client.get(f"/insight/{MONTH}&party=2").content.decode()
    tile = r'data-measure="ratings".*?<b>([\d,—]+)</b>'
    assert re.search(tile, everything, re.DOTALL)[1] == "468"  # type: ignore[index]
    assert re.search(tile, none, re.DOTALL)[1] == "0"  # type: ignore[index]


def test_the_period_before_is_compared_by_as_many_days() -> None:
    today = business_day(clock.now())
    period = Period(Span.MONTH, today.replace(day=1))
    days = (today - period.since).days + 1
    since, until = period.previous.up_to(period, today)
    assert (until - since).days + 1 == min(days, (period.previous.until - since).days + 1)
    assert period.following.since == period.until + timedelta(days=1)
    for span in Span:
        one = containing(span, today)
        assert one.previous.until + timedelta(days=1) == one.since
        assert one.since <= today <= one.until


WHOLE = (
    "/insight/",
    "/insight/places",
    "/insight/places/320700",
    "/insight/departments",
    "/insight/loop",
    "/insight/trust",
    "/insight/themes",
    "/insight/themes/1",
    "/insight/screen",
)


@pytest.mark.parametrize("page", WHOLE)
def test_no_page_of_the_whole_is_a_handlers(office: people.Place, page: str) -> None:
    answer = signed_in(office.users["handler"]).get(page)
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/insight/departments/{office.bureau}"


def test_a_filter_that_does_not_apply_narrows_nothing_and_is_not_named(
    office: people.Place,
) -> None:
    client = signed_in(office.users["province"])
    for page in ("loop", "trust"):
        answer = client.get(f"/insight/{page}{MONTH}&channel=5&as=csv")
        assert "channel" not in answer.headers["Content-Disposition"]
        assert 'name="channel"' not in client.get(f"/insight/{page}{MONTH}").content.decode()
    narrowed = client.get(f"/insight/{MONTH}&channel=5").content.decode()
    assert 'data-testid="filtered"' in narrowed
    for measure in ("replied_in_time", "windows_covered", "rated_share"):
        assert f'data-measure="{measure}"' not in narrowed
        assert f'data-measure="{measure}"' in client.get(f"/insight/{MONTH}").content.decode()


def test_a_window_and_an_item_have_one_score_wherever_they_are_shown(office: people.Place) -> None:
    client = signed_in(office.users["city"])
    table = client.get(address("departments") + MONTH + "&as=csv&table=windows").content.decode()
    (line,) = list(csv.DictReader(io.StringIO(table.lstrip("\ufeff"))))
    page = client.get(address("windows") + MONTH).content.decode()
    (score,) = re.findall(r'<b class="score">([\d.]+)</b>', page)
    assert any(value and abs(float(value) - float(score)) < 0.06 for value in line.values()
               if re.fullmatch(r"\d+\.\d+", value))  # fmt: skip


def test_a_hall_is_its_windows_beside_the_other_halls_of_its_city(office: people.Place) -> None:
    """Two windows of one hall and one of another; what is not folded yet counts, too."""
    first = Hall.objects.get(code="H1")
    second = Hall.objects.create(code="H2", name="连云港市海州分中心", region=people.CITY)
    for hall, code in ((first, "W2"), (second, "W3")):
        Window.objects.create(
            code=code, hall=hall, number=code, department_id=office.bureau, opens="09:00",
            closes="17:00",
        )  # fmt: skip
    serve({5: 40, 1: 2}, window_code="W2", staff_number="")
    serve({4: 35, 1: 5}, window_code="W3", staff_number="")
    client = signed_in(office.users["city"])

    def told(hall: Hall, table: str) -> list[dict[str, str]]:
        answer = client.get(f"/insight/halls/{hall.pk}{MONTH}&as=csv&table={table}")
        return list(csv.DictReader(io.StringIO(answer.content.decode().lstrip("\ufeff"))))

    for hall, numbers in ((first, [110, 10, 0, 3, 3]), (second, [0, 35, 0, 0, 5])):
        assert [int(line["原始"]) for line in told(hall, "levels")] == numbers
    assert {line["窗口"] for line in told(first, "windows")} == {
        f"{first.name} A03 号窗口", f"{first.name} W2 号窗口"
    }  # fmt: skip
    assert {line["同类"] for line in told(second, "peers")} == {first.name, second.name}
    city = client.get(f"/insight/places/320700{MONTH}").content.decode()
    assert f'href="/insight/halls/{second.pk}' in city
    window = Window.objects.get(code="W2")
    assert (
        f'href="/insight/halls/{first.pk}'
        in client.get(f"/insight/windows/{window.pk}").content.decode()
    )
    for name in ("foreign", "handler"):
        assert signed_in(office.users[name]).get(f"/insight/halls/{second.pk}").status_code == 404


def test_a_portrait_keeps_the_place_that_it_was_asked_for(office: people.Place) -> None:
    page = signed_in(office.users["province"]).get(address("departments") + "?region=320700000000")
    assert '<input\n    type="hidden"\n    name="region"' in page.content.decode()


def test_only_the_whole_province_is_so_large_that_today_tells_of_nobody(
    office: people.Place,
) -> None:
    from haochaping.identity.queries import person
    from haochaping.insight.views.screen import _whole

    manager = person(office.users["auditor"])
    assert not _whole(manager, people.CITY).live
    assert _whole(person(office.users["province"]), people.CITY).live


def test_what_cannot_be_compared_fairly_shows_no_change(office: people.Place) -> None:
    client = signed_in(office.users["province"])
    now = business_day(clock.now())
    running = f"?span=month&day={now}&party=1"
    page = client.get(address("departments") + running).content.decode()
    assert 'data-measure="ratings"' in page
    assert "环比" not in page
    assert "环比" in client.get(address("departments") + running.removesuffix("&party=1")).text


def test_an_office_brings_its_own_map_and_takes_it_back(office: people.Place) -> None:
    client = signed_in(office.users["city"])
    below = [code // 10**6 for code in regions.tree().children(people.CITY)]
    squares = [
        {
            "properties": {"adcode": code},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[119 + n, 34], [120 + n, 34], [120 + n, 35], [119 + n, 34]]],
            },
        }
        for n, code in enumerate(below)
    ]
    file = SimpleUploadedFile("map.json", json.dumps({"features": squares}).encode())
    refused = client.post("/insight/map/change", {"file": file, "approval": "无"})
    assert refused.status_code == 422
    file.seek(0)
    sent = {"file": file, "approval": "苏S（2024）15号"}
    assert client.post("/insight/map/change", sent).status_code == 302
    for page in ("/insight/places", "/insight/screen", "/insight/map"):
        shown = client.get(page).content.decode()
        assert "审图号：苏S（2024）15号" in shown
        assert shown.count("data-code=") >= len(below)
    foreign = signed_in(office.users["foreign"])
    assert "苏S（2024）15号" not in foreign.get("/insight/places").content.decode()
    client.post("/insight/map/change", {"retire": "1"})
    assert "审图号" not in client.get("/insight/screen").content.decode()
    handler = signed_in(office.users["handler"])
    assert handler.post("/insight/map/change", {"retire": "1"}).status_code == 403
