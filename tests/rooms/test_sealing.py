"""What people wrote and who they are: never in clear in a dump, bound to its row, and sealed anew
with a later key.
"""

from pathlib import Path

import people
import pytest
from cryptography.exceptions import InvalidTag
from django.conf import settings
from people import CITY, NOON, given_rating, given_record, register, submit

from haochaping.evaluations import queries as ratings
from haochaping.evaluations.rules import Rater
from haochaping.exchange import actions as exchange
from haochaping.identity import queries as identity
from haochaping.kernel import crypto
from haochaping.kernel.db import rows, talk
from haochaping.notifications import actions as messages
from haochaping.notifications import queries as sent
from haochaping.notifications.models import Message
from haochaping.orders import actions as orders
from haochaping.orders import models as ordered
from haochaping.records import queries as services
from haochaping.records.models import Record
from haochaping.records.rules import Applicant
from haochaping.site import sealing

pytestmark = pytest.mark.django_db
NAME, PHONE, CARD = "张芳华", "13812345678", "32010219900101123X"


@pytest.fixture
def told(world: people.Place) -> int:
    """A bad rating with everything that somebody may tell; its order is on its way."""
    applicant = Applicant(name=NAME, kind=1, phone=PHONE)
    service = given_record(applicant=applicant, extra={"memo": f"{NAME} {PHONE}"})
    register(service)
    words = f"我是{NAME}，电话{PHONE}，证号{CARD}，等了一天"
    rater = Rater(name=NAME, phone=PHONE)
    (stored,) = submit(given_rating(service, 1, words=words, rater=rater))
    assert stored.key is not None
    order = orders.open_for(evaluation_id=stored.key, at=NOON)
    given = {"department": str(world.bureau), "note": f"{NAME} {PHONE}"}
    orders.advance(order_id=order, move="dispatch", given=given, by=0, at=NOON)
    exchange.connect_hotline(region=CITY, url="http://127.0.0.1:1/", by=0, at=NOON)
    messages.queue(template="check", phone=PHONE, values={"code": "271828"}, at=NOON)
    messages.take_reply(phone=PHONE, destination="1", content=NAME, sent_at=NOON, at=NOON)
    return stored.key


def dump() -> str:
    """Return every row of every table, as whoever steals a backup reads it."""
    tables = rows(
        "SELECT relname AS name FROM pg_class JOIN pg_namespace AS ns ON ns.oid = relnamespace "
        "WHERE nspname = 'public' AND relkind = 'r'"
    )
    return "\n".join(
        str(row["line"])
        for table in tables
        for row in rows(f'SELECT t::text AS line FROM "{table["name"]}" AS t')
    )


def test_a_dump_tells_neither_who_it_was_nor_how_to_reach_them(told: int) -> None:
    found = dump()
    assert "等了一天" in found  # what was said is there
    for secret in (NAME, PHONE, CARD, "271828"):
        assert secret not in found
    assert ratings.phone_of(told) == PHONE
    step = ordered.Step.objects.get(move="dispatch")
    assert step.given["note"] == f"{NAME} {PHONE}"
    assert Record.objects.get(pk=told).extra == {"memo": f"{NAME} {PHONE}"}


def test_a_value_that_is_moved_to_another_row_does_not_open(told: int) -> None:
    other = given_record(applicant=Applicant(name="李四", kind=1, phone="13900000000"))
    register(other)
    key = services.key_of(other.project_no, 1)
    rows(
        "UPDATE records_record SET phone = (SELECT phone FROM records_record WHERE id = $1) "
        "WHERE id = $2",
        told,
        key,
    )
    with pytest.raises(InvalidTag):
        services.phones_of({key})


def test_all_that_is_sealed_is_sealed_anew_with_a_later_key_and_reads_the_same(
    told: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = tmp_path / "sealing-keys"
    crypto.add_key(keys)
    later = crypto.Keyring(settings.KEYRING.secret, later=keys)
    monkeypatch.setattr(settings, "KEYRING", later)
    done = dict(sealing.reseal())
    assert done["records_record"] == 2
    assert done["evaluations_evaluation"] == 2
    assert done["notifications_message"] == 2
    assert done["notifications_reply"] == 2
    assert done["identity_apikey"] >= 1
    assert sum(dict(sealing.reseal()).values()) == 0  # once is enough
    assert ratings.phone_of(told) == PHONE
    assert services.names_of({told}) == {told: {NAME}}
    assert sent.lines(list(Message.objects.all()))[0].phone == "138****5678"
    assert len(talk(identity.load_keys())) >= 1
    without = crypto.Keyring(settings.KEYRING.secret)
    sealed = Record.objects.values_list("phone", flat=True).get(pk=told)
    with pytest.raises(InvalidTag):
        without.open(sealed, "record.phone", told)
