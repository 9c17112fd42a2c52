"""Catalogues that other systems keep: what differs, who decides, and from what day on it holds."""

import csv
import io
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import people
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from people import BUREAU, CITY, ELSEWHERE, OTHER

from haochaping.audit.models import Entry as Said
from haochaping.directory.models import Department, Hall, Item, Window
from haochaping.feed.models import Trouble
from haochaping.kernel import clock
from haochaping.kernel.addresses import networks
from haochaping.kernel.moments import business_day
from haochaping.regions import queries as regions
from haochaping.upstream import actions, models, rules, tasks
from haochaping.upstream.rules import Entry, Here, What, differences

OFFICE = people.uscc("11320700MB03070A1")


def file(heading: str, *rows: str) -> SimpleUploadedFile:
    """Return a CSV as a person saves it."""
    return SimpleUploadedFile("目录.csv", "\n".join((heading, *rows)).encode("gb18030"))


def connected(who: people.Client, kind: str, **sent: str) -> int:
    """Connect a catalogue of the city; return its id."""
    facts = {"name": f"市{kind}目录", "kind": kind, "region": str(CITY)}
    answer = who.post("/admin/upstream/connect", {**facts, **sent})
    assert answer.status_code == 302, answer.content.decode()
    return int(answer["Location"].rsplit("/", 1)[1])


def uploaded(who: people.Client, key: int, table: SimpleUploadedFile) -> str:
    """Upload a catalogue; return the page about it."""
    answer = who.post(f"/admin/upstream/{key}/upload", {"file": table})
    assert answer.status_code in (302, 422), answer.content.decode()
    page = who.get(f"/admin/upstream/{key}") if answer.status_code == 302 else answer
    return str(page.content.decode())


def decided(who: people.Client, key: int, verdict: str = "approve", **sent: Any) -> int:
    """Decide on all that differs; return the status."""
    asked = {"every": "1", "verdict": verdict, **sent}
    return int(who.post(f"/admin/upstream/{key}/decide", asked).status_code)


@pytest.fixture
def city(world: people.Place) -> people.Client:
    """The city's office."""
    return people.signed_in(world.users["city"])


@pytest.fixture
def province(world: people.Place) -> people.Client:
    """The province's office."""
    return people.signed_in(world.users["province"])


@pytest.mark.django_db
def test_who_says_where_windows_are_read_does_not_approve_their_hours(
    city: people.Client, province: people.Client, world: people.Place
) -> None:
    key = connected(city, "windows")
    source = models.Source.objects.get(pk=key)
    there = {"name": "1 号窗口", "hall": "H1", "opens": "06:00", "closes": "23:30"}
    one = models.Change.objects.create(
        source=source,
        code=world.window,
        what=rules.What.CHANGE,
        region=CITY,
        before=there | {"opens": "09:00"},
        after=there,
        found_at=clock.now(),
        proposed_by=0,
    )
    assert decided(city, key) == 409
    one.refresh_from_db()
    assert one.decided_at is None
    assert decided(province, key) != 409


@pytest.mark.django_db
def test_what_differs_is_in_force_once_a_second_person_has_approved_it(
    city: people.Client, province: people.Client
) -> None:
    key = connected(city, "departments")
    table = file(
        "统一社会信用代码,名称,行政区划代码",
        f"{BUREAU},连云港市政务服务管理局,320700",
        f"{OFFICE},连云港市数据局,320700000000",
        f"{OTHER},苏州市公安局,320500",  # not the city's
        "123,假的,320700",
    )
    page = uploaded(city, key, table)
    assert "新增 1" in page
    assert "变更 1" in page
    assert "连云港市行政审批局" in page
    assert "第 4 行" in page  # another city's
    assert "第 5 行" in page
    assert decided(city, key) == 409  # who uploaded it
    row = models.Change.objects.filter(source_id=key).order_by("-found_at")[0]
    before = (row.found_at - timedelta(seconds=1)).isoformat()
    assert decided(province, key, seen=before) == 409  # another reading came in between
    assert not Department.objects.filter(uscc=OFFICE).exists()
    assert "上级目录" in province.get("/admin/").content.decode()
    assert decided(province, key) == 302
    assert Department.objects.get(uscc=OFFICE).name == "连云港市数据局"
    assert Department.objects.get(uscc=BUREAU).name == "连云港市政务服务管理局"
    assert Department.objects.get(uscc=OTHER).region == ELSEWHERE
    assert not models.Change.objects.filter(decided_at=None).exists()
    verbs = Said.objects.filter(subject="upstream").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["connect", "upload", "approve"]
    page = uploaded(city, key, file("uscc,name,region", f"{OFFICE},连云港市数据局,320700"))
    assert "没有待批准的差异" in page


