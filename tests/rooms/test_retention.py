"""Terms of retention: two people set them, and each night what is older goes, and nothing else."""

from datetime import datetime, timedelta
from typing import Any

import people
import pytest
from django.db import DatabaseError
from people import NOON

from haochaping.audit.models import Entry
from haochaping.calls.models import Call
from haochaping.config import flow
from haochaping.exchange import models as exchange
from haochaping.exports.models import Export
from haochaping.identity.models import Session, SignInFailure
from haochaping.notifications import actions as sms
from haochaping.notifications.models import Message
from haochaping.records import queries as records
from haochaping.records.models import Record
from haochaping.retention import models, queries, rules

pytestmark = pytest.mark.django_db


def appointed(name: str, role: str) -> people.Client:
    """Return somebody of the province, signed in."""
    user = people.appointed(name, role, region=320000000000)
    return people.signed_in(user)


def propose(who: people.Client, key: str, days: str) -> Any:
    """Propose a term; return the answer."""
    return who.post("/admin/retention/propose", {"key": key, "days": days})


def decide(who: people.Client, verdict: str = "approve") -> int:
    """Decide on the term that waits; return the status."""
    waits = models.Change.objects.get(decided_at=None)
    return int(who.post(f"/admin/retention/{waits.pk}/decide", {"verdict": verdict}).status_code)


def test_a_term_is_in_force_once_a_second_person_has_confirmed_it(world: people.Place) -> None:
    admin, guard = appointed("root", "admin"), appointed("guard", "security")
    assert queries.term("calls") == timedelta(days=30)
    for wrong in ("6", "366", "", "x", "-9"):
        answer = propose(admin, "calls", wrong)
        assert answer.status_code == 422
        assert "7–365" in answer.content.decode()
    assert propose(admin, "nothing", "30").status_code == 404
    assert propose(admin, "calls", "60").status_code == 302
    assert decide(admin) == 409
    assert queries.term("calls") == timedelta(days=30)
    assert "留存期限" in guard.get("/admin/").content.decode()
    assert decide(guard) == 302
    assert queries.term("calls") == timedelta(days=60)
    assert propose(guard, "calls", "60").status_code == 302  # as it is: nothing to decide
    assert not models.Change.objects.filter(decided_at=None).exists()
    propose(guard, "calls", "90")
    propose(guard, "calls", "120")  # thought better of it
    assert decide(admin, "reject") == 302
    assert queries.term("calls") == timedelta(days=60)
    verbs = Entry.objects.filter(subject="retention").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["propose", "approve", "propose", "propose", "reject"]


def test_only_the_provinces_administrators_may(world: people.Place) -> None:
    for who in ("province", "city", "handler", "auditor"):
        client = people.signed_in(world.users[who])
        assert client.get("/admin/retention/").status_code == 403
        assert propose(client, "calls", "60").status_code == 403
    assert not models.Change.objects.exists()


def test_each_term_is_kept_by_somebody_and_lies_within_its_bounds() -> None:
    assert flow.FORGET.keys() == rules.TERMS.keys()
    assert all(one.least <= one.usual <= one.most for one in rules.TERMS.values())


def whole(phone: bytes | None) -> bool:
    """Say whether a number is there."""
    return phone is not None


def test_each_night_what_is_older_than_its_term_goes_and_nothing_else(
    world: people.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = [people.given_record(), people.given_record()]
    old, new = (stored.key for stored in people.register(*served))
    times = [NOON - timedelta(days=1), NOON + timedelta(days=1)]
    for at in times:
        sms.queue(
            template="check",
            phone="13812345678",
            values={"code": "123456"},
            record_id=None,
            region=people.CITY,
            at=at,
        )
        Call.objects.create(
            at=at,
            client_id=1,
            region=people.CITY,
            kid="k",
            operation="records",
            status=200,
            code="",
            says="",
            items=1,
            refused=0,
            took=1,
            address=None,
        )
        Export.objects.create(user_id=1, region=people.CITY, path="/", form="csv", made_at=at)
        Session.objects.create(user_id=world.users["city"], began_at=at, seen_at=at)
        SignInFailure.objects.create(account="a", address=None, at=at)
    Message.objects.update(due_at=None)
    hotline = exchange.Hotline.objects.create(
        region=people.CITY, client_id=1, kid="k", url="https://a", user_id=1
    )
    for seq, at in enumerate(times, 1):
        exchange.Outgoing.objects.create(
            hotline=hotline, seq=seq, body=b"x", made_at=at, heard_at=at
        )
        exchange.Incoming.objects.create(
            hotline=hotline, seq=seq, digest=b"d", body=b"x", at=at, done_at=at
        )
    partner = exchange.Partner.objects.create(
        name="p", dialect="generic", region=people.CITY, url="https://a", connected_at=NOON
    )
    for at in times:  # what nobody could take in
        exchange.Received.objects.create(
            partner=partner, message=str(at), family="service", digest=b"d", body=b"x", at=at
        )

    def forgotten(key: str, at: datetime) -> None:
        monkeypatch.setattr(flow.retention, "terms", lambda: {key: timedelta(days=0)})
        flow.forget(at)

    for key in ("messages", "calls", "exports", "sessions", "exchange"):
        forgotten(key, NOON)
    for left in (Message, Call, Export, SignInFailure):
        assert left._default_manager.count() == 1, left
    assert Session.objects.filter(began_at__lt=NOON).count() == 0
    assert Session.objects.filter(began_at__gt=NOON).exists()
    for table in (exchange.Outgoing, exchange.Incoming):
        bodies = [bytes(one.body) for one in table._default_manager.order_by("seq")]
        assert bodies == [b"", b"x"]
    late, young = exchange.Received.objects.order_by("at")
    assert (late.body, late.outcome, late.done_at is None) == (None, "dropped", False)
    assert young.body is not None
    # services: by the day on which somebody was served, the keyed number stays
    forgotten("applicants", NOON)
    assert whole(Record.objects.get(pk=old).phone)
    forgotten("applicants", NOON + timedelta(days=1))
    assert Record.objects.filter(phone=None, applicant_name=None).count() == 2
    assert Record.objects.exclude(phone_index=None).count() == 2
    assert records.phones_of([old, new]) == {}
    again = people.register(people.given_record(served_at=(NOON + timedelta(days=3)).isoformat()))
    forgotten("applicants", NOON + timedelta(days=3))
    assert whole(Record.objects.get(pk=again[0].key).phone)


def test_one_that_fails_keeps_no_other_from_going(
    world: people.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    SignInFailure.objects.create(account="a", address=None, at=NOON - timedelta(days=999))

    def broken(_before: datetime) -> None:
        raise DatabaseError

    monkeypatch.setitem(flow.FORGET, "messages", broken)
    with pytest.raises(ExceptionGroup):
        flow.forget(NOON)
    assert not SignInFailure.objects.filter(at__lt=NOON - timedelta(days=400)).exists()
