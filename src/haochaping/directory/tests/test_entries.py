"""The directory by form: adding, changing with history, closing, templates and exports."""

import html
import io
import re
from datetime import timedelta

import people
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from people import BUREAU, CITY
from python_calamine import CalamineWorkbook

from haochaping.audit.models import Entry
from haochaping.devices.models import Device
from haochaping.directory import models, queries, rules
from haochaping.invitations.models import Code
from haochaping.kernel import clock
from haochaping.kernel.tables import Column, Line, Table, as_xlsx
from haochaping.kernel.words import Words

pytestmark = pytest.mark.django_db
WINDOW = {"code": "W9", "hall": "H1", "number": "B09", "department": BUREAU, "opens": "09:00",
          "closes": "17:00"}  # fmt: skip


@pytest.fixture
def city(world: people.Place) -> people.Client:
    """The city's office in its browser."""
    return people.signed_in(world.users["city"])


def sheet(data: bytes) -> list[list[object]]:
    """Return the rows of a workbook's first sheet."""
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()


def confirm(who: people.Client, **proposed: object) -> int:
    """Decide on what waits for a window; return the status."""
    change = models.HoursChange.objects.get(decided_at=None, **proposed)
    return who.post(
        f"/admin/directory/windows/hours/{change.pk}", {"verdict": "approve"}
    ).status_code


def test_a_window_is_added_changed_with_history_closed_and_opened_again_by_two(
    city: people.Client, world: people.Place
) -> None:
    province = people.signed_in(world.users["province"])
    assert city.get("/admin/directory/windows/new").status_code == 200
    assert city.post("/admin/directory/windows/new", WINDOW).status_code == 302
    window = models.Window.objects.get(code="W9")
    address = f"/admin/directory/windows/{window.pk}"
    city.post(address, WINDOW | {"code": "OTHER", "number": "B10"})
    window.refresh_from_db()
    assert (window.code, window.number) == ("W9", "B10")  # a code is for good
    # a clerk who asks a citizen to rate changes nothing of the window
    entry = Entry.objects.filter(subject="directory", subject_id=window.pk).first()
    assert entry is not None
    Entry.objects.create(
        at=entry.at,
        by=0,
        subject="window",
        subject_id=window.pk,
        verb="call",
        region=CITY,
        details={},
    )
    page = city.get(address).content.decode()
    assert "B09 → B10" in page
    for _ in range(2):  # proposed once
        city.post(f"{address}/in-use", {"in_use": "0"})
    window.refresh_from_db()
    assert window.in_use
    assert "停用（来自该窗口" in province.get("/admin/directory/windows").content.decode()
    assert confirm(city, in_use=False) == 409  # by the same person
    assert confirm(province, in_use=False) == 302
    city.post(address, WINDOW)
    window.refresh_from_db()
    assert not window.in_use  # to change it does not open it again
    assert "已停用" in city.get(address).content.decode()
    city.post(f"{address}/in-use", {"in_use": "1"})
    assert confirm(province, in_use=True) == 302
    window.refresh_from_db()
    assert window.in_use
    verbs = list(Entry.objects.filter(region=CITY).order_by("pk").values_list("verb", flat=True))
    assert [verb for verb in verbs if verb in ("add", "change", "close", "open")] == [
        "add", "change", "close", "change", "open",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("departments", {"uscc": people.uscc("11320700MB07070A1"), "name": "某局",
                         "region": "320700"}),
        ("halls", {"code": "H7", "name": "东海县大厅", "region": "320722", "address": "牛山路 1"}),
        ("staff", {"number": "0999", "name": "李四", "department": BUREAU, "window": "W1"}),
        ("items", {"code": people.item_of(BUREAU), "name": "企业设立登记", "department": BUREAU,
                   "task_type": "01"}),
    ],
)  # fmt: skip
def test_every_table_has_its_form(city: people.Client, kind: str, form: dict[str, str]) -> None:
    assert city.post(f"/admin/directory/{kind}/new", form).status_code == 302
    assert form.get("name", "") in city.get(f"/admin/directory/{kind}").content.decode()


