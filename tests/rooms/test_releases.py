"""Results of months: two persons, a check that sees what points at people, and files that stay."""

import csv
import hashlib
import io
import json
import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import people
import pyarrow.parquet as pq
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from people import given_rating, given_record, register, submit
from stack import folder_served, get

from haochaping.directory import models as directory
from haochaping.evaluations import actions as evaluations
from haochaping.feed import queries as feed
from haochaping.identity.rules import SamePerson
from haochaping.kernel import clock
from haochaping.kernel.db import rows
from haochaping.kernel.errors import NotAllowed
from haochaping.kernel.moments import business_day
from haochaping.ledger import actions as ledger
from haochaping.ledger import queries as logs
from haochaping.ledger.rules import Leaf, leaf
from haochaping.orders import actions as orders
from haochaping.orders import models as ordered
from haochaping.orders.rules import Satisfaction, State
from haochaping.privacy import actions as privacy
from haochaping.proofs.rules import public
from haochaping.proofs.rules import table as counted
from haochaping.publication import actions, models, queries, rules
from haochaping.publication.actions._public import NoReason, Personal
from haochaping.publication.actions.cases import Empty, NoLonger, Sensitive
from haochaping.publication.actions.releases import TooEarly
from haochaping.publication.views import about
from haochaping.site import mirror

pytestmark = pytest.mark.django_db
OCTOBER = date(2026, 10, 1)
VERIFIER = Path(__file__).resolve().parents[2] / "clients/verify/hcp_verify.py"
THEN = datetime(2026, 10, 14, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> None:
    """A folder of logs of its own."""
    settings.HOME = tmp_path


@pytest.fixture
def two(world: people.Place) -> tuple[int, int]:
    """Two persons of the province who may publish."""
    other = people.appointed("leader", "leader", name="领导", region=320000000000, at=clock.now())
    return world.users["province"], other


def rate(level: int, times: int) -> list[int]:
    """Rate services of October; return their keys."""
    served = (THEN - timedelta(hours=1)).isoformat()
    services = [given_record(served_at=served) for _ in range(times)]
    register(*services)
    stored = submit(*(given_rating(one, level, rated_at=THEN.isoformat()) for one in services))
    return [one.id for one in stored]


def released(two: tuple[int, int], reason: str = "") -> models.Release:
    made = actions.draft(period=OCTOBER, reason=reason, by=two[0], at=clock.now())
    actions.release(release_id=made.pk, by=two[1], at=clock.now())
    return models.Release.objects.get(pk=made.pk)


def test_one_drafts_and_another_releases(two: tuple[int, int]) -> None:
    rate(5, 40)
    rate(1, 12)
    made = actions.draft(period=OCTOBER, by=two[0], at=clock.now())
    assert Client().get("/open/areas/320700000000").status_code == 404  # a draft is nobody's
    with pytest.raises(SamePerson):
        actions.release(release_id=made.pk, by=two[0], at=clock.now())
    with pytest.raises(NotAllowed):
        actions.release(release_id=made.pk, by=0 + 10**6, at=clock.now())
    actions.release(release_id=made.pk, by=two[1], at=clock.now())
    page = Client().get("/open/areas/320700000000").content.decode()
    assert "连云港市" in page
    assert 'data-testid="score"' in page
    with pytest.raises(rules.NotYet):
        actions.release(release_id=made.pk, by=two[1], at=clock.now())


def test_whoever_releases_has_seen_the_figures_beside_those_before(two: tuple[int, int]) -> None:
    rate(5, 40)
    rate(1, 12)
    released(two)
    rate(1, 40)
    made = actions.draft(period=OCTOBER, reason="迟到的评价", by=two[0], at=clock.now())
    address = f"/admin/publication/{made.pk}"
    mine, other = (people.signed_in(one) for one in two)
    assert f'href="{address}"' in other.get("/admin/publication").content.decode()
    with CaptureQueriesContext(connection) as captured:
        page = other.get(address).content.decode()
    assert len(captured) <= 12
    held = queries.results_of(made)
    cells = [
        " ".join(one.split()) for one in re.findall(r'<td class="num">(.*?)</td>', page, re.DOTALL)
    ]
    assert cells[:2] == ["92", "52"]  # now, and what is in force
    assert f"{held.cities[0].score:.1f}" in page
    assert made.sha256 in page
    assert 'value="release"' in page
    assert 'value="release"' not in mine.get(address).content.decode()
    other.post("/admin/publication/change", {"do": "release", "release": made.pk})
    assert models.Release.objects.get(pk=made.pk).state == rules.State.RELEASED
    assert other.get(address).status_code == 404  # it is no draft any more


def test_what_is_shown_is_what_the_ledger_holds(two: tuple[int, int]) -> None:
    rate(5, 40)
    made = released(two)
    data = bytes(made.results)
    assert hashlib.sha256(data).hexdigest() == made.sha256
    assert made.leaf is not None
    said = {"v": 1, "kind": "release", "period": "2026-10", "version": 1, "sha256": made.sha256}
    body = msgspec.json.encode(said, order="sorted")
    (entry,) = logs.entries(logs.logs()[0].pk, made.leaf, made.leaf + 1)
    assert entry == leaf(Leaf.STATEMENT, public(body))


def test_units_with_few_ratings_are_hidden_everywhere(two: tuple[int, int]) -> None:
    rate(5, 40)
    rate(4, 12)
    rate(1, 3)
    served = (THEN - timedelta(hours=1)).isoformat()
    few = given_record(served_at=served, region="320706000000")
    register(few)
    submit(given_rating(few, 1, rated_at=THEN.isoformat()))
    made = released(two)
    results = queries.results_of(made)
    assert results.whole.levels == (40, 12, 0, 0, 4)
    for kind, unit in results.all():
        assert unit.hidden or unit.n >= 10, kind
    counties = {unit.key: unit.hidden for unit in results.counties}
    # the city's own minus the county's single one
    assert counties == {320700000000: True, 320706000000: True}
    answer = Client().get("/open/data/2026-10/v1.csv")
    (row, *_) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["level5"], row["level1"], row["ratings"]) == ("40", "4", "56")


