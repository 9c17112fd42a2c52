"""Tables as spreadsheets, offices and broken systems write them."""

import csv
import io
import json
import subprocess
import sys
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import xlwt

from haochaping.kernel import spreadsheet
from haochaping.kernel.headings import Columns, WrongColumns
from haochaping.kernel.moments import LOCAL, parse_day, parse_moment
from haochaping.kernel.numbers import identifier
from haochaping.kernel.sheets import UNREADABLE, Row, UnreadableTable, guarded, read_rows, rows_of

COLUMNS = Columns(frozenset({"projectNo", "serviceNumber", "name"}), [("projectNo",)])
HEADING = "projectNo,serviceNumber,name\n"


def rows(data: bytes | str, kind: str = "csv") -> list[Row]:
    """Read a file."""
    sent = data if isinstance(data, bytes) else data.encode()
    return list(rows_of(f"a.{kind}", sent, COLUMNS))


def book(*sheets: list[list[object]]) -> bytes:
    """Write a spreadsheet."""
    made, file = openpyxl.Workbook(), io.BytesIO()
    made.remove(made.active)
    for number, lines in enumerate(sheets):
        sheet = made.create_sheet(f"s{number}")
        for line in lines:
            sheet.append(line)
    made.save(file)
    return file.getvalue()


def test_every_format_and_encoding_is_read_alike() -> None:
    text = HEADING + "P1,1,张三\n"
    expected = [{"projectNo": "P1", "serviceNumber": "1", "name": "张三"}]
    assert rows(text) == expected
    for encoding in ("gb18030", "utf-8-sig", "utf-16"):
        assert rows(text.encode(encoding)) == expected
    for separator in ";\t":
        assert rows(text.replace(",", separator)) == expected
    assert rows('{"projectNo": "P1", "serviceNumber": 1, "name": "张三"}\n', "jsonl") == expected
    lines: list[list[object]] = [["projectNo", "serviceNumber", "name"], ["P1", 1, "张三"]]
    assert rows(book(lines), "xlsx") == expected
    assert rows(book([["说明"], ["本表……"]], lines), "xlsx") == expected  # the second sheet


def test_titles_above_the_heading_are_no_heading_and_lines_are_the_files_own() -> None:
    found = rows(
        '连云港市办件表\n\n办件,,\nprojectNo,serviceNumber,name\n"P1",1,"两\n行"\n\nP2,2,b\n'
    )
    assert [(row.line, row["projectNo"]) for row in found] == [(5, "P1"), (8, "P2")]
    found = rows(book([["办件表"], [], ["projectNo", "serviceNumber"], [], ["P1", 1]]), "xlsx")
    assert [(row.line, row["projectNo"]) for row in found] == [(5, "P1")]
    found = rows('\n{"projectNo": "P1"}\n\n[1]\n', "jsonl")
    assert [(row.line, row.get("projectNo"), row.get(UNREADABLE)) for row in found] == [
        (2, "P1", None),
        (4, None, "not_json"),
    ]


@pytest.mark.parametrize(
    ("heading", "says"),
    [
        ("serviceNumber,name", "projectNo"),
        ("projectNo,name,name", "twice in it: name"),
        ("projectNo,serviceNumbr,name", "is serviceNumber meant"),
        ("", "empty"),
    ],
)
def test_a_wrong_heading_is_refused_once_with_the_row_that_was_read(
    heading: str, says: str
) -> None:
    with pytest.raises(WrongColumns) as refused:
        rows(f"{heading}\nP1,1,a\n" if heading else "\n\n")
    assert says in refused.value.says.en
    assert (
        not heading
        or heading.split(",", maxsplit=1)[0] in refused.value.says.zh
        or "列" in refused.value.says.zh
    )


def test_one_broken_byte_makes_no_chinese_out_of_other_chinese() -> None:
    good, cut = "P1,1,企业设立登记\n".encode(), "P2,1,窗口办".encode()[:-1] + b"\nP3,1,a\n"
    for data in (good + cut, cut):
        found = rows(HEADING.encode() + data)
        assert {row["name"] for row in found if UNREADABLE not in row} <= {"企业设立登记", "a"}
        assert [row.line for row in found if row.get(UNREADABLE) == "bad_encoding"] == [
            2 + data.startswith(b"P1")
        ]
    mixed = (HEADING + "P1,1,企业设立登记\n" * 9).encode("gb18030") + "P2,1,窗口办理\n".encode()
    assert [row.get(UNREADABLE) for row in rows(mixed)] == [None] * 9 + ["bad_encoding"]


