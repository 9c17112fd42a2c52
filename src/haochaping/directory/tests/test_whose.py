"""Whose the directory is: the row that is there decides, and hours need a second person."""

from datetime import time
from pathlib import Path

import people
import pytest
from django.db.models import Model, QuerySet
from people import BUREAU, CITY, ELSEWHERE, NOON, OTHER, signed_in

from haochaping.audit import models as trail
from haochaping.directory import actions, models, queries, rules
from haochaping.identity.rules import EVERYWHERE, SamePerson
from haochaping.kernel import clock
from haochaping.kernel.errors import NotAllowed, NotFound
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM, city_of
from haochaping.site import files

MODELS: dict[str, type[Model]] = {
    "departments": models.Department,
    "halls": models.Hall,
    "windows": models.Window,
    "staff": models.Staff,
    "items": models.Item,
}
ROWS = {
    "departments": {"uscc": OTHER, "name": "改名局", "region": str(CITY)},
    "halls": {"code": "H2", "name": "改名大厅", "region": str(CITY)},
    "windows": {"code": "W2", "hall": "H1", "number": "Z", "department": BUREAU},
    "staff": {"number": "0500", "name": "别人", "department": BUREAU},
    "items": {"code": people.item_of(OTHER), "name": "改名事项", "department": BUREAU},
}


@pytest.fixture
def foreign(world: people.Place) -> people.Place:
    """Another city's hall, window, member of staff and item beside the small world."""
    other = models.Department.objects.get(uscc=OTHER)
    hall = models.Hall.objects.create(code="H2", name="苏州大厅", region=ELSEWHERE)
    window = models.Window.objects.create(
        code="W2", hall=hall, number="B01", department=other, opens="09:00", closes="17:00"
    )
    models.Staff.objects.create(number="0500", name="李某", department=other, window=window)
    models.Item.objects.create(code=people.item_of(OTHER), name="落户", department=other)
    return world


@pytest.mark.parametrize("kind", list(ROWS))
def test_what_belongs_to_another_city_is_neither_renamed_nor_moved(
    foreign: people.Place, kind: str
) -> None:
    everything = QuerySet(MODELS[kind]).order_by("pk")
    before = list(everything.values())
    for covers in ((lambda region: people.CITY <= region < people.CITY + 10**8), EVERYWHERE.covers):
        known = queries.known(kind, covers=covers)
        good, errors = rules.read_table(rules.TABLES[kind], [ROWS[kind]], known)
        if covers == EVERYWHERE.covers:  # the action is the last wall, whoever forgot to ask
            with pytest.raises(NotAllowed):
                actions.save_rows(rows=good, by=foreign.users["city"], at=NOON)
        else:
            assert not good
            assert "其他地区" in errors[0].says.zh
    assert list(everything.values()) == before
    assert not trail.Entry.objects.filter(subject="directory").exists()


def test_nobody_takes_an_item_that_begins_with_a_department_elsewhere(world: people.Place) -> None:
    known = queries.known("items", covers=lambda region: CITY <= region < CITY + 10**8)
    good, errors = rules.read_table(rules.TABLES["items"], [ROWS["items"]], known)
    assert (good, "其他地区的部门" in errors[0].says.zh) == ([], True)


@pytest.mark.parametrize("kind", list(ROWS))
def test_a_file_from_the_command_line_moves_nothing_to_another_city_unless_told(
    foreign: people.Place, kind: str, tmp_path: Path
) -> None:
    file = tmp_path / "a.csv"
    file.write_text(",".join(ROWS[kind]) + "\n" + ",".join(ROWS[kind].values()) + "\n")
    everything = QuerySet(MODELS[kind]).order_by("pk")
    before = list(everything.values())
    for region, says in ((None, f"属于 {city_of(ELSEWHERE)}"), (CITY, "其他地区")):
        report = files.run(kind, file, dialect="gg", dry_run=False, region=region)
        assert (report.accepted, says in report.refused[0].says.zh) == (0, True)
        assert list(everything.values()) == before
    province = PROVINCE_OF_THE_PLATFORM
    report = files.run(kind, file, dialect="gg", dry_run=False, region=province)
    assert (report.accepted, report.refused) == (1, [])
    assert list(everything.values()) != before