def test_what_is_wrong_is_told_at_its_field_and_nothing_typed_is_lost(city: people.Client) -> None:
    answer = city.post("/admin/directory/windows/new", WINDOW | {"hall": "NONE"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "大厅编号（hall）NONE 不存在" in page
    assert 'value="B09"' in page
    assert not models.Window.objects.filter(code="W9").exists()
    again = city.post("/admin/directory/windows/new", WINDOW | {"code": "W1"})
    assert "该编号已存在" in again.content.decode()


def test_nobody_sees_or_changes_an_entry_of_another_city(world: people.Place) -> None:
    foreign = people.signed_in(world.users["foreign"])
    window = models.Window.objects.get(code="W1")
    address = f"/admin/directory/windows/{window.pk}"
    assert foreign.get(address).status_code == 404
    assert foreign.post(address, WINDOW | {"number": "X"}).status_code == 404
    assert foreign.post(f"{address}/in-use", {"in_use": "0"}).status_code == 403
    assert foreign.post("/admin/directory/windows/new", WINDOW).status_code == 422
    window.refresh_from_db()
    assert (window.number, window.in_use) == ("A03", True)


def test_a_template_filled_in_chinese_is_read_and_errors_name_row_and_column(
    city: people.Client,
) -> None:
    (heading,) = sheet(city.get("/admin/directory/windows/template").content)
    assert heading == ["编号", "大厅编号", "窗口号", "部门信用代码", "开始时间", "结束时间"]
    columns = [Column(Words(str(name), "")) for name in heading]
    lines = [Line([f"N{n}", "H1", f"C{n:02d}", BUREAU, "09:00", "17:00"]) for n in range(1, 31)]
    lines += [Line(["N31", "NONE", "C31", BUREAU, "", ""]), Line(["N32", "H1", "", BUREAU, "", ""])]
    data = as_xlsx([Table("w", Words("窗口", ""), columns, lines)])
    file = SimpleUploadedFile("窗口.xlsx", data)
    page = city.post("/admin/directory/windows/import", {"file": file}).content.decode()
    assert "30 行可导入" in " ".join(page.split())
    assert "大厅编号（hall）NONE 不存在" in page
    assert "窗口号（number）不可为空" in page
    assert "<td>32</td>" in page
    assert "<td>33</td>" in page


def test_an_export_holds_every_row_that_was_found_and_runs_nothing(city: people.Client) -> None:
    hall = models.Hall.objects.get(code="H1")
    models.Hall.objects.create(code="H2", name="=1+1 大厅", region=hall.region)
    models.Hall.objects.create(code="H3", name="分厅", region=people.ELSEWHERE)
    rows = sheet(city.get("/admin/directory/halls/export").content)
    assert {row[0] for row in rows[1:]} == {"H1", "H2"}
    csv = city.get("/admin/directory/halls/export?as=csv&search=1%2B1").content.decode("utf-8-sig")
    assert csv.splitlines()[1] == "H2,'=1+1 大厅,320700000000,"
    page = city.get("/admin/directory/halls?search=1%2B1").content.decode()
    assert "（全部 2 条）" in "".join(page.split()).replace("（全部2条）", "（全部 2 条）")


def test_a_clerk_without_the_right_finds_no_form(world: people.Place) -> None:
    agent = people.signed_in(world.users["agent"])
    assert agent.get("/admin/directory/windows/new").status_code == 403
    assert agent.get("/admin/directory/windows/export").status_code == 200


def imported(city: people.Client, *rows: dict[str, str]) -> None:
    """Import windows from a file, in the browser."""
    text = "\n".join([",".join(WINDOW), *(",".join(row.values()) for row in rows)])
    file = SimpleUploadedFile("windows.csv", text.encode())
    preview = city.post("/admin/directory/windows/import", {"file": file}).content.decode()
    parcel = re.search(r'name="parcel" value="([^"]+)"', preview)
    assert parcel, preview
    sent = {"parcel": html.unescape(parcel[1]), "confirm": "1"}
    assert city.post("/admin/directory/windows/import", sent).status_code == 302


def test_an_import_is_undone_but_for_what_was_changed_or_named_since(
    city: people.Client, world: people.Place
) -> None:
    before = models.Window.objects.get(code="W1").number
    rows = [WINDOW | {"code": f"N{n}", "number": f"N{n}"} for n in range(1, 6)]
    imported(city, WINDOW | {"code": "W1", "number": "Z1"}, *rows)
    assert models.Window.objects.get(code="W1").number == "Z1"
    changed, named = (models.Window.objects.get(code=code) for code in ("N2", "N3"))
    city.post(f"/admin/directory/windows/{changed.pk}", WINDOW | {"number": "N2b"})
    served = (clock.now() - timedelta(hours=1)).isoformat()
    people.register(people.given_record(window_code="N3", served_at=served))
    Code.objects.create(
        short="x", kind="window", target_id=models.Window.objects.get(code="N4").pk,
        region=CITY, made_at=people.NOON,
    )  # fmt: skip
    made = models.Import.objects.get()
    address = f"/admin/directory/windows/imports/{made.pk}/undo"
    assert people.signed_in(world.users["foreign"]).post(address).status_code == 404
    page = city.post(address).content.decode()
    assert "移除 2，恢复 1，保留 3" in " ".join(page.split()).replace(" ，", "，")
    codes = set(models.Window.objects.values_list("code", flat=True))
    assert {"N2", "N3", "N4"} < codes
    assert not {"N1", "N5"} & codes
    assert models.Window.objects.get(code="W1").number == before
    assert models.Window.objects.get(code="N3").pk == named.pk
    assert city.post(address).status_code == 404  # once
    assert Entry.objects.get(verb="undo").details["left"] == 3


def test_hours_that_an_import_proposed_are_asked_once_and_go_with_it(city: people.Client) -> None:
    one = models.Window.objects.get(code="W1")
    row = WINDOW | {"code": "W1", "number": one.number, "opens": "08:30", "closes": "17:00"}
    for _ in range(2):
        imported(city, row, WINDOW | {"code": "N1", "number": "N1"})
    waiting = models.HoursChange.objects.filter(decided_at=None)
    assert waiting.count() == 1
    for made in models.Import.objects.order_by("pk"):
        city.post(f"/admin/directory/windows/imports/{made.pk}/undo")
    assert waiting.count() == 0


def test_what_stands_at_a_hall_goes_with_it_to_another_region(
    city: people.Client, world: people.Place
) -> None:
    county = 320706000000
    hall, window = models.Hall.objects.get(), models.Window.objects.get(code="W1")
    for kind, target in (("hall", hall.pk), ("window", window.pk)):
        Code.objects.create(
            short=kind, kind=kind, target_id=target, region=CITY, made_at=people.NOON
        )
    device = Device.objects.create(
        kid="d1", kind="tablet", window_id=window.pk, region=CITY, secret=b"", paired_at=people.NOON
    )
    form = {"code": hall.code, "name": hall.name, "region": str(county), "address": ""}
    assert city.post(f"/admin/directory/halls/{hall.pk}", form).status_code == 302
    assert set(Code.objects.values_list("region", flat=True)) == {county}
    device.refresh_from_db()
    assert device.region == county


def test_whoever_takes_a_list_as_a_file_is_in_the_trail(city: people.Client) -> None:
    assert city.get("/admin/directory/windows/export").status_code == 200
    assert city.get("/admin/ratings?as=csv").status_code == 200
    told = [one.details["list"] for one in Entry.objects.filter(verb="take").order_by("pk")]
    assert told == ["windows", "ratings"]


def test_an_old_import_cannot_be_undone_and_is_forgotten(
    city: people.Client, world: people.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(city, WINDOW | {"code": "N1"}, WINDOW | {"code": "N2", "number": "B10"})
    made = models.Import.objects.get()
    later = clock.now() + rules.UNDO + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    city = people.signed_in(world.users["city"])
    page = city.get("/admin/directory/windows").content.decode()
    assert 'data-testid="imports"' not in page
    assert city.post(f"/admin/directory/windows/imports/{made.pk}/undo").status_code == 404
    imported(city, WINDOW | {"code": "N3"}, WINDOW | {"code": "N4", "number": "B11"})
    made.refresh_from_db()
    assert made.rows == []


@pytest.mark.parametrize("kind", queries.SORTED)
def test_a_list_is_sorted_by_its_headings_and_by_nothing_else(
    city: people.Client, kind: str
) -> None:
    people.register(people.given_record())  # an item too
    page = f"/admin/directory/{kind}"
    for key in queries.SORTED[kind]:
        up = city.get(page, {"sort": key}).content.decode()
        assert 'aria-sort="ascending"' in up
        assert f"sort=-{key}" in up  # a second click turns it round
        assert 'aria-sort="descending"' in city.get(page, {"sort": f"-{key}"}).content.decode()
    for wrong in ("--name", "department__uscc", "photo", "x"):
        answer = city.get(page, {"sort": wrong})
        assert answer.status_code == 200
        assert "aria-sort" not in answer.content.decode()


def test_windows_come_in_the_order_that_was_asked_for(
    world: people.Place, city: people.Client
) -> None:
    given = {"number": "09", "code": "W9", "opens": "07:30"}
    assert city.post("/admin/directory/windows/new", WINDOW | given).status_code == 302
    for sort, first in (("opens", "W9"), ("-opens", world.window)):
        text = city.get("/admin/directory/windows", {"sort": sort}).content.decode()
        assert min((world.window, "W9"), key=lambda code: text.index(f"<small>{code}")) == first
