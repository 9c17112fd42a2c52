"""The contract with a city's 12345 system at its door: numbers, repetitions, and whose order it is."""

import json
from datetime import timedelta

import people
import pytest
from people import BUREAU, CITY, NOON, rated

from haochaping.evaluations import actions as ratings
from haochaping.evaluations.rules import Channel
from haochaping.exchange import actions, models, queries, rules
from haochaping.feed import actions as feed
from haochaping.identity import actions as identity
from haochaping.identity import queries as keys
from haochaping.identity.models import Grant
from haochaping.kernel.db import rows
from haochaping.kernel.errors import NotFound
from haochaping.kernel.marks import ChangedMeanwhile, mark
from haochaping.orders import actions as orders
from haochaping.orders import models as ordered
from haochaping.orders.tests.test_tracks import at, replied

SECOND = timedelta(seconds=1)
SAY = "exchange.say_answer"


@pytest.fixture
def hotline(world: people.Place) -> models.Hotline:
    """The city's own system."""
    actions.connect_hotline(region=CITY, url="http://localhost:1/", by=0, at=NOON)
    return models.Hotline.objects.get()


def order_in(region: int = CITY) -> ordered.Order:
    """Return a fresh order of a region."""
    return ordered.Order.objects.get(
        pk=orders.open_for(evaluation_id=rated(1, region=str(region)), at=NOON)
    )


def hear(
    hotline: models.Hotline, seq: int, kind: str, order: ordered.Order, **facts: str
) -> tuple[str, int]:
    """Hand in a message."""
    body = json.dumps({"seq": seq, "kind": kind, "order": order.number, "facts": facts}).encode()
    hotline.refresh_from_db()
    message = rules.read_message(body)
    return actions.hear(hotline_id=hotline.pk, message=message, body=body, kid=hotline.kid, at=NOON)


def test_messages_are_acted_on_in_their_order_and_once(hotline: models.Hotline) -> None:
    order = order_in()
    assert hear(hotline, 2, "sign", order) == ("waiting", 1)
    assert hear(hotline, 2, "sign", order) == ("waiting", 1)
    assert at(order.pk).state == "opened"
    assert hear(hotline, 1, "dispatch", order, department=BUREAU) == ("done", 3)
    assert at(order.pk).state == "verifying"
    assert hear(hotline, 1, "dispatch", order, department=BUREAU) == ("duplicate", 3)
    with pytest.raises(rules.OutOfTouch):
        hear(hotline, 1, "sign", order)
    assert hear(hotline, 3, "uphold", order, finding="属实") == ("done", 4)


def test_a_refusal_is_the_answer_and_the_next_goes_on(hotline: models.Hotline) -> None:
    order = order_in()
    assert hear(hotline, 1, "sign", order) == ("not_now", 2)
    assert hear(hotline, 2, "dispatch", order, department="nobody")[0] != "done"
    assert hear(hotline, 3, "attachment", order, name="a.pdf", data="%%%") == ("bad_message", 4)
    assert hear(hotline, 4, "attachment", order, name="a.pdf", data="中") == ("bad_message", 5)
    assert at(order.pk).state == "opened"
    assert hear(hotline, 5, "dispatch", order, department=BUREAU) == ("done", 6)


def test_another_citys_order_is_not_there(hotline: models.Hotline) -> None:
    foreign = order_in(people.ELSEWHERE)
    assert hear(hotline, 1, "dispatch", foreign, department=BUREAU) == ("not_found", 2)
    assert at(foreign.pk).state == "opened"


@pytest.mark.parametrize(("seq", "taken"), [(1000, True), (1001, False)])
def test_a_thousand_messages_may_come_ahead(hotline: models.Hotline, seq: int, taken: bool) -> None:
    order = order_in()
    if taken:
        assert hear(hotline, seq, "sign", order) == ("waiting", 1)
    else:
        with pytest.raises(rules.OutOfTouch):
            hear(hotline, seq, "sign", order)


def test_the_thousand_begin_after_what_was_heard(hotline: models.Hotline) -> None:
    order = order_in()
    hear(hotline, 1, "dispatch", order, department=BUREAU)
    assert hear(hotline, 1 + rules.AHEAD, "sign", order)[0] == "waiting"
    with pytest.raises(rules.OutOfTouch):
        hear(hotline, 2 + rules.AHEAD, "sign", order)