def units(*levels: int | None, name: str = "某局", n: int = 0) -> rules.Results:
    unit = rules.Unit(1, name, 0, n or sum(one or 0 for one in levels), levels, 0, 0)
    nothing = rules.Unit(0, "全省", 0, 0, (), 0, 0)
    days = {"period": "2026-10", "since": "2026-10-01", "until": "2026-10-31"}
    lists = {"cities": (), "counties": (), "departments": (unit,), "items": ()}
    return rules.Results(whole=nothing, funnel={}, **lists, **days)


def places(city: int, *counties: int, hide: tuple[int, ...] = ()) -> rules.Results:
    """Return results of one city and its counties, by how many ratings they have; `hide` are the
    places hidden, 0 for the city.
    """

    def unit(place: int, n: int) -> rules.Unit:
        levels = (None,) * 5 if place in hide else (n, 0, 0, 0, 0)
        return rules.Unit(320700 + place, f"区{place}", 320700 if place else 0, n, levels, 0, 0)

    of_city = tuple(unit(place, n) for place, n in enumerate(counties, 1))
    return msgspec.structs.replace(units(), cities=(unit(0, city),), counties=of_city)


@pytest.mark.parametrize(
    ("made", "fault"),
    [
        (places(45, 20, 25), ""),
        (places(45, 20, 25, hide=(1, 2)), ""),
        (places(48, 20, 25, 3, hide=(3,)), "tells of a few"),
        (places(48, 20, 25, 3, hide=(1, 3)), ""),
        (places(48, 20, 25, 3), "fewer than ten"),
        (places(49, 20, 25, 3, hide=(3,)), "tells of a few"),  # with one that lies nowhere
        (places(49, 20, 25), "tells of a few"),
        (places(60, 20, 25, 3, hide=(3,)), ""),
        (places(46, 20, 25, hide=(0,)), "told by what lies in it"),
        (places(45, 20, 25, hide=(0,)), "told by what lies in it"),
        (places(45, 20, 25, hide=(0, 1)), ""),
        (places(9, 4, 5, hide=(0, 1, 2)), ""),
    ],
)
def test_a_place_is_not_what_lies_above_it_minus_its_neighbours(
    made: rules.Results, fault: str
) -> None:
    said = [one.says.en for one in rules.faults(made)]
    assert (fault in " ".join(said)) if fault else said == []