def test_the_web_form_shows_what_belongs_to_others_and_writes_nothing(
    foreign: people.Place,
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    text = "uscc,name,region\n" + f"{OTHER},改名局,320700\n{BUREAU},审批局（新）,320700\n"
    client = signed_in(foreign.users["city"])
    page = client.post(
        "/admin/directory/departments/import", {"file": SimpleUploadedFile("d.csv", text.encode())}
    )
    assert "该编号已由其他地区登记" in page.content.decode()
    parcel = page.content.decode().split('name="parcel" value="')[1].split('"')[0]
    client.post("/admin/directory/departments/import", {"parcel": parcel, "confirm": "1"})
    assert models.Department.objects.get(uscc=OTHER).name == "苏州市公安局"
    assert models.Department.objects.get(uscc=BUREAU).name == "审批局（新）"
    (entry,) = trail.Entry.objects.filter(verb="change")
    assert entry.region == CITY
    assert entry.details["before"] == {"name": "连云港市行政审批局"}
    assert entry.details["after"] == {"name": "审批局（新）"}


def test_a_department_is_put_into_no_other_citys_hall(foreign: people.Place) -> None:
    row = {"code": "W9", "hall": "H1", "number": "9", "department": OTHER}
    known = queries.known("windows", covers=EVERYWHERE.covers)
    good, errors = rules.read_table(rules.TABLES["windows"], [row], known)
    assert not good
    assert "不在同一设区市" in errors[0].says.zh


def manager(name: str) -> int:
    """Appoint a hall manager."""
    return people.appointed(name, "hall")


def propose(by: int) -> int:
    """Propose hours in which a window is never open; return the proposal."""
    now = models.Window.objects.select_related("hall", "department").get(code="W1")
    row = rules.WindowRow("W1", "H1", now.number, BUREAU, time(0, 0), time(0, 1), CITY)
    actions.save_rows(rows=[row], by=by, at=clock.now())
    return models.HoursChange.objects.latest("pk").pk


def test_nobody_changes_the_hours_of_a_window_alone(world: people.Place) -> None:
    one, two = manager("one"), manager("two")
    change = propose(one)
    window = models.Window.objects.get(code="W1")
    assert (window.opens, window.closes) == (time(9), time(17))
    with pytest.raises(SamePerson):
        actions.decide_hours(change_id=change, approve=True, by=one, at=clock.now())
    with pytest.raises(NotAllowed):
        actions.decide_hours(
            change_id=change, approve=True, by=world.users["foreign"], at=clock.now()
        )
    at = clock.now()
    actions.decide_hours(change_id=change, approve=True, by=two, at=at)
    window.refresh_from_db()
    assert (window.opens, window.closes) == (time(0), time(0, 1))
    facts = queries.window_facts({window.pk})[window.pk]
    assert facts.hours(at.replace(year=2025)) == (time(9), time(17))  # as they were
    assert facts.hours(clock.now()) == (time(0), time(0, 1))
    with pytest.raises(NotFound):
        actions.decide_hours(change_id=change, approve=False, by=two, at=at)
    verbs = trail.Entry.objects.filter(subject="window").order_by("pk")
    assert [(entry.verb, entry.by) for entry in verbs] == [
        ("propose_hours", one),
        ("change_hours", two),
    ]
    assert verbs[1].details == {"before": "09:00-17:00", "after": "00:00-00:01"}


def test_the_page_shows_hours_to_be_confirmed_and_takes_the_verdict(world: people.Place) -> None:
    change = propose(manager("one"))
    address = f"/admin/directory/windows/hours/{change}"
    mine = signed_in(models.HoursChange.objects.get().proposed_by)
    assert "00:00–00:01" in mine.get("/admin/directory/windows").content.decode()
    assert mine.post(address, {"verdict": "approve"}).status_code == 409
    other = signed_in(manager("two"))
    assert other.post(address, {"verdict": "reject"}).status_code == 302
    assert models.Window.objects.get(code="W1").opens == time(9)
    assert "待复核的办公时间" not in other.get("/admin/directory/windows").content.decode()
