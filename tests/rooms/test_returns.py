"""Data return: whoever pulls has, in the end, exactly what the platform has, however often it was
killed, and nothing that is not theirs.
"""

from datetime import datetime, timedelta
from random import Random

import people
import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from people import CITY, ELSEWHERE, given_rating, given_record, register, submit

from haochaping.evaluations import actions as evaluations
from haochaping.exchange import models as exchange
from haochaping.exchange import queries
from haochaping.exchange.queries import returns
from haochaping.feed import actions as feed
from haochaping.identity.rules import OURSELVES, ClientKey, Reach
from haochaping.kernel import clock
from haochaping.kernel.db import talk
from haochaping.records import actions as records
from haochaping.records import rules as record
from haochaping.regions import queries as regions
from haochaping.regions.rules import scope

pytestmark = pytest.mark.django_db


def key(region: int = CITY, *, everybodys: bool = True, client: int = 7) -> ClientKey:
    """Return a key that reaches a region."""
    reach = Reach(*scope(region))
    departments: frozenset[str] = frozenset()
    return ClientKey(
        kid="k",
        client_id=client,
        secret=b"s",
        algorithm="sha256",
        reach=reach,
        departments=departments,
        everybodys=everybodys,
    )


def tomorrow() -> datetime:
    """Return a moment at which today is over."""
    return clock.now() + timedelta(days=1)


def number() -> None:
    while feed.sequence(at=clock.now()):
        pass


def pulled(of: ClientKey, cursor: str = "") -> tuple[list[dict[str, object]], str]:
    """Pull until there is no more."""
    found: list[dict[str, object]] = []
    more = True
    while more:
        page = queries.returned(cursor=cursor, key=of, at=tomorrow())
        found += [dict(item) for item in page.items]
        cursor, more = page.cursor, page.more
    return found, cursor


def test_a_city_gets_what_happened_in_order_and_nothing_personal(world: people.Place) -> None:
    service = given_record()
    register(service)
    number()
    (stored,) = submit(given_rating(service, 1, words="排队两小时，电话13912345678"))
    number()
    evaluations.set_aside(evaluation_ids=[stored.id], at=clock.now())
    number()
    evaluations.erase(evaluation_id=stored.id, reason="asked", by=0, at=clock.now())
    number()
    found, cursor = pulled(key())
    assert [item["kind"] for item in found] == ["service", "rating", "set_aside", "erased"]
    assert "排队" not in str(found)
    rating = found[1]
    assert (rating["level"], rating["project_no"]) == (1, service.project_no)
    assert "13912345678" not in str(found)
    assert "张芳华" not in str(found)
    assert pulled(key(), cursor) == ([], cursor)


def test_words_are_masked_and_a_partner_without_the_grant_reads_none(world: people.Place) -> None:
    service = given_record()
    register(service)
    submit(given_rating(service, 1, words="张芳华排队两小时，电话13912345678"))
    number()
    rating = pulled(key())[0][1]
    assert "排队两小时" in str(rating["words"])
    assert "13912345678" not in str(rating)
    assert "张芳华" not in str(rating)
    partner = exchange.Partner.objects.create(
        name="p",
        dialect="generic",
        region=CITY,
        url="https://a",
        connected_at=clock.now(),
        client_id=key().client_id,
        words=False,
    )
    assert pulled(key())[0][1]["words"] == ""
    exchange.Partner.objects.filter(pk=partner.pk).update(words=True)
    assert "排队两小时" in str(pulled(key())[0][1]["words"])


def test_another_city_another_system_and_a_stranger_get_nothing(world: people.Place) -> None:
    people.rated(5)
    number()
    assert pulled(key(ELSEWHERE))[0] == []
    assert pulled(key(everybodys=False))[0] == []


@pytest.mark.parametrize("cursor", ["x", "1", "1.x", "-1.0", "1.0.0x", "１.0", "9" * 50 + ".0"])
def test_a_cursor_is_what_the_platform_gave(world: people.Place, cursor: str) -> None:
    with pytest.raises(queries.BadCursor):
        queries.returned(cursor=cursor, key=key(), at=tomorrow())


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_killed_at_random_it_ends_with_exactly_the_servers_set(seed: int) -> None:
    dice = Random(seed)
    with pytest.MonkeyPatch.context() as patched, transaction.atomic():
        patched.setattr(returns, "PAGE", dice.randint(1, 7))
        people.build()
        _, kept = pulled(key())
        mine: list[str] = []
        made: list[str] = []
        for _ in range(dice.randint(3, 8)):
            services = [given_record() for _ in range(dice.randint(1, 9))]
            register(*services)
            if dice.random() < 0.5:
                number()
            made.extend(str(one.id) for one in submit(*(given_rating(one, 5) for one in services)))
            number()
            page = queries.returned(cursor=kept, key=key(), at=tomorrow())
            if dice.random() < 0.5:
                continue  # killed before it was kept: the page is asked for again
            mine += [f"{item['kind']} {item['receipt']}" for item in page.items]
            kept = page.cursor
        rest, _ = pulled(key(), kept)
        mine += [f"{item['kind']} {item['receipt']}" for item in rest]
        assert len(mine) == len(set(mine)) == 2 * len(made)
        transaction.set_rollback(True)


def test_today_is_not_told_and_a_system_without_the_grant_learns_no_level(
    world: people.Place,
) -> None:
    service = given_record()
    ready = [record.accept(service, regions.tree().resolve, clock.now())]
    talk(records.register(records=ready, client=key(everybodys=False).client))
    submit(given_rating(service, 1))
    number()
    assert queries.returned(cursor="", key=key(), at=clock.now()).items == []
    items, _ = pulled(key(everybodys=False))
    assert [item["kind"] for item in items] == ["service", "rating"]
    assert "level" not in items[1]


def test_a_test_of_ours_is_told_nobody(world: people.Place) -> None:
    probe = record.accept(
        given_record(), regions.tree().resolve, clock.now(), record.Origin.SYNTHETIC
    )
    talk(records.register(records=[probe], client=OURSELVES))
    number()
    assert pulled(key())[0] == []