@pytest.mark.django_db
def test_what_was_rejected_is_not_asked_again_until_upstream_says_something_else(
    city: people.Client, province: people.Client
) -> None:
    key = connected(city, "departments")
    for name, waits in (("数据局", 1), ("数据局", 0), ("大数据局", 1)):
        uploaded(city, key, file("uscc,name,region", f"{OFFICE},{name},320700"))
        assert models.Change.objects.filter(decided_at=None).count() == waits, name
        if waits:
            assert decided(province, key, "reject") == 302
    assert not Department.objects.filter(uscc=OFFICE).exists()


@pytest.mark.django_db
def test_a_change_for_a_later_day_waits_for_it(
    city: people.Client, province: people.Client, world: people.Place
) -> None:
    key, at = connected(city, "halls"), clock.now()
    day = business_day(at) + timedelta(days=3)
    table = file("编号,名称,行政区划代码,生效日期", f"H1,港城政务中心,320700,{day}")
    uploaded(city, key, table)
    assert decided(province, key) == 302
    assert Hall.objects.get(code="H1").name == "连云港市政务服务中心"
    assert str(day) in city.get(f"/admin/upstream/{key}").content.decode()
    uploaded(city, key, table)  # approved: nobody is asked again
    assert not models.Change.objects.filter(decided_at=None).exists()
    assert actions.take_due(at=at + timedelta(days=2)) == 0
    tasks.take_due(at + timedelta(days=3))
    assert Hall.objects.get(code="H1").name == "港城政务中心"
    assert actions.take_due(at=at + timedelta(days=4)) == 0


@pytest.mark.django_db
def test_a_merged_department_is_closed_and_its_successor_has_its_windows_and_items(
    city: people.Client, province: people.Client, world: people.Place
) -> None:
    people.rated()
    Department.objects.create(uscc=OFFICE, name="连云港市数据局", region=CITY)
    key = connected(city, "departments", fields="code=uscc\ntitle=name\narea=region\n")
    heading = "code,title,area,停用日期,承继编码"
    uploaded(city, key, file(heading, f"{BUREAU},旧局,320700,2026-11-01,{OFFICE}"))
    assert decided(province, key) == 302
    gone = Department.objects.get(uscc=BUREAU)
    assert gone.closed_on is not None
    assert gone.successor is not None
    assert gone.successor.uscc == OFFICE
    assert not Window.objects.filter(department=gone).exists()
    assert not Item.objects.filter(department=gone).exists()
    nowhere = people.uscc("11320700MB09070A1")
    uploaded(city, key, file(heading, f"{OFFICE},新局,320700,2026-11-02,{nowhere}"))
    told = province.post(f"/admin/upstream/{key}/decide", {"every": "1", "verdict": "approve"})
    assert "承继单位不存在" in told.content.decode()
    assert models.Change.objects.filter(decided_at=None).count() == 1
    assert Department.objects.get(uscc=OFFICE).closed_on is None


@pytest.mark.django_db
def test_windows_are_closed_and_their_hours_changed_by_the_two_that_agreed(
    city: people.Client, province: people.Client, world: people.Place
) -> None:
    window = Window.objects.order_by("pk").first()
    assert window
    key = connected(city, "windows")
    row = f"{window.code},{window.hall.code},{window.number},{window.department.uscc}"
    uploaded(city, key, file("code,hall,number,department,opens,closes", f"{row},08:00,18:00"))
    assert decided(province, key) == 302
    window.refresh_from_db()
    assert (window.opens.hour, window.closes.hour) == (8, 18)
    # what a catalogue does not say stays as it is
    assert "没有待批准" in uploaded(city, key, file("code,hall,number,department", row))
    uploaded(city, key, file("code,hall,number,department,closed_on", f"{row},2026-11-01"))
    assert decided(province, key) == 302
    window.refresh_from_db()
    assert not window.in_use


@pytest.mark.django_db
def test_regions_change_from_the_browser_with_history_and_successor(
    province: people.Client, world: people.Place
) -> None:
    key = connected(province, "regions", region="320000000000")
    admin = people.signed_in(people.appointed("admin", "admin", region=320000000000))
    table = file(
        "行政区划代码,行政区划名称,生效日期,停用日期,承继编码",
        "320791,连云新区,2026-01-01,,",
        "320703,连云区,,2026-10-01,320791000000",
        "320792001001,没有上级的村,,,",
    )
    page = uploaded(province, key, table)
    assert "新增 2" in page
    assert "停用 1" in page
    told = admin.post(f"/admin/upstream/{key}/decide", {"every": "1", "verdict": "approve"})
    assert "上级 320792001000 不存在" in told.content.decode()
    chosen = models.Change.objects.exclude(code="320792001001").values_list("pk", flat=True)
    told = admin.post(
        f"/admin/upstream/{key}/decide", {"change": list(chosen), "verdict": "approve"}
    )
    assert told.status_code == 302, told.content.decode()
    regions.forget()
    tree = regions.tree()
    assert tree.name(320791) == "连云新区"
    assert tree.resolve(320703000000) == 320791000000
    assert 320703000000 not in tree.names