def test_short_chinese_in_gbk_is_no_cyrillic() -> None:
    for words in ("小学", "学校", "谢谢", "学习", "一", "排队两个小时没人管"):
        (row,) = rows((HEADING + f"P1,1,{words}\n").encode("gb18030"))
        assert row["name"] == words
        (row,) = rows((HEADING + f"P1,1,{words}\n").encode())
        assert row["name"] == words
    assert [row["name"] for row in rows((HEADING + "P1,1,José\n").encode())] == ["José"]
    mixed = (HEADING + "P1,1,企业设立登记\n" * 9).encode() + "P2,1,小学\n".encode("gb18030")
    assert [row.get(UNREADABLE) for row in rows(mixed)] == [None] * 9 + ["bad_encoding"]


def test_a_cut_utf_16_is_told_by_row() -> None:
    text = HEADING + "P1,1,张三\nP2,1,李四\n"
    for data in (text.encode("utf-16") + b"\x00", text.encode("utf-16")[:-5] + b"\xd8\n\0"):
        found = rows(data)
        assert found[0] == {"projectNo": "P1", "serviceNumber": "1", "name": "张三"}
        assert all(row.get(UNREADABLE) == "bad_encoding" for row in found[2:])
    with pytest.raises(UnreadableTable) as refused:
        rows(HEADING.encode("utf-16") + ("x" * 2_000_000).encode("utf-16-le"))
    assert "longer than" in refused.value.says.en


def test_every_sheet_with_the_heading_is_read_and_others_are_not() -> None:
    lines: list[list[object]] = [["projectNo", "serviceNumber", "name"], ["P1", 1, "张三"]]
    more: list[list[object]] = [lines[0], ["P2", 1, "李四"]]
    other: list[list[object]] = [["projectNo", "serviceNumber", "note"], ["P3", 1, "x"]]
    for sheets in ((lines, more), (lines[:1], lines, other, more), (lines, [["说明"]], more)):
        found = rows(book(*sheets), "xlsx")
        assert [row["projectNo"] for row in found if UNREADABLE not in row] == ["P1", "P2"]
        told = [row[UNREADABLE] for row in found if UNREADABLE in row]
        assert told == ["other_columns"] * (other in sheets)  # none of it vanishes unsaid
    turned: list[list[object]] = [["name", "projectNo", "serviceNumber"], ["王五", "P4", 2]]
    assert rows(book(lines, turned), "xlsx")[1] == {
        "projectNo": "P4",
        "serviceNumber": "2",
        "name": "王五",
    }


def test_a_row_that_took_in_others_or_lost_its_end_is_told() -> None:
    swallowed = rows(HEADING + 'P1,1,好\nP2,1,"差\nP3,1,还行\nP4,1,"\nP5,1,好\n')
    assert [row.get(UNREADABLE) for row in swallowed] == [None, "open_quote", None]
    assert swallowed[1]["projectNo"] == "P2"  # what can be shown stays beside it
    with pytest.raises(UnreadableTable) as refused:
        rows(HEADING + 'P1,1,好\nP2,1,"差\nP3,1,还行\n')
    assert "from line 3 on" in refused.value.says.en
    (row,) = rows(HEADING + "P1,1,排队太久,工作人员态度差\n")
    assert row[UNREADABLE] == "too_many_cells"
    (row,) = rows(HEADING + "P1,1,排队太久,,\n")
    assert row["name"] == "排队太久"
    (row,) = rows(HEADING + 'P1,1,"两行，\n有逗号"\n')
    assert row["name"] == "两行，\n有逗号"


def test_a_name_that_stands_twice_in_an_object_is_refused() -> None:
    found = rows('{"projectNo": "P1"}\n{"satisfaction": 1, "satisfaction": 5}\n', "jsonl")
    assert [row.get(UNREADABLE) for row in found] == [None, "not_json"]


@pytest.mark.parametrize(
    "line",
    ['{"\\u0000unreadable": "x"}', '{"name": NaN}', '{"\\ud83d": "x"}', '{"name": -Infinity}'],
)
def test_an_object_that_is_no_json_or_no_text_is_refused_alone(line: str) -> None:
    found = rows(f'{{"name": "好"}}\n{line}\n{{"name": ["a", "好"]}}\n', "jsonl")
    assert [row.get(UNREADABLE) for row in found] == [None, "not_json", None]
    assert found[2]["name"] == '["a", "好"]'