@pytest.mark.parametrize(
    ("made", "earlier", "fault"),
    [
        (units(40, 12, 0, 0, 0), [], ""),
        (units(40, 12, 0, 0, 3), [], ""),
        (units(5, 0, 0, 0, 3), [], "fewer than ten, and not hidden"),
        (units(40, 0, 0, 0, 0, name="张先生 13812345678"), [], "personal data in a name"),
        (units(41, 12, 0, 0, 0), [units(40, 12, 0, 0, 0)], "fewer than ten by difference"),
        (units(39, 13, 0, 0, 0), [units(40, 12, 0, 0, 0)], "fewer than ten by difference"),
        (units(49, 12, 0, 0, 0), [units(40, 12, 0, 0, 0)], "fewer than ten by difference"),
        (units(50, 12, 0, 0, 0), [units(40, 12, 0, 0, 0)], ""),
        # what was read once stays read
        (units(42, 12, 0, 0, 0), [units(52, 12, 0, 0, 0), units(40, 12, 0, 0, 0)], "by difference"),
        (units(*[None] * 5, n=42), [units(40, 12, 0, 0, 0)], ""),
        (units(41, None, None, 0, 0), [units(40, None, None, 0, 0)], "by difference"),
    ],
)
def test_the_check_says_what_points_at_people(
    made: rules.Results, earlier: list[rules.Results], fault: str
) -> None:
    found = [check.says.en for check in rules.faults(made, list(enumerate(earlier, 1)))]
    assert (fault in "".join(found)) if fault else found == []


def test_results_that_a_superuser_changed_are_not_shown(two: tuple[int, int]) -> None:
    rate(5, 40)
    rate(1, 12)
    made = released(two)
    import_module("haochaping.publication.queries.releases")._held.cache_clear()
    about._content.cache_clear()
    data = bytes(made.results).replace(b"12]", b"11]")
    assert data != bytes(made.results)
    models.Release.objects.filter(pk=made.pk).update(results=data)
    for address in ("/open/areas", "/open/data/2026-10/v1.csv", "/open/data/2026-10/v1.json"):
        assert Client().get(address).status_code == 503, address
    assert actions.watch(at=clock.now()) == 1
    assert "publication" in feed.alarms(clock.now())
    sha256 = hashlib.sha256(data).hexdigest()
    models.Release.objects.filter(pk=made.pk).update(sha256=sha256)
    assert actions.watch(at=clock.now()) == 1  # the leaf says otherwise
    for address in ("/open/areas", "/open/data/2026-10/v1.csv"):
        assert Client().get(address).status_code == 503, address
    models.Release.objects.filter(pk=made.pk).update(results=made.results, sha256=made.sha256)
    assert actions.watch(at=clock.now()) == 0
    assert "publication" not in feed.alarms(clock.now())


def test_a_release_that_is_taken_back_beside_the_doors_is_missed(two: tuple[int, int]) -> None:
    rate(5, 40)
    made = released(two)
    assert actions.watch(at=clock.now()) == 0
    row = models.Release.objects.filter(pk=made.pk)
    row.update(state=rules.State.WITHDRAWN)
    assert actions.watch(at=clock.now()) == 1
    row.update(state=rules.State.DRAFT)
    assert actions.watch(at=clock.now()) == 1
    kept = row.get()
    row.delete()
    assert actions.watch(at=clock.now()) == 1
    kept.state = rules.State.RELEASED
    models.Release.objects.bulk_create([kept])
    assert actions.watch(at=clock.now()) == 0
    actions.withdraw(release_id=made.pk, reason="口径有误", by=two[1], at=clock.now())
    assert actions.watch(at=clock.now()) == 0
    row.update(state=rules.State.RELEASED)  # and put back
    assert actions.watch(at=clock.now()) == 1


