"""Departments, halls, items and staff closed by two, and a department that another succeeds."""

import people
import pytest
from people import BUREAU, CITY, ELSEWHERE

from haochaping.audit.models import Entry
from haochaping.directory import models, queries
from haochaping.directory.rules import TABLES
from haochaping.evaluations.models import Evaluation
from haochaping.orders import actions as orders
from haochaping.orders.models import Order
from haochaping.regions.rules import scope

pytestmark = pytest.mark.django_db
OFFICE = people.uscc("11320700MB03070A1")


@pytest.fixture
def office(world: people.Place) -> models.Department:
    """Another department of the city."""
    return models.Department.objects.create(uscc=OFFICE, name="连云港市数据局", region=CITY)


def propose(who: people.Client, kind: str, key: int, **sent: str) -> int:
    """Propose to close an entry; return the status."""
    return who.post(f"/admin/directory/{kind}/{key}/closed", {"closes": "1", **sent}).status_code


def decide(who: people.Client, kind: str, verdict: str = "approve") -> int:
    """Decide on the closing that waits; return the status."""
    waits = models.Closing.objects.get(kind=kind, decided_at=None)
    address = f"/admin/directory/closings/{waits.pk}/decide"
    return who.post(address, {"verdict": verdict, "kind": kind}).status_code


@pytest.mark.parametrize("kind", ["halls", "staff", "items"])
def test_an_entry_is_closed_and_opened_again_by_two(world: people.Place, kind: str) -> None:
    city, province = (people.signed_in(world.users[who]) for who in ("city", "province"))
    model = {"halls": models.Hall, "staff": models.Staff, "items": models.Item}[kind]
    if kind == "items":
        people.rated()
    entry = model.objects.order_by("pk").first()
    assert entry
    for _ in range(2):  # proposed once
        assert propose(city, kind, entry.pk) == 302
    assert "待另一人" in city.get(f"/admin/directory/{kind}/{entry.pk}").content.decode()
    assert decide(city, kind) == 409
    entry.refresh_from_db()
    assert entry.closed_on is None
    assert f"{TABLES[kind].title.zh}变更" in province.get("/admin/").content.decode()
    assert decide(province, kind) == 302
    entry.refresh_from_db()
    assert entry.closed_on is not None
    listed = f"/admin/directory/{kind}?state="
    assert entry.name not in city.get(f"{listed}open").content.decode()
    assert entry.name in city.get(f"{listed}closed").content.decode()
    assert propose(city, kind, entry.pk, closes="0") == 302
    assert decide(province, kind, "reject") == 302
    assert propose(city, kind, entry.pk, closes="0") == 302
    assert decide(province, kind) == 302
    entry.refresh_from_db()
    assert entry.closed_on is None
    verbs = Entry.objects.filter(subject="directory", subject_id=entry.pk).order_by("pk")
    assert [one.verb for one in verbs if one.verb.endswith(("ing", "entry", "reopen"))] == [
        "propose_closing", "close_entry", "propose_reopen", "reject_closing", "propose_reopen",
        "reopen_entry",
    ]  # fmt: skip


def test_a_closed_hall_closes_its_windows_and_a_closed_one_is_offered_nowhere(
    world: people.Place,
) -> None:
    city, province = (people.signed_in(world.users[who]) for who in ("city", "province"))
    window = models.Window.objects.get(code=world.window)
    assert queries.window_facts({window.pk})[window.pk].in_use
    propose(city, "halls", window.hall_id)
    decide(province, "halls")
    assert not queries.window_facts({window.pk})[window.pk].in_use
    assert list(queries.still_open(queries.windows(scope(CITY)))) == []
    assert queries.choices(scope(CITY), "hall") == []


def test_a_successor_gets_orders_windows_items_staff_and_what_comes_under_the_old_code(
    world: people.Place, office: models.Department
) -> None:
    city, province = (people.signed_in(world.users[who]) for who in ("city", "province"))
    order = orders.open_for(evaluation_id=people.rated(1), at=people.NOON)
    before = people.rated(1)  # its order is opened once the department is closed
    page = city.get(f"/admin/directory/departments/{world.bureau}").content.decode()
    assert OFFICE in page
    assert propose(city, "departments", world.bureau, successor=OFFICE) == 302
    assert office.name in province.get("/admin/directory/departments").content.decode()
    assert decide(province, "departments") == 302
    for of in (models.Window, models.Staff, models.Item):
        assert not of.objects.filter(department=world.bureau).exists()
        assert of.objects.filter(department=office).exists()
    assert Order.objects.get(pk=order).department_id == office.pk
    late = orders.open_for(evaluation_id=before, at=people.NOON)
    assert Order.objects.get(pk=late).department_id == office.pk
    assert Evaluation.objects.get(pk=people.rated(5)).department_id == office.pk
    # and it is offered no more
    assert BUREAU not in city.get("/admin/directory/windows/new").content.decode()


def test_a_successor_is_an_open_department_of_the_same_city_within_reach(
    world: people.Place, office: models.Department
) -> None:
    city = people.signed_in(world.users["city"])
    away = models.Department.objects.create(
        uscc=people.uscc("11320100MB03070A1"), name="别处", region=ELSEWHERE
    )
    for wrong in (BUREAU, away.uscc, "没有"):
        assert propose(city, "departments", world.bureau, successor=wrong) == 422
    assert propose(city, "departments", away.pk) == 403
    office.closed_on = people.NOON.date()
    office.save()
    assert propose(city, "departments", world.bureau, successor=OFFICE) == 422
    assert propose(city, "windows", 1) == 404  # they have their own way
    assert not models.Closing.objects.exists()
