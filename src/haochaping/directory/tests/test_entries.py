"""The directory by form: adding, changing with history, closing, templates and exports."""

import io

import people
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from people import BUREAU, CITY
from python_calamine import CalamineWorkbook

from haochaping.audit.models import Entry
from haochaping.directory import models
from haochaping.kernel.tables import Column, Line, Table, as_xlsx
from haochaping.kernel.words import Words

pytestmark = pytest.mark.django_db
WINDOW = {"code": "W9", "hall": "H1", "number": "B09", "department": BUREAU, "opens": "09:00",
          "closes": "17:00"}  # fmt: skip


@pytest.fixture
def city(world: people.Place, grants: None) -> people.Client:
    """The city's office in its browser."""
    return people.signed_in(world.users["city"])


def sheet(data: bytes) -> list[list[object]]:
    """Return the rows of a workbook's first sheet."""
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()


def test_a_window_is_added_changed_with_history_closed_and_opened_again(
    city: people.Client,
) -> None:
    assert city.get("/admin/directory/windows/new").status_code == 200
    assert city.post("/admin/directory/windows/new", WINDOW).status_code == 302
    window = models.Window.objects.get(code="W9")
    address = f"/admin/directory/windows/{window.pk}"
    city.post(address, WINDOW | {"code": "OTHER", "number": "B10"})
    window.refresh_from_db()
    assert (window.code, window.number) == ("W9", "B10")  # a code is for good
    page = city.get(address).content.decode()
    assert "B09 → B10" in page
    city.post(f"{address}/in-use", {"in_use": "0"})
    city.post(address, WINDOW)
    window.refresh_from_db()
    assert not window.in_use  # to change it does not open it again
    assert "已停用" in city.get(address).content.decode()
    city.post(f"{address}/in-use", {"in_use": "1"})
    verbs = list(Entry.objects.filter(region=CITY).values_list("verb", flat=True))
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


def test_nobody_sees_or_changes_an_entry_of_another_city(world: people.Place, grants: None) -> None:
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


def test_a_clerk_without_the_right_finds_no_form(world: people.Place, grants: None) -> None:
    agent = people.signed_in(world.users["agent"])
    assert agent.get("/admin/directory/windows/new").status_code == 403
    assert agent.get("/admin/directory/windows/export").status_code == 200