def test_figures_of_a_day_that_a_superuser_changed_are_not_shown(two: tuple[int, int]) -> None:
    rate(5, 40)
    assert Client().get("/open/").status_code == 200
    row = models.Sealed.objects.get()
    (said,) = rows("SELECT said FROM proofs_said WHERE kind = 'figures'")
    assert hashlib.sha256(bytes(row.figures)).hexdigest() in said["said"]
    assert actions.watch(at=clock.now()) == 0
    changed = bytes(row.figures).replace(b"services\x00", b"services\x05")
    assert changed != bytes(row.figures)
    models.Sealed.objects.update(figures=changed)
    for address in ("/open/", "/open/data.csv"):
        assert Client().get(address).status_code == 503, address
    assert actions.watch(at=clock.now()) == 1
    models.Sealed.objects.update(figures=changed, leaf=None)  # as if they had none yet
    assert actions.watch(at=clock.now()) == 1
    assert Client().get("/open/").status_code == 503
    models.Sealed.objects.all().delete()
    assert Client().get("/open/").status_code == 503
    models.Sealed.objects.bulk_create([row])
    assert Client().get("/open/").status_code == 200


def test_a_release_is_proved_by_anybody(two: tuple[int, int], tmp_path: Path) -> None:
    rate(5, 40)
    made = released(two)
    log = logs.logs()[0]
    assert Client().get("/open/data/2026-10/v1.tlog-proof").status_code == 404  # not signed yet
    ledger.publish(log_id=log.pk, at=clock.now())
    proof = tmp_path / "v1.tlog-proof"
    proof.write_text(Client().get("/open/data/2026-10/v1.tlog-proof").text)
    data = tmp_path / "v1.json"
    data.write_bytes(Client().get("/open/data/2026-10/v1.json").content)
    words = [sys.executable, str(VERIFIER), "release", str(data), str(proof)]
    words += ["--key", logs.vkeys(log)[0]]
    assert subprocess.run(words, check=False).returncode == 0
    data.write_bytes(data.read_bytes().replace(b'"n":40', b'"n":41'))
    assert subprocess.run(words, check=False).returncode == 1
    assert made.sha256 in Client().get("/open/data").text


def test_a_month_that_was_asked_for_is_that_month_or_none(two: tuple[int, int]) -> None:
    rate(5, 40)
    made = released(two)
    assert Client().get("/open/areas?period=2026-10").status_code == 200
    assert Client().get("/open/areas?period=2026-09").status_code == 404
    actions.withdraw(release_id=made.pk, reason="口径有误", by=two[1], at=clock.now())
    gone = Client().get("/open/areas?period=2026-10")
    assert (gone.status_code, "口径有误" in gone.text) == (410, True)


def test_why_a_version_was_made_and_why_it_was_taken_back_stand_both(two: tuple[int, int]) -> None:
    rate(5, 40)
    released(two)
    rate(5, 20)
    second = released(two, "补报两日数据")
    actions.withdraw(release_id=second.pk, reason="口径有误", by=two[1], at=clock.now())
    first = Client().get("/open/data/2026-10/v1.csv")
    assert json.loads(first.content)["reason"] == "由第 2 版取代：补报两日数据"
    page = Client().get("/open/data").text
    assert "补报两日数据" in page
    assert "口径有误" in page
    feed_ = Client().get("/open/feed.xml").text
    ids = re.findall("<entry><id>(.*?)</id>", feed_)
    assert len(ids) == len(set(ids)) == 4  # two released, two withdrawn
    assert feed_.count("<summary>") == 4
    assert "<author>" in feed_


def test_a_correction_is_a_version_of_its_own_and_says_why(two: tuple[int, int]) -> None:
    rate(5, 40)
    first = released(two)
    with pytest.raises(NoReason):
        actions.draft(period=OCTOBER, by=two[0], at=clock.now())
    rate(5, 15)
    second = actions.draft(period=OCTOBER, reason="补报两日数据", by=two[0], at=clock.now())
    assert second.version == 2
    actions.release(release_id=second.pk, by=two[1], at=clock.now())
    first.refresh_from_db()
    assert first.state == rules.State.WITHDRAWN
    assert Client().get("/open/data/2026-10/v1.json").status_code == 410
    assert "补报两日数据" in Client().get("/open/method").content.decode()