@pytest.mark.django_db
def test_another_citys_catalogue_is_neither_seen_nor_decided(
    city: people.Client, province: people.Client, world: people.Place
) -> None:
    key = connected(province, "departments", region=str(ELSEWHERE))
    assert city.get(f"/admin/upstream/{key}").status_code == 404
    assert "departments目录" not in city.get("/admin/upstream/").content.decode()
    for door in ("change", "upload", "decide"):
        sent = {"do": "stop", "every": "1", "file": file("uscc,name,region", "1,2,3")}
        assert city.post(f"/admin/upstream/{key}/{door}", sent).status_code in (403, 404)
    refused = city.post(
        "/admin/upstream/connect", {"name": "别市", "kind": "halls", "region": str(ELSEWHERE)}
    )
    assert refused.status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"kind": "staff"},
        {"region": "32"},
        {"url": "file:///etc"},
        {"fields": "a=nothing"},
        {"header": "Bearer"},
    ],
)
def test_a_catalogue_that_is_told_wrongly_is_refused_and_the_form_kept(
    city: people.Client, wrong: dict[str, str]
) -> None:
    sent = {"name": "保留我", "kind": "halls", "region": str(CITY), "url": "https://a.cn/", **wrong}
    answer = city.post("/admin/upstream/connect", sent)
    assert answer.status_code == 422
    assert "字段对照每行一条" in answer.content.decode()
    assert sent["name"] in answer.content.decode()
    assert not models.Source.objects.exists()


class Catalogue(BaseHTTPRequestHandler):
    """A system that keeps departments, two a page."""

    rows: ClassVar[list[dict[str, Any]]] = []
    asked: ClassVar[list[str]] = []
    broken: ClassVar[str] = ""

    def do_GET(self) -> None:
        """Answer a page."""
        self.asked.append(f"{self.path} {self.headers.get('X-Token')}")
        start = int(self.path.partition("from=")[2] or 0)
        body = {"code": 0, "data": {"total": len(self.rows), "list": self.rows[start : start + 2]}}
        if start + 2 < len(self.rows):
            body["data"]["next"] = self.broken or f"/list?from={start + 2}"  # type: ignore[index]
        said = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def upstream(settings: Any) -> Iterator[HTTPServer]:
    """A catalogue over HTTP."""
    settings.OUTBOUND_ALLOW = networks("127.0.0.0/8")
    server = HTTPServer(("127.0.0.1", 0), Catalogue)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Catalogue.rows, Catalogue.asked, Catalogue.broken = [], [], ""
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.django_db
def test_a_catalogue_is_read_page_by_page_once_another_person_has_started_it(
    city: people.Client, province: people.Client, upstream: HTTPServer, settings: Any
) -> None:
    url = f"http://127.0.0.1:{upstream.server_port}/list"
    fields = "deptCode=uscc\ndeptName=name\nareaCode=region"
    key = connected(city, "departments", url=url, fields=fields, header="X-Token: s3cret")
    codes = [people.uscc(f"11320700MB1{n}070A1") for n in range(5)]
    Catalogue.rows = [
        {"deptCode": code, "deptName": f"局{n}", "areaCode": 320700, "more": [1]}
        for n, code in enumerate(codes)
    ]
    tasks.read_one(key)
    assert not Catalogue.asked  # nobody has started it
    assert city.post(f"/admin/upstream/{key}/change", {"do": "start"}).status_code == 409
    assert province.post(f"/admin/upstream/{key}/change", {"do": "start"}).status_code == 302
    tasks.read_one(key)
    assert [one.partition("=")[2] or one for one in Catalogue.asked] == [
        "/list s3cret",
        "2 s3cret",
        "4 s3cret",
    ]
    assert models.Change.objects.filter(what=What.ADD).count() == 5
    assert decided(city, key) == 302
    assert Department.objects.filter(uscc__in=codes).count() == 5
    assert "s3cret" not in city.get(f"/admin/upstream/{key}").content.decode()
    for broken in ("http://127.0.0.1:1/list", "/list"):
        Catalogue.broken = broken
        tasks.read_one(key)
        assert "翻页" in city.get(f"/admin/upstream/{key}").content.decode()
        assert Trouble.objects.filter(name=f"upstream.{key}").exists()
    settings.OUTBOUND_ALLOW = ()
    tasks.read_one(key)
    assert "不通" in city.get(f"/admin/upstream/{key}").content.decode()
    settings.OUTBOUND_ALLOW, Catalogue.broken = networks("127.0.0.0/8"), ""
    tasks.read_one(key)
    assert not Trouble.objects.filter(name=f"upstream.{key}").exists()
    assert not models.Change.objects.filter(decided_at=None).exists()
    assert city.post(f"/admin/upstream/{key}/change", {"do": "stop"}).status_code == 302
    asked = len(Catalogue.asked)
    tasks.read_one(key)
    assert len(Catalogue.asked) == asked


