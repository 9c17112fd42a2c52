"""Files of records and ratings: rows are told, nothing unknown is dropped in silence."""

import csv
import io
from pathlib import Path

import people
import pytest
from people import BUREAU, item_of

from haochaping.evaluations.models import Evaluation
from haochaping.feed.models import Pending
from haochaping.feed.rules import Kind
from haochaping.identity.rules import OURSELVES
from haochaping.intake import imports
from haochaping.kernel.errors import Refusal
from haochaping.kernel.headings import WrongColumns
from haochaping.kernel.sheets import UnreadableTable, read_rows, rows_of
from haochaping.records import models
from haochaping.site import files

NAMES = (
    "areaCode,deptCode,proDepart,taskCode,taskName,projectNo,proStatus,serviceNumber,serviceTime"
)


def line(number: str, **changes: str) -> str:
    """Return a good row."""
    facts = ["320700", BUREAU, "审批局", item_of(BUREAU), "企业设立登记", number, "3", "1"]
    names = NAMES.split(",")
    row = dict(zip(names, [*facts, "2026-11-16 09:30:00"], strict=True)) | changes
    return ",".join(f'"{row[name]}"' for name in names)


def take(text: str, what: str = "records", kind: str = "csv") -> imports.Report:
    """Import a file."""
    rows = rows_of(f"a.{kind}", text.encode("utf-8", "surrogatepass"), imports.COLUMNS[what])
    return imports.take(what, rows, dialect="gg", client=OURSELVES)


def test_rows_of_rounded_numbers_are_refused_and_nothing_is_stored(world: people.Place) -> None:
    report = take("\n".join([NAMES, *(line("2.02611E+19", serviceNumber=n) for n in "123")]))
    assert [(row.line, row.code) for row in report.refused] == [
        (number, "number_rounded") for number in (2, 3, 4)
    ]
    assert not models.Key.objects.exists()


def test_the_same_moment_region_and_number_in_another_spelling_are_the_same(
    world: people.Place,
) -> None:
    spelled = line("P1", areaCode="320700000000", serviceTime="2026/11/16 9:30")
    later = line(" P1 ", serviceTime="2026年11月16日 09:30:00", proDepart="审批局（改名）")
    report = take("\n".join([NAMES, line("P1"), spelled, later]))
    assert (report.accepted, report.duplicate, report.refused) == (1, 2, [])


def test_half_a_letter_refuses_its_row_alone(world: people.Place) -> None:
    good = '{"projectNo": "%s", "serviceNumber": 1, "areaCode": "320700", "deptCode": "%s", '
    good += '"taskCode": "%s", "proStatus": 3, "serviceTime": "2026-11-16 09:30:00"%s}'
    texts = [("P1", ""), ("P\\ud83d", ""), ("P3", ', "taskName": "企业\\ud83d"')]
    texts += [("P4", ', "taskType": "a\\ud83d"'), ("P5", "")]
    made = [good % (number, BUREAU, item_of(BUREAU), more) for number, more in texts]
    report = take("\n".join(made), kind="jsonl")
    assert report.accepted == 2
    assert [(row.line, row.code) for row in report.refused] == [
        (number, "bad_text") for number in (2, 3, 4)
    ]
    assert all(row.names.isprintable() for row in report.refused)


@pytest.mark.parametrize("name", ["anonymityFlag", "anonymousFlag", "是否匿名"])
def test_who_wants_to_stay_unknown_is_not_named_whatever_the_column_is_called(
    world: people.Place, name: str
) -> None:
    take("\n".join([NAMES, line("P1")]))
    facts = '"P1","1","5","1","2026-11-16 10:00:00","张三","1"'
    heading = f"projectNo,serviceNumber,satisfaction,pf,assessTime,name,{name}"
    report = take(f"{heading}\n{facts}", "evaluations")
    assert report.accepted == 1
    assert Evaluation.objects.get().anonymous
    told = take('{"projectNo": "P1", "serviceNumber": 1, "satisfaction": 5, "anonymous": 1}\n',
                "evaluations", "jsonl")  # fmt: skip
    assert [row.code for row in told.refused] == ["unknown_field"]


def test_a_file_that_breaks_off_says_so_and_what_stands_before_it_is_stored(
    world: people.Place,
) -> None:
    good = [line(f"P{number}") for number in range(1, 1201)]
    report = take("\n".join([NAMES, *good, '"P9"x,"1"']))
    assert report.accepted == 1200
    assert [(row.line, row.code) for row in report.refused] == [(1202, "unreadable_table")]
    with pytest.raises(UnreadableTable):
        take("\n".join([NAMES, '"P9"x,"1"']))