def test_a_unit_that_a_few_changed_keeps_the_figures_of_the_version_before(
    two: tuple[int, int],
) -> None:
    rate(5, 40)
    released(two)
    rate(5, 5)
    again = actions.draft(period=OCTOBER, reason="补报", by=two[0], at=clock.now())
    actions.release(release_id=again.pk, by=two[1], at=clock.now())
    made = queries.results_of(again)
    assert {(unit.n, unit.kept) for _, unit in made.all()} == {(40, 1)}
    answer = Client().get("/open/data/2026-10/v2.csv").content.decode("utf-8-sig")
    assert {row["kept"] for row in csv.DictReader(io.StringIO(answer))} == {"1"}
    rate(5, 5)
    third = actions.draft(period=OCTOBER, reason="又补报", by=two[0], at=clock.now())
    assert {(one.n, one.kept) for _, one in queries.results_of(third).all()} == {(50, 0)}


@pytest.mark.parametrize(("aside", "shown"), [(3, 40), (12, 28)])
def test_of_a_unit_of_which_a_few_are_left_out_the_figures_are_as_they_were_given(
    two: tuple[int, int], aside: int, shown: int
) -> None:
    """Who knew the raw figures, too, would read the few from the difference."""
    rate(5, 28)
    bad = rate(1, 12)
    evaluations.set_aside(evaluation_ids=bad[:aside], at=clock.now())
    made = queries.results_of(actions.draft(period=OCTOBER, by=two[0], at=clock.now()))
    assert {unit.n for _, unit in made.all()} == {shown}


def test_a_withdrawal_says_why_and_the_page_is_gone(two: tuple[int, int]) -> None:
    rate(5, 40)
    made = released(two)
    with pytest.raises(NoReason):
        actions.withdraw(release_id=made.pk, reason=" ", by=two[1], at=clock.now())
    actions.withdraw(release_id=made.pk, reason="口径有误", by=two[1], at=clock.now())
    assert Client().get("/open/areas/320700000000").status_code == 404
    gone = Client().get("/open/data/2026-10/v1.csv")
    assert (gone.status_code, json.loads(gone.content)["reason"]) == (410, "口径有误")
    assert "口径有误" in Client().get("/open/data").content.decode()


def test_no_reason_that_stays_in_public_tells_who_somebody_is(two: tuple[int, int]) -> None:
    rate(5, 40)
    made = released(two)
    for reason in ("应机主 13812345678 要求撤回", "身份证 110101199003074530 有误"):
        with pytest.raises(Personal):
            actions.withdraw(release_id=made.pk, reason=reason, by=two[1], at=clock.now())
        with pytest.raises(Personal):
            actions.draft(period=OCTOBER, reason=reason, by=two[0], at=clock.now())
    made.refresh_from_db()
    assert made.state == rules.State.RELEASED


def test_a_month_without_a_rating_is_released_as_such(two: tuple[int, int]) -> None:
    made = released(two)
    assert queries.results_of(made).whole.n == 0
    assert Client().get("/open/areas").status_code == 200
    assert Client().get("/open/data/2026-10/v1.csv").status_code == 200


def test_a_month_that_is_not_over_is_not_drafted(two: tuple[int, int]) -> None:
    today = clock.now()
    with pytest.raises(TooEarly):
        actions.draft(period=business_day(today).replace(day=1), by=two[0], at=today)


def test_the_files_say_the_same_and_may_be_kept_for_ever(two: tuple[int, int]) -> None:
    rate(5, 40)
    released(two)
    files = {
        form: Client().get(f"/open/data/2026-10/v1.{form}") for form in ("csv", "json", "parquet")
    }
    for answer in files.values():
        assert "s-maxage=60" in answer["Cache-Control"]  # it may be withdrawn
        same = Client().get(answer.request["PATH_INFO"], headers={"If-None-Match": answer["ETag"]})
        assert (same.status_code, same.content) == (304, b"")
    rows = list(csv.DictReader(io.StringIO(files["csv"].content.decode("utf-8-sig"))))
    table = pq.read_table(io.BytesIO(files["parquet"].content)).to_pylist()
    results = json.loads(files["json"].content)
    assert [int(row["ratings"]) for row in rows] == [row["ratings"] for row in table]
    assert results["cities"][0]["n"] == table[1]["ratings"] == 40
    assert Client().get("/open/data/2026-10/v2.csv").status_code == 404
    assert Client().get("/open/data/2026-10/v1.exe").status_code == 404