@pytest.mark.django_db
def test_a_complete_catalogue_that_lost_half_its_rows_closes_nothing(
    city: people.Client, province: people.Client
) -> None:
    codes = [people.uscc(f"11320700MB2{n:02}70A1") for n in range(40)]
    for code in codes:
        Department.objects.create(uscc=code, name=f"局{code}", region=CITY)
    key = connected(city, "departments", complete="1")

    def table(kept: list[str]) -> SimpleUploadedFile:
        text = io.StringIO()
        csv.writer(text).writerows(
            [["uscc", "name", "region"], *([code, f"局{code}", "320700"] for code in kept)]
        )
        return SimpleUploadedFile("a.csv", text.getvalue().encode())

    assert "疑似不完整" in uploaded(city, key, table(codes[:20]))
    assert not models.Change.objects.exists()
    uploaded(city, key, table(codes[:35]))
    gone = models.Change.objects.filter(what=What.CLOSE)
    assert set(gone.values_list("code", flat=True)) == {*codes[35:], BUREAU}
    assert decided(province, key) == 302
    assert not Department.objects.filter(uscc__in=codes[35:], closed_on=None).exists()


@pytest.mark.django_db
def test_what_came_in_with_a_service_is_confirmed_by_the_catalogue(
    city: people.Client, province: people.Client
) -> None:
    Department.objects.create(uscc=OFFICE, name="数据局", region=CITY, confirmed=False)
    key = connected(city, "departments", complete="1")
    rows = (f"{OFFICE},数据局,320700", f"{BUREAU},连云港市行政审批局,320700")
    assert "确认 1" in uploaded(city, key, file("uscc,name,region", *rows))
    assert decided(province, key) == 302
    assert Department.objects.get(uscc=OFFICE).confirmed


@pytest.mark.django_db
def test_a_row_that_can_no_longer_be_written_says_why_and_waits(
    city: people.Client, province: people.Client
) -> None:
    key = connected(city, "items")
    code = people.item_of(BUREAU)
    row = f"{code},企业设立登记,{OFFICE},01"
    assert "请先建立" in uploaded(city, key, file("code,name,department,task_type", row))
    made = Department.objects.create(uscc=OFFICE, name="数据局", region=CITY)
    uploaded(city, key, file("code,name,department,task_type", row))
    made.delete()
    told = province.post(f"/admin/upstream/{key}/decide", {"every": "1", "verdict": "approve"})
    assert "请先建立" in told.content.decode()
    assert models.Change.objects.filter(decided_at=None).count() == 1
    assert not Item.objects.filter(code=code).exists()


facts = st.fixed_dictionaries({"name": st.sampled_from("甲乙丙")})
entries = st.lists(
    st.builds(
        Entry,
        code=st.sampled_from("abcdefgh"),
        region=st.just(1),
        facts=facts,
        closed_on=st.none() | st.dates(),
    ),
    unique_by=lambda one: one.code,
)
table = st.dictionaries(
    st.sampled_from("abcdefgh"),
    st.builds(Here, region=st.just(1), facts=facts, closed=st.booleans(), confirmed=st.booleans()),
)


@given(entries, table)
def test_once_all_that_differs_is_taken_nothing_differs(
    said: list[Entry], here: dict[str, Here]
) -> None:
    codes = [one.code for one in said]
    now = dict(here)
    for _ in range(2):  # what is opened again may also have changed
        for one in differences(said, now, complete=True, asked=codes):
            was = now.get(one.code)
            now[one.code] = (
                Here(1, was.facts, closed=True, confirmed=was.confirmed)
                if one.what == What.CLOSE and was
                else Here(1, one.after or {})
            )
    assert differences(said, now, complete=True, asked=codes) == []
    open_ = {one.code: one.facts for one in said if one.closed_on is None}
    kept = {code: row.facts for code, row in now.items() if row.confirmed and not row.closed}
    assert kept == open_


def test_a_field_that_is_none_of_ours_is_refused() -> None:
    assert rules.read_fields(" a = name \n\nb=uscc", {"name", "uscc"}) == {"a": "name", "b": "uscc"}
    for text in ("a", "=name", "a=other"):
        with pytest.raises(rules.BadSource):
            rules.read_fields(text, {"name"})