def test_a_name_that_comes_later_takes_the_place_of_the_code(world: people.Place) -> None:
    from haochaping.directory import models as directory

    item = item_of(people.uscc("11320700MB09990A1"))
    bare = line("P1", deptCode=item[:18], taskCode=item, proDepart="", taskName="")
    named = line("P2", deptCode=item[:18], taskCode=item)
    take("\n".join([NAMES, bare]))
    assert directory.Item.objects.get(code=item).name == item
    take("\n".join([NAMES, named]))
    assert directory.Item.objects.get(code=item).name == "企业设立登记"
    assert directory.Department.objects.get(uscc=item[:18]).name == "审批局"


def test_an_unknown_column_is_told_and_a_mistyped_one_refused(world: people.Place) -> None:
    report = take(f"{NAMES},odd\n{line('P1')},x\n")
    assert (report.accepted, report.unknown) == (1, {"odd"})
    assert models.Record.objects.get().extra == {"odd": "x"}
    with pytest.raises(WrongColumns) as refused:
        take(f"{NAMES},acceptDat\n{line('P2')},x\n")
    assert "acceptDate" in refused.value.says.en
    row = '{"projectNo": "P1", "serviceNumber": 1, "satisfaction": 5, "pf": 1, "isDefalt": "1"}'
    report = take(row, "evaluations", "jsonl")
    assert [(row.code, row.says.en) for row in report.refused] == [
        ("unknown_field", "isDefalt is unknown: is isDefault meant?")
    ]


def test_a_code_that_a_spreadsheet_spelled_otherwise_is_the_same(world: people.Place) -> None:
    names = f"{NAMES},taskType,userProp,proChannel"
    spelled = [line("P1") + more for more in (',"01","2","1"', ',"1"," ２","01"')]
    report = take("\n".join([names, *spelled]))
    assert (report.accepted, report.duplicate, report.refused) == (1, 1, [])
    (record,) = models.Record.objects.all()
    assert (record.applicant_kind, record.online) == (2, True)


@pytest.mark.parametrize("name", ["isDefault", "isprotion"])
def test_default_praise_is_refused_by_either_name(world: people.Place, name: str) -> None:
    row = f'{{"projectNo": "P1", "serviceNumber": 1, "satisfaction": 5, "pf": 1, "{name}": "1"}}'
    assert [one.code for one in take(row, "evaluations", "jsonl").refused] == ["default_rating"]


def test_refused_rows_run_no_formula_and_can_be_mended_and_imported(
    world: people.Place, tmp_path: Path
) -> None:
    bad = line("P1", areaCode="99", taskName="=HYPERLINK(1)", proDepart="@SUM(1)")
    report = take("\n".join([NAMES, bad, line("P2")]))
    path = tmp_path / "refused.csv"
    files.write(report, path)
    text = path.read_text(encoding="utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert not [cell for cell in cells if cell[:1] in set("=+-@\t\r")]
    path.write_text(text.replace("99", "320700"), encoding="utf-8")
    again = imports.take(
        "records", read_rows(path, imports.COLUMNS["records"]), dialect="gg", client=OURSELVES
    )
    assert (again.accepted, again.refused, again.unknown) == (1, [], set())
    stored = models.Record.objects.get(project_no="P1")
    assert stored.extra is None


def test_the_dialect_of_a_file_is_one_of_three(world: people.Place) -> None:
    with pytest.raises(Refusal):
        imports.take("evaluations", iter(()), dialect="x", client=OURSELVES)


RATINGS = "projectNo,serviceNumber,satisfaction,pf,assessTime,evalDetail,writingEvaluation"


def test_a_preview_tells_all_that_would_happen_and_stores_nothing(
    world: people.Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    services, ratings = tmp_path / "services.csv", tmp_path / "ratings.csv"
    old = line("P1", serviceTime="2026-03-02 09:30:00")
    services.write_text("\n".join([NAMES, old, line("P2"), line("P3", deptCode="x")]))
    ratings.write_text(
        "\n".join(
            [
                RATINGS,
                "P1,1,1,1,2026-03-02 10:00:00,108,等了一天",
                "P2,1,1,1,2026-11-16 10:00:00,108,等了一天",
                "P2,1,1,1,2026-11-16 10:00:00,108,等了一天",
                "P9,1,5,1,2026-11-16 10:00:00,,",
            ]
        )
    )

    def run(what: str, file: Path, *, dry_run: bool) -> tuple[int, int, int, int]:
        report = files.run(what, file, dialect="gg", dry_run=dry_run)
        return report.accepted, report.duplicate, len(report.refused), report.history

    assert run("records", services, dry_run=True) == (2, 0, 1, 0)
    assert not models.Key.objects.exists()
    assert run("records", services, dry_run=False) == (2, 0, 1, 0)
    assert run("evaluations", ratings, dry_run=True) == (2, 1, 1, 1)
    assert not Evaluation.objects.exists()
    assert not Pending.objects.filter(kind=Kind.RATING).exists()
    assert run("evaluations", ratings, dry_run=False) == (2, 1, 1, 1)
    assert Evaluation.objects.count() == 2
    files.show(imports.Report(accepted=2, history=1), tmp_path)
    assert "历史差评 1 条" in capsys.readouterr().out