def test_the_dictionary_tells_every_column_of_every_file(two: tuple[int, int]) -> None:
    rate(5, 40)
    directory.Department.objects.filter(uscc=people.BUREAU).update(name='=HYPERLINK("x")')
    released(two)
    told = Client().get("/open/data/datapackage.json").json()
    columns = {name: [one.name for one in file.fields] for name, file in rules.FILES.items()}
    for one in told["resources"]:  # each is there, and has the columns that it is said to have
        assert one["path"].startswith(settings.PUBLIC_URL)
        file = Client().get(one["path"].removeprefix(settings.PUBLIC_URL))
        data = b"".join(file)
        if "hash" in one:
            assert one["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
            assert one["bytes"] == len(data)
        if one["format"] == "csv":
            heading = data.decode("utf-8-sig").splitlines()[0].split(",")
            assert heading == [field["name"] for field in one["schema"]["fields"]]
        elif one["format"] == "parquet":
            types = {"integer": "int64", "number": "double", "string": "string"}
            schema = pq.read_schema(io.BytesIO(data))
            assert [(column.name, str(column.type)) for column in schema] == [
                (field["name"], types[field["type"]]) for field in one["schema"]["fields"]
            ]
    assert {one["name"].split("-")[0] for one in told["resources"]} >= {"results", "days"}
    month = Client().get("/open/data/2026-10/v1.csv").content.decode("utf-8-sig")
    assert month.splitlines()[0].split(",") == columns["results"]
    assert "\ndepartments," in month
    assert ",=HYPERLINK" not in month  # no spreadsheet runs it
    days = Client().get("/open/data.csv").content.decode("utf-8-sig")
    assert days.splitlines()[0].split(",") == columns["days"]
    assert counted([]).decode().split(",") == [*columns["daybook"][:-1], "follow_up1\n"]
    page = Client().get("/open/data").text
    for names in columns.values():
        assert all(f"<code>{name}</code>" in page for name in names)


def test_cases_take_two_and_hold_nobodys_name(two: tuple[int, int]) -> None:
    assert [queries.story_of(board, 10**6) for board in rules.Board] == [None] * 3
    key = people.rated(1)
    order = orders.open_for(evaluation_id=key, at=clock.now())
    right = {"state": State.CLOSED, "upheld": True, "satisfaction": Satisfaction.SATISFIED}
    right |= {"closed_at": clock.now(), "due_at": None, "climb_at": None}
    ordered.Order.objects.filter(pk=order).update(**right)
    texts = {"title": "排队时间缩短", "said": "排队两小时。", "done": "增设两个窗口。"}
    with pytest.raises(Personal):
        actions.draft_case(
            source=order,
            **{**texts, "said": "我叫张芳华，电话 13812345678"},
            by=two[0],
            at=clock.now(),
        )
    with pytest.raises(Sensitive):
        actions.draft_case(
            source=order, **{**texts, "said": "排队两小时，他 妈 的。"}, by=two[0], at=clock.now()
        )
    typed = {"do": "draft", "board": "right", "source": str(order), "done": "增设窗口"}
    typed |= {"title": "写了很久的标题", "said": "电话 13812345678"}
    office = people.signed_in(two[0])
    assert "可以公开的评价" in office.get("/admin/publication").content.decode()
    page = office.post("/admin/publication/case", typed).content.decode()
    assert ("写了很久的标题" in page, "电话 13812345678" in page) == (True, True)  # not lost
    with pytest.raises(Empty):
        actions.draft_case(source=order, **{**texts, "done": " "}, by=two[0], at=clock.now())
    made = actions.draft_case(source=order, **texts, by=two[0], at=clock.now())
    actions.withdraw_case(case_id=made.pk, reason="错别字", by=two[1], at=clock.now())
    assert [one.source for one in queries.stories(rules.Board.RIGHT)] == [order]
    made = actions.draft_case(source=order, **texts, by=two[0], at=clock.now())  # written anew
    with pytest.raises(rules.NotYet):
        actions.draft_case(source=order, **texts, by=two[0], at=clock.now())
    assert "排队时间缩短" not in Client().get("/open/cases").content.decode()
    with pytest.raises(SamePerson):
        actions.release_case(case_id=made.pk, by=two[0], at=clock.now())
    ordered.Order.objects.filter(pk=order).update(set_aside=True)
    with pytest.raises(NoLonger):  # an objection was upheld meanwhile
        actions.release_case(case_id=made.pk, by=two[1], at=clock.now())
    ordered.Order.objects.filter(pk=order).update(set_aside=False)
    actions.release_case(case_id=made.pk, by=two[1], at=clock.now())
    assert "排队时间缩短" in Client().get("/open/cases").content.decode()
    assert "排队时间缩短" in Client().get("/open/feed.xml").content.decode()
    assert "排队时间缩短" in Client().get("/open/search?q=排队").content.decode()
    actions.withdraw_case(case_id=made.pk, reason="当事人要求", by=two[0], at=clock.now())
    gone = Client().get(f"/open/cases/{made.pk}")
    assert (gone.status_code, "当事人要求" in gone.text) == (410, True)
    assert "当事人要求" in Client().get("/open/feed.xml").text
    assert Client().get("/open/cases/99999").status_code == 404


def test_boards_hold_praise_as_it_stands_and_complaints_that_were_found_true(
    two: tuple[int, int],
) -> None:
    kept, replaced, short = (given_record() for _ in range(3))
    register(kept, replaced, short)
    praise = "我是张芳华，窗口同志特别耐心，一次就办好了。"
    stored = submit(
        given_rating(kept, 5, words=praise),
        given_rating(replaced, 5, words="先说好话，回头又改成了差评。"),
        given_rating(short, 5, words="好"),
    )
    key = stored[0].key
    assert key is not None
    assert stored[1].key is not None
    worse = given_rating(replaced, 1)
    evaluations.replace(given=worse, record_id=stored[1].key, by=0, at=clock.now())
    (story,) = queries.stories(rules.Board.PRAISE)
    assert (story.source, "张芳华" in story.said) == (key, False)
    bad = people.rated(1)
    order = orders.open_for(evaluation_id=bad, at=clock.now())
    assert queries.stories(rules.Board.COMPLAINT) == []
    ordered.Order.objects.filter(pk=order).update(upheld=True)
    assert [one.source for one in queries.stories(rules.Board.COMPLAINT)] == [order]
    assert queries.stories(rules.Board.RIGHT) == []
    assert queries.story_of(rules.Board.PRAISE, bad) is None
    texts = {"title": "耐心", "said": story.said, "by": two[0], "at": clock.now()}
    with pytest.raises(Empty):
        actions.draft_case(source=order, board=rules.Board.COMPLAINT, done="", **texts)
    for board, source in ((rules.Board.PRAISE, key), (rules.Board.COMPLAINT, order)):
        done = "" if board == rules.Board.PRAISE else "正在整改。"
        made = actions.draft_case(source=source, board=board, done=done, **texts)
        actions.release_case(case_id=made.pk, by=two[1], at=clock.now())
        assert queries.stories(board) == []
        page = Client().get(f"/open/cases/{board}/").text
        assert (page.count("<article"), done in page) == (1, True)
    assert Client().get("/open/cases").text.count("<article") == 0
    assert Client().get("/open/cases/worst/").status_code == 404
    again = given_rating(given_record(), 5)
    evaluations.replace(given=again, record_id=bad, by=0, at=clock.now())
    assert queries.story_of(rules.Board.COMPLAINT, order) is None  # content by now
    assert queries.stories(rules.Board.COMPLAINT) == []


def test_of_a_rating_that_is_erased_no_word_is_left_in_public_or_in_the_trail(
    two: tuple[int, int],
) -> None:
    service = given_record()
    register(service)
    (stored,) = submit(given_rating(service, 5, words="窗口同志特别耐心，一次就办好了。"))
    texts = {"title": "耐心的同志", "said": "窗口同志特别耐心。", "done": ""}
    made = actions.draft_case(
        source=stored.key or 0, board=rules.Board.PRAISE, by=two[0], at=clock.now(), **texts
    )
    actions.release_case(case_id=made.pk, by=two[1], at=clock.now())
    address = f"/open/cases/{made.pk}"
    feed_before = Client().get("/open/feed.xml").text
    assert "耐心的同志" in feed_before
    reason = "应张芳华本人要求撤回"
    with pytest.raises(Personal):
        actions.withdraw_case(case_id=made.pk, reason=reason, by=two[0], at=clock.now())
    privacy.erase(evaluation_id=stored.key or 0, reason="x", by=0, at=clock.now())
    assert Client().get(address).status_code == 410
    feed_after = Client().get("/open/feed.xml").text
    assert "耐心" not in feed_after
    assert f"{address}</id>" in feed_before  # one entry, which readers replace
    assert f"{address}</id>" in feed_after
    for table in ("publication_case", "audit_entry"):
        kept = rows(f"SELECT row_to_json(one)::text AS text FROM {table} AS one")
        assert not [row for row in kept if "耐心" in row["text"]], table


@pytest.mark.parametrize(
    ("text", "telling"),
    [
        ("家住秦淮区中山南路88号3栋502室", True),
        ("李建国科长当场道歉", True),
        ("王小明主任。", True),
        ("护照E12345678", True),
        ("微信号zhangfh1988", True),
        ("排队两小时，3号窗口没有人", False),
        ("主任值班制度公示不清", False),
        ("材料要补3次，8月20号才办完", False),
    ],
)
def test_what_tells_where_and_who_somebody_is(text: str, telling: bool) -> None:
    assert rules.is_telling(text) == telling


@pytest.mark.parametrize(
    "path",
    [
        "areas",
        "depts",
        "items",
        "cases",
        "cases/praise/",
        "search",
        "search?q=x",
        "data",
        "method",
        "status",
        "accessibility",
        "feed.xml",
        "data/datapackage.json",
        "verify",
        "ledger",
    ],
)
def test_every_public_page_stands_with_nothing_in_it(world: people.Place, path: str) -> None:
    assert Client().get(f"/open/{path}").status_code == 200


@pytest.mark.slow
def test_the_whole_site_can_be_kept_as_files_in_both_languages(
    two: tuple[int, int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    rate(5, 40)
    rate(1, 12)
    first = released(two)
    actions.withdraw(release_id=first.pk, reason="口径有误", by=two[0], at=clock.now())
    served = (THEN - timedelta(hours=1)).isoformat()
    for number in range(60):
        code = f"{people.BUREAU}33201010{number:02d}000"
        services = [given_record(served_at=served, item_code=code) for _ in range(12)]
        register(*services)
        submit(*(given_rating(one, 5, rated_at=THEN.isoformat()) for one in services))
    released(two, "口径有误")
    ledger.publish(log_id=logs.logs()[0].pk, at=clock.now())
    folder = tmp_path_factory.mktemp("mirror") / "site"
    folder.mkdir()
    (folder / "mine").touch()
    with pytest.raises(mirror.NoMirror):
        mirror.export(folder)
    (folder / "mine").unlink()
    assert mirror.export(folder) > 150
    (folder / "old").touch()
    assert mirror.export(folder) > 150
    assert not (folder / "old").exists()
    seen, waiting, away = dict[str, str](), ["/open/", "/en/open/"], set[str]()
    with folder_served(folder) as url:
        while waiting:
            place = waiting.pop()
            answer = get(f"{url}{place}", follow_redirects=False)
            assert answer.status_code == 200, place
            seen[place] = answer.text
            if "<html" in answer.text:
                assert not re.search(r"<form(?![^>]*action=.http)", answer.text), place
                links = re.findall(r'(?:href|src|action)="([^"#]+)', answer.text)
                waiting += {one for one in links if one[0] == "/"} - {*seen, *waiting}
                away |= {one for one in links if one[0] != "/"}
    assert any("/open/areas/320700000000/period=2026-10/" in place for place in seen)
    assert "/open/items/period=2026-10+q=+city=0+page=2/" in seen
    assert "/open/data/2026-10/v1.csv" not in seen  # nobody takes why it is gone for its content
    assert "口径有误" in seen["/open/data/"]
    assert "/open/data/2026-10/v2.csv" in seen
    assert ("连云港市" in seen["/open/areas/"], "Places" in seen["/en/open/areas/"]) == (True, True)
    assert all(one.startswith((settings.PUBLIC_URL, "data:", "https://")) for one in away), away
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert f"ledger/{logs.logs()[0].name}/checkpoint" in files
    assert not [name for name in files if name.endswith(".keys")]