@pytest.mark.parametrize(
    "text",
    ["=1", "+1", "-1", "@a", "\t1", "\r1", "\n=1", " =1+1", "\u200b=1", "\0=1", "＝1", "＋1", "－1",
     "＠a", "\ufeff =1"],
)  # fmt: skip
def test_no_cell_runs_in_a_spreadsheet_and_reading_gives_it_back(text: str) -> None:
    assert guarded(text) == f"'{text}"
    assert guarded("2026-1") == "2026-1"
    file = io.StringIO()
    csv.writer(file).writerow(["P1", 1, guarded(text)])
    if "\0" not in text:
        (row,) = rows(HEADING + file.getvalue())
        assert row["name"] == text


@pytest.mark.parametrize(
    "data", ["企業設立登記於連雲港市".encode("big5"), b"\xff\xfe\xff", b"a\0b", b"x" * 2_000_000]
)
def test_an_encoding_that_is_not_certain_is_refused(data: bytes) -> None:
    with pytest.raises((UnreadableTable, WrongColumns)):
        rows(HEADING.encode() + b"P1,1," + data + b"\n")


def test_a_number_that_a_spreadsheet_has_rounded_shows_its_exponent() -> None:
    values: list[object] = [20261124000100100000, 123456789012345, 0.5]
    (row,) = rows(book([["projectNo", "serviceNumber", "name"], values]), "xlsx")
    assert list(row.values()) == ["2.02611E+19", "123456789012345", "0.5"]


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_typed_dates_and_long_numbers_are_read_as_they_are_shown(kind: str) -> None:
    lines: list[list[object]] = [
        ["projectNo", "serviceNumber", "name"],
        ["P1", 1, datetime(2026, 9, 1, 10, 30)],
        ["P2", 2, date(2026, 9, 1)],
        [3207010001234567890, 3, "2026年9月1日"],
        ["00320701", 4, 0.5],
    ]
    found = rows(book(lines) if kind == "xlsx" else old_book(lines), kind)
    assert [row["name"] for row in found[:3]] == [
        "2026-09-01 10:30:00",
        "2026-09-01",
        "2026年9月1日",
    ]
    assert parse_moment(found[0]["name"]) == datetime(2026, 9, 1, 10, 30, tzinfo=LOCAL)
    assert [parse_day(row["name"]) for row in found[1:3]] == [date(2026, 9, 1)] * 2
    assert identifier(found[2]["projectNo"]) is None  # the spreadsheet has lost its end
    assert [found[3][name] for name in ("projectNo", "serviceNumber", "name")] == [
        "00320701",
        "4",
        "0.5",
    ]


def old_book(lines: list[list[object]]) -> bytes:
    """Write a spreadsheet as Excel 97 does, typed cells with it."""
    made, file = xlwt.Workbook(), io.BytesIO()
    sheet = made.add_sheet("s0")
    for place, line in enumerate(lines):
        for column, value in enumerate(line):
            shown = "yyyy-mm-dd hh:mm:ss" if isinstance(value, datetime) else "yyyy-mm-dd"
            style = xlwt.easyxf(num_format_str=shown) if isinstance(value, date) else None
            sheet.write(place, column, value, *([style] if style else []))
    made.save(file)
    return file.getvalue()


def test_a_large_book_is_read_row_by_row_and_reads_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    # calls the child's own code, without its limits on this process
    monkeypatch.setattr(spreadsheet.resource, "setrlimit", lambda *_: None)
    moment = datetime(2026, 9, 1, 10, 30)
    lines: list[list[object]] = [[], ["projectNo", None, "name"], [], [123, 0.5, moment], [True]]
    file = tmp_path / "a.xlsx"
    file.write_bytes(book(lines, lines))
    said = []
    for whole in (2**30, 0):
        monkeypatch.setattr(spreadsheet, "_WHOLE", whole)
        spreadsheet.main(str(file), patient=True)
        read = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        said.append([(*place, [c for c in cells if c]) for *place, cells in read])
    assert said[0] == said[1]
    assert said[0][1] == (0, 4, ["123", "0.5", "2026-09-01 10:30:00"])


def test_a_number_has_the_zeros_that_its_format_shows() -> None:
    made, file = openpyxl.Workbook(), io.BytesIO()
    made.active.append(["projectNo", "serviceNumber", "name"])
    made.active.append([320701, 1, 12345])
    made.active.cell(2, 1).number_format = "00000000"
    made.active.cell(2, 2).number_format = "0"
    made.active.cell(2, 3).number_format = "000"
    made.save(file)
    (row,) = rows(file.getvalue(), "xlsx")
    assert list(row.values()) == ["00320701", "1", "12345"]