def test_what_happened_is_told_once_in_order_and_never_to_who_did_it(
    hotline: models.Hotline, world: people.Place
) -> None:
    order = order_in()
    steps = list(ordered.Step.objects.filter(order=order).order_by("pk"))
    for step in steps:
        actions.tell_hotline(step_id=step.pk, at=NOON)
        assert not actions.tell_hotline(step_id=step.pk, at=NOON)
    hear(hotline, 1, "dispatch", order, department=BUREAU)
    own = ordered.Step.objects.filter(order=order, move="dispatch").get()
    assert not actions.tell_hotline(step_id=own.pk, at=NOON)
    assert not actions.tell_hotline(step_id=0, at=NOON)
    (saying,) = actions.claim_sayings(at=NOON)
    told = json.loads(saying.body)
    assert (told["seq"], told["kind"], told["order"]) == (1, "create", order.number)
    assert "张芳华" not in saying.body.decode()
    assert actions.claim_sayings(at=NOON + SECOND) == []
    (again,) = actions.claim_sayings(at=NOON + 2 * SECOND)
    assert again.id == saying.id
    actions.note_heard(saying_id=saying.id, answer="busy", heard=False, at=NOON)
    assert len(actions.claim_sayings(at=NOON + 60 * SECOND)) == 1
    actions.note_heard(saying_id=saying.id, answer="done", heard=True, at=NOON)
    assert models.Outgoing.objects.get(pk=saying.id).heard_at == NOON
    assert all(
        later.id != saying.id for later in actions.claim_sayings(at=NOON + timedelta(days=1))
    )


def test_a_look_at_a_number_needs_its_reason_and_answers_with_it(
    hotline: models.Hotline, world: people.Place
) -> None:
    order = at(replied(world))
    assert hear(hotline, 1, "reveal", order)[0] != "done"
    assert hear(hotline, 2, "reveal", order, reason="回访") == ("done", 3)
    waiting = rows("SELECT count(*) AS n FROM procrastinate_jobs WHERE task_name = $1", SAY)
    assert waiting[0]["n"] == 1  # said at once, and not in the next five minutes
    answers = [json.loads(one.body) for one in actions.claim_sayings(at=NOON)]
    assert answers[-1]["facts"]["phone"] == "13812345678"


def test_an_erased_rating_is_told_and_what_was_said_of_it_goes(
    hotline: models.Hotline, world: people.Place
) -> None:
    order, other = at(replied(world)), order_in()
    models.Incoming.objects.update(at=order.opened_at)
    for mine in (order, other):
        opened = ordered.Step.objects.filter(order=mine).order_by("pk").first()
        assert opened
        assert actions.tell_hotline(step_id=opened.pk, at=mine.opened_at)
    (first,) = actions.claim_sayings(at=order.opened_at)
    actions.note_heard(saying_id=first.id, answer="done", heard=True, at=NOON)
    assert hear(hotline, 1, "reveal", order, reason="回访张芳华") == ("done", 2)
    assert hear(hotline, 2, "dispatch", other, department=BUREAU) == ("done", 3)
    models.Incoming.objects.update(at=order.opened_at)
    models.Outgoing.objects.update(made_at=order.opened_at)
    ratings.erase(evaluation_id=order.evaluation_id, reason="request", by=0, at=NOON)
    while feed.sequence(at=NOON) + actions.follow(at=NOON):
        pass
    said = [bytes(one.body) for one in models.Outgoing.objects.order_by("seq")]
    heard = [bytes(one.body) for one in models.Incoming.objects.order_by("seq")]
    assert (said[0], heard[0]) == (b"", b"")
    assert all([*said[1:], heard[1]])
    told = []
    while claimed := actions.claim_sayings(at=NOON + timedelta(days=1)):
        told += [json.loads(one.body) for one in claimed]
        actions.note_heard(saying_id=claimed[0].id, answer="done", heard=True, at=NOON)
    assert [(one["kind"], one["order"]) for one in told] == [
        ("create", other.number),
        ("number", order.number),
        ("erase", order.number),
    ]
    assert "phone" not in told[1]["facts"]
    assert hear(hotline, 1, "reveal", order, reason="回访张芳华")[0] == "duplicate"


