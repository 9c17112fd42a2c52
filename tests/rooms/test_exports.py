"""Lists as files: all that the filter finds, as who asked may see it, made behind the page."""

import csv
import io
from dataclasses import replace
from datetime import time, timedelta

import openpyxl
import people
import pytest
from people import CITY, NOON, given_rating, given_record, rated, register, signed_in, submit

from haochaping.audit.models import Entry
from haochaping.calls import actions as calls
from haochaping.calls.rules import Called
from haochaping.directory import models as directory
from haochaping.exports import actions, models, rules, tasks
from haochaping.identity import actions as identity
from haochaping.identity.models import Grant
from haochaping.invitations.models import Code
from haochaping.kernel import clock
from haochaping.kernel.db import rows, talk
from haochaping.kernel.downloads import AT_ONCE
from haochaping.orders import actions as orders

# the scope of a page ends with its transaction, which here must not be that of the test
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
CALL = Called(NOON, 1, people.CITY, "k1", "records", 201, "", "=1+1", 1, 0, 12, None)


def exported(user: int, page: str, form: str = "csv") -> models.Export:
    """Ask for a list on its page, and make it."""
    sent = {"page": page, "form": form, "title": "清单"}
    answer = signed_in(user).post(
        "/admin/exports/new", sent, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 202
    tasks.make(answer.json()["export"])
    made = models.Export.objects.get(pk=answer.json()["export"])
    assert answer["Location"] == f"/admin/exports/{made.pk}/file"
    return made


def fetched(user: int, export: models.Export) -> bytes:
    answer = signed_in(user).get(f"/admin/exports/{export.pk}/file")
    return b"".join(answer.streaming_content) if answer.status_code == 200 else b""


def lines(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def test_a_long_list_is_whole_in_its_file_and_harmless(world: people.Place) -> None:
    number, city = AT_ONCE + 700, world.users["city"]
    talk(calls.write_down(calls=[replace(CALL, took=n) for n in range(number)]))
    talk(calls.write_down(calls=[replace(CALL, region=people.ELSEWHERE)]))
    there = signed_in(city).get("/admin/interface/calls?as=csv")
    assert there.status_code == 422
    assert "导出" in there.content.decode()
    made = exported(city, "/admin/interface/calls?before=77&outcome=&operation=records")
    assert (made.state, made.lines) == (rules.State.DONE, number)
    data = fetched(city, made)
    assert len(data) == made.size
    told = lines(data)
    assert len(told) == number + 1
    assert {int(row[9]) for row in told[1:]} == set(range(number))
    assert told[1][6] == "'=1+1"
    made = exported(city, "/admin/interface/calls", "xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(fetched(city, made)), read_only=True).active
    found = list(sheet.iter_rows(values_only=True))
    assert len(found) == number + 1
    assert found[1][6] == "=1+1"
    assert found[1][4] == 201  # a number
    few = signed_in(city).get("/admin/interface/calls?as=csv&operation=status")
    assert len(lines(few.content)) == 1
    verbs = Entry.objects.filter(subject="export").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["export", "download", "export", "download", "take"]


def test_systems_their_keys_and_their_steps_are_files_of_ones_own_place(
    world: people.Place,
) -> None:
    for name, region in (("=我们的系统", CITY), ("别处的系统", people.ELSEWHERE)):
        kid, _ = identity.issue_key(client=name, region=region, by=0, at=clock.now())
    identity.issue_key(client="=我们的系统", region=CITY, by=0, at=clock.now())
    identity.revoke_key(kid=kid, by=0, at=clock.now())
    city, foreign = (
        signed_in(
            people.appointed(
                f"admin{region}", "admin", name="管理员", region=region, at=clock.now()
            )
        )
        for region in (CITY, people.ELSEWHERE)
    )
    for who, name, keys in ((city, "'=我们的系统", 2), (foreign, "别处的系统", 1)):
        table = lines(who.get("/admin/keys?as=csv").content)[1:]
        assert {row[0] for row in table} == {name}
        assert len(table) == keys
        steps = lines(who.get("/admin/interface/checklists?as=csv").content)
        assert [row[1] for row in steps[1:]] == [name]
        assert steps[1][-1] == "0"
    assert "已停用" in foreign.get("/admin/keys?as=csv").content.decode()


def test_the_supervision_board_shows_every_department_page_by_page(world: people.Place) -> None:
    department = directory.Department.objects.get(uscc=people.BUREAU)
    for number in range(70):
        other = people.uscc(f"11320700MB9{number:03d}0A1")
        directory.Department.objects.create(uscc=other, name=f"=局{number:02d}", region=CITY)
        register(one := given_record(department_code=other, item_code=people.item_of(other)))
        orders.open_for(evaluation_id=submit(given_rating(one, 1))[0].key, at=clock.now())
    orders.open_for(evaluation_id=rated(1), at=clock.now())
    city = signed_in(world.users["city"])
    table = lines(city.get("/admin/orders/board?as=csv").content)[1:]
    assert len(table) == 71
    assert {row[0] for row in table} >= {department.name, "'=局00"}
    pages = [city.get(f"/admin/orders/board?page={page}").content.decode() for page in (1, 2)]
    assert ["=局00" in page for page in pages] != ["=局69" in page for page in pages]
    foreign = signed_in(world.users["foreign"]).get("/admin/orders/board?as=csv")
    assert len(lines(foreign.content)) == 1


def test_ratings_and_orders_are_those_of_the_filter_with_words_masked(world: people.Place) -> None:
    service = given_record()
    register(service)
    submit(given_rating(service, 1, words="我叫李四，电话13800138000，太慢"))
    rated(5, project_no="32070020261118000002")
    province = world.users["province"]
    every = lines(fetched(province, exported(province, "/admin/ratings")))
    bad = lines(fetched(province, exported(province, "/admin/ratings?level=bad&page=9")))
    assert len(every) == 3
    assert [row[1] for row in bad] == ["等级", "1"]
    assert "13800138000" not in bad[1][4]
    assert "太慢" in bad[1][4]
    assert len(lines(fetched(province, exported(province, "/admin/ratings?department=没有")))) == 1
    for page in ("/admin/orders/", "/admin/people", "/admin/messages/", "/admin/findings"):
        assert exported(province, page).state == rules.State.DONE, page
    audit = lines(fetched(province, exported(province, "/admin/audit?verb=export.export")))
    assert len(audit) == 8


def test_nobody_gets_more_than_the_page_shows_or_anothers_file(world: people.Place) -> None:
    city, handler = world.users["city"], world.users["handler"]
    refused = exported(handler, "/admin/audit")
    assert refused.state == rules.State.FAILED
    assert refused.says
    assert exported(city, "/admin/holds/words").state == rules.State.FAILED  # no list there
    assert exported(city, "/admin/nowhere").state == rules.State.FAILED
    made = exported(city, "/admin/interface/calls")
    assert fetched(world.users["province"], made) == b""
    assert fetched(city, made)
    later = actions.ask(
        page="/admin/interface/calls",
        form="csv",
        title="",
        by=city,
        region=people.CITY,
        at=clock.now(),
    )
    Grant.objects.filter(user_id=city).update(waits=True)
    tasks.make(later)  # the right is asked for when the file is made
    assert models.Export.objects.get(pk=later).state == rules.State.FAILED
    assert (
        signed_in(handler)
        .post("/admin/exports/new", {"page": "https://example.org/admin/", "form": "csv"})
        .status_code
        == 422
    )
    for _ in range(rules.MOST_WAITING):
        actions.ask(
            page="/admin/orders/", form="csv", title="", by=handler, region=1, at=clock.now()
        )
    waits = {"page": "/admin/orders/", "form": "csv"}
    assert signed_in(handler).post("/admin/exports/new", waits).status_code == 429
    actions.forget(before=clock.now() + timedelta(minutes=1))
    assert rows("SELECT count(*) AS n FROM exports_part")[0]["n"] == 0


def test_a_worker_that_was_killed_makes_the_file_anew(world: people.Place) -> None:
    talk(calls.write_down(calls=[CALL, CALL]))
    city = world.users["city"]
    key = actions.ask(
        page="/admin/interface/calls",
        form="csv",
        title="",
        by=city,
        region=people.CITY,
        at=clock.now(),
    )
    actions.begin(export_id=key)
    models.Part.objects.create(export_id=key, no=0, data=b"half")
    tasks.make(key)
    made = models.Export.objects.get(pk=key)
    assert len(lines(fetched(city, made))) == 3
    tasks.make(key)  # a job may run twice
    assert models.Export.objects.get(pk=key).ended_at == made.ended_at


def test_all_places_that_were_found_get_their_posters_in_one_file_behind_the_page(
    world: people.Place,
) -> None:
    hall = directory.Hall.objects.get()
    department = directory.Department.objects.get(pk=world.bureau)
    for number in range(40):
        directory.Window.objects.create(
            code=f"POSTER{number}",
            number=f"海报{number}",
            hall=hall,
            department=department,
            opens=time(9),
            closes=time(17),
        )
    city = signed_in(world.users["city"])
    form = {"kind": "window", "search": "海报", "every": "1", "posters": "1", "paper": "a5"}
    assert city.post("/admin/codes/make", form).headers["Location"] == "/admin/exports/"
    assert Code.objects.filter(kind="window").count() == 40
    export = models.Export.objects.get()
    tasks.make(export.pk)
    export.refresh_from_db()
    assert (export.state, export.lines, export.says) == ("done", 40, "")
    assert fetched(world.users["city"], export).startswith(b"%PDF")
    listed = city.get("/admin/codes/?kind=window&search=海报&as=csv").content.decode("utf-8-sig")
    assert listed.count("/p/") == 40
    of_hall = city.get(f"/admin/codes/?kind=window&search={hall.name[:6]}&as=csv")
    assert of_hall.content.decode("utf-8-sig").count("海报") == 40