@pytest.mark.parametrize(
    ("form", "number", "shown"),
    [
        ("000000;@", 123, "000123"),
        ('"A"000', 7, "A007"),
        ("00-00", 123, "01-23"),
        ("00-00", 12345, "123-45"),
        ("[$-804]00000", 42, "00042"),
        ("000000_ ", 42, "000042"),
        ("000\\X", 7, "007X"),
        ("0.00", 7, "7"),
        ("#,##0", 1234, "1234"),
        ("0", 7, "7"),
        ("General", 7, "7"),
        ("00000000", 320701.0, "00320701"),
        ("00000000", 320701.5, "320701.5"),
    ],
)
def test_a_code_is_read_as_its_format_shows_it_and_a_quantity_is_not(
    form: str, number: float, shown: str
) -> None:
    made, file = openpyxl.Workbook(), io.BytesIO()
    made.active.append(["projectNo", "serviceNumber", "name"])
    made.active.append([number, date(2026, 11, 16), 5])
    made.active.cell(2, 1).number_format = form
    made.active.cell(2, 2).number_format = "yyyy/m/d"
    made.active.cell(2, 3).number_format = "000"  # a code in the book: it is read slowly
    made.save(file)
    (row,) = rows(file.getvalue(), "xlsx")
    assert list(row.values()) == [shown, "2026-11-16", "005"]  # a day has no time of its own


@pytest.mark.slow
def test_a_book_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(book([["projectNo", "serviceNumber", "name"], ["P1", 1, "a"]]))
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as parts,
        parts.open("xl/media/large.bin", "w", force_zip64=True) as large,
    ):
        for _ in range(1100):
            large.write(bytes(1024 * 1024))
    assert path.stat().st_size < 2 * 1024**2
    with pytest.raises(UnreadableTable):
        list(read_rows(path, COLUMNS))


def test_a_cell_of_another_encoding_is_told() -> None:
    good = ("企业设立登记，" * 5).encode("gb18030")
    data = HEADING.encode() + b"P1,1," + good + b"\n" + "P2,张三,".encode() + good + b"\n"
    assert [row.get(UNREADABLE) for row in rows(data)] == [None, "bad_encoding"]
    data = (HEADING + "P1,1,企业设立登记\n" * 3).encode() + b"P2,1,"
    assert rows(data + "小学\n".encode("gbk"))[3][UNREADABLE] == "bad_encoding"


@pytest.mark.nightly
def test_a_million_rows_need_no_more_than_300_mb(tmp_path: Path) -> None:
    file, names = tmp_path / "m.xlsx", ("projectNo", "serviceNumber", "name")
    made = xlsxwriter.Workbook(file, {"constant_memory": True})
    sheet = made.add_worksheet()
    sheet.write_row(0, 0, names)
    for number in range(1, 1_000_001):
        sheet.write_row(number, 0, (f"3207010001{number:012d}", "1", "企业设立登记" * 5))
    made.close()
    read = (
        "import re, resource, sys; from pathlib import Path; "
        "from haochaping.kernel.headings import Columns; "
        "from haochaping.kernel.sheets import read_rows; "
        f"columns = Columns(frozenset({names!r}), [('projectNo',)]); "
        "print(sum(1 for _ in read_rows(Path(sys.argv[1]), columns)), "
        "*re.findall(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text()), "
        "resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    said = subprocess.run([sys.executable, "-c", read, str(file)], capture_output=True, check=True)
    number, own, child = map(int, said.stdout.split())
    assert number == 1_000_000
    assert (own + child) // 1024 <= 300


def test_a_far_cell_takes_nothing_with_it() -> None:
    made, file = openpyxl.Workbook(), io.BytesIO()
    made.active.append(["projectNo", "serviceNumber", "name"])
    made.active.append(["P1", 1, "a"])
    made.active.cell(1_048_576, 16_384, "x")
    made.save(file)
    with pytest.raises(UnreadableTable):
        rows(file.getvalue(), "xlsx")


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as file:
        file.truncate(2 * 1024**3)
    with pytest.raises(UnreadableTable):
        list(read_rows(path, COLUMNS))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "plain", "'quoted", ""])
def test_a_formula_is_made_harmless_and_comes_back_as_it_was(text: str) -> None:
    safe = guarded(text)
    assert not safe or safe[0] not in "=+-@\t\r"
    cell = safe.replace('"', '""')
    (row,) = rows(f'{HEADING}P1,1,"{cell}"\n')
    assert row["name"] == text