def test_a_probe_is_good_when_it_was_stored_as_it_was_given(world: people.Place) -> None:
    key = rated(4)
    tablet = people.rating.Channel.TABLET
    given = {"record_id": key, "said": "", "at": NOON}
    assert actions.note_probe(channel=tablet, level=4, **given)
    assert not actions.note_probe(channel=tablet, level=5, **given)
    assert not actions.note_probe(channel=Channel.WEB, level=4, **given)
    assert not actions.note_probe(channel=tablet, level=4, **given | {"said": "refused"})
    assert not actions.note_probe(channel=tablet, level=4, **given | {"record_id": 1})
    found = list(models.Probe.objects.order_by("pk").values_list("good", flat=True))
    assert found == [True, False, False, False, False]


def test_after_a_rotation_both_sides_go_over_once_the_city_uses_the_new_key(
    hotline: models.Hotline,
) -> None:
    old = hotline.kid
    new, _ = identity.rotate_key(kid=old, overlap=timedelta(hours=72), by=0, at=NOON)
    body = b'{"seq": 5, "kind": "sign", "order": "none", "facts": {}}'
    message = rules.read_message(body)
    for kid, signs in ((old, old), (new, new), (old, new)):
        actions.hear(hotline_id=hotline.pk, message=message, body=body, kid=kid, at=NOON)
        hotline.refresh_from_db()
        assert hotline.kid == signs
    assert [key.kid for key in keys.keys_in_force(hotline.client_id, NOON)] == [new, old]
    later = NOON + timedelta(hours=72)
    assert [key.kid for key in keys.keys_in_force(hotline.client_id, later)] == [new]


def test_a_hotline_whose_keys_are_revoked_is_told_nothing_until_it_is_connected_anew(
    hotline: models.Hotline,
) -> None:
    order = order_in()
    for step in ordered.Step.objects.filter(order=order).order_by("pk"):
        actions.tell_hotline(step_id=step.pk, at=NOON)
    newer, _ = identity.rotate_key(kid=hotline.kid, overlap=timedelta(hours=72), by=0, at=NOON)
    identity.revoke_key(kid=hotline.kid, by=0, at=NOON)  # it had leaked
    (saying,) = actions.claim_sayings(at=NOON + SECOND)
    assert saying.kid == newer
    identity.revoke_key(kid=newer, by=0, at=NOON + SECOND)
    later = NOON + timedelta(days=1)
    assert actions.claim_sayings(at=later) == []
    kid, _ = actions.connect_hotline(region=CITY, url=hotline.url, by=0, at=later)
    (again,) = actions.claim_sayings(at=later)
    assert (again.id, again.kid) == (saying.id, kid)


def test_connecting_a_city_anew_ends_its_old_key_in_three_days(hotline: models.Hotline) -> None:
    new, _ = actions.connect_hotline(region=CITY, url="http://localhost:2/", by=0, at=NOON)
    (row,) = models.Hotline.objects.all()
    assert (row.kid, row.url) == (new, "http://localhost:2/")
    later = NOON + timedelta(days=3)
    assert [key.kid for key in keys.keys_in_force(row.client_id, later)] == [new]
    assert len(keys.keys_in_force(row.client_id, later - SECOND)) == 2


def test_nobody_acts_as_the_city_system_nor_starts_it_at_an_address_they_did_not_see(
    world: people.Place,
) -> None:
    def keeper(name: str) -> int:
        return people.appointed(name, "admin")

    admin, city = keeper("keeper"), world.users["city"]
    actions.connect_hotline(region=CITY, url="https://good.example/", by=admin, at=NOON)
    hotline = models.Hotline.objects.get()
    with pytest.raises(NotFound):  # whoever had its password could act for the whole city
        identity.reset_password(user_id=hotline.user_id, by=admin, at=NOON)
    grant = Grant.objects.get(user_id=hotline.user_id)
    Grant.objects.filter(pk=grant.pk).update(waits=True)
    looked_at = mark(*queries.terms_of_hotline(hotline))
    actions.connect_hotline(region=CITY, url="https://evil.example/", by=admin, at=NOON)
    assert Grant.objects.get(pk=grant.pk).waits  # no post is confirmed on the way
    with pytest.raises(ChangedMeanwhile):
        actions.start_hotline(hotline_id=hotline.pk, shown=looked_at, by=city, at=NOON)
    page = people.signed_in(city).get("/admin/hotlines/").content.decode()
    assert "https://evil.example/" in page
    hotline.refresh_from_db()
    assert mark(*queries.terms_of_hotline(hotline)) in page
