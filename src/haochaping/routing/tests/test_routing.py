"""Dispatch rules: the one that says most wins, and only a region's own office keeps them."""

import people
import pytest
from people import CITY, ELSEWHERE, NOON

from haochaping.audit import queries as audit
from haochaping.kernel.errors import NotAllowed, NotFound
from haochaping.routing import actions, queries
from haochaping.routing.rules import NoDepartment

COUNTY = 320706000000


def keep(world: people.Place, to: int, region: int = CITY, **facts: int | None) -> int:
    """Keep a rule."""
    given = {"rated_department_id": None, "item_id": None, **facts}
    return actions.keep(region=region, department_id=to, by=world.users["city"], at=NOON, **given)


def sent_to(region: int = COUNTY, rated: int = 1, item: int = 1) -> int | None:
    """Return the department to which an order goes."""
    return queries.department_for(region=region, rated_department_id=rated, item_id=item)


@pytest.fixture
def offices(world: people.Place) -> list[int]:
    """Five departments of the city."""
    from haochaping.directory.models import Department

    return [
        Department.objects.create(
            uscc=people.uscc(f"1132070{n}MB01070B1"), name=f"局{n}", region=CITY
        ).pk
        for n in range(5)
    ]


def test_the_rule_that_says_most_wins(world: people.Place, offices: list[int]) -> None:
    assert sent_to() is None
    keep(world, offices[0])
    assert sent_to() == offices[0]
    assert sent_to(region=ELSEWHERE) is None
    keep(world, offices[1], region=COUNTY)
    assert sent_to() == offices[1]
    assert sent_to(region=CITY) == offices[0]
    keep(world, offices[2], rated_department_id=1)
    assert sent_to() == offices[2]
    assert sent_to(rated=2) == offices[1]
    item = keep(world, offices[3], item_id=1)
    assert sent_to() == offices[3]
    assert sent_to(item=2) == offices[2]
    keep(world, offices[4], item_id=1, rated_department_id=1)
    assert sent_to() == offices[4]
    assert sent_to(rated=2) == offices[3]
    newer = keep(world, offices[0], item_id=1)
    assert sent_to(rated=2) == offices[0]
    for rule in (newer, item):
        actions.retire(rule_id=rule, by=world.users["city"], at=NOON)
    assert sent_to(rated=2) == offices[1]


def test_a_rule_is_kept_and_retired_by_its_regions_office(
    world: people.Place, offices: list[int]
) -> None:
    rule = keep(world, offices[0])
    assert [row.pk for row in queries.within((CITY, CITY + 10**8 - 1))] == [rule]
    for who in ("foreign", "handler", "agent"):
        with pytest.raises(NotAllowed):
            actions.retire(rule_id=rule, by=world.users[who], at=NOON)
        with pytest.raises(NotAllowed):
            actions.keep(
                region=CITY,
                rated_department_id=None,
                item_id=None,
                department_id=offices[0],
                by=world.users[who],
                at=NOON,
            )
    with pytest.raises(NoDepartment):
        keep(world, world.other)  # another city's
    actions.retire(rule_id=rule, by=world.users["city"], at=NOON)
    with pytest.raises(NotFound):
        actions.retire(rule_id=rule, by=world.users["city"], at=NOON)
    assert not queries.within((CITY, CITY + 10**8 - 1)).exists()
    assert [entry.verb for entry in audit.of("dispatch_rule", rule)] == ["keep", "retire"]
