"""Partners that lose, leave out, repeat, refuse by mistake or answer nonsense: nothing is shown equal
that differs, nothing is lost, and nobody else is held up.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import people
import pytest
from people import rated

from haochaping.demo.simulator import Platform
from haochaping.demo.takers import Hook
from haochaping.evaluations import actions as evaluations
from haochaping.evaluations import rules as rating
from haochaping.exchange import actions, models, queries, rules
from haochaping.exchange.partners import national, shandong, uploading
from haochaping.exchange.partners.generic import upload
from haochaping.exchange.partners.sending import Failed, Letter, Link, carry, of_words
from haochaping.exchange.rules import Family, Outward, Status, digests, filed
from haochaping.exchange.tasks import reconcile
from haochaping.feed import actions as feed
from haochaping.feed import models as feed_tables
from haochaping.feed import queries as feeds
from haochaping.feed.rules import Kind
from haochaping.identity import actions as identity
from haochaping.identity import queries as identities
from haochaping.identity.rules import ClientKey, Reach
from haochaping.kernel import clock
from haochaping.kernel.addresses import networks
from haochaping.kernel.db import talk
from haochaping.kernel.moments import begin_of, business_day
from haochaping.kernel.outbound import Answer
from haochaping.orders import actions as orders
from haochaping.orders.models import Step
from haochaping.records import actions as registering
from haochaping.records import queries as records
from haochaping.records.rules import accept
from haochaping.regions import queries as regions
from haochaping.regions.rules import scope

pytestmark = pytest.mark.django_db
LINK = Link("https://p.example", {"kid": "k", "secret": "s"}, clock.now())
LETTER = Letter("E-1", Family.EVALUATION, {"projectNo": "P"})


@pytest.fixture
def nation(settings: Any) -> Iterator[Platform]:
    """A national platform."""
    settings.OUTBOUND_ALLOW = networks("127.0.0.0/8")
    platform = Platform()
    yield platform
    platform.stop()


def connected(other: Any, **changes: Any) -> models.Partner:
    """Connect a platform."""
    facts = {"name": f"国家平台{other.port}", "dialect": Outward.NATIONAL, "url": other.url}
    agreed = actions.Connection(**{"region": 320000000000, **facts, **changes})
    partner_id, shown = actions.connect(agreed=agreed, by=0, at=clock.now())
    other.key = (shown.get("kid", ""), shown.get("secret", ""))
    return models.Partner.objects.get(pk=partner_id)


def told(partner: models.Partner) -> None:
    """Send all there is."""
    people.queued()
    while uploading.send_round(partner.pk):
        pass


def test_what_a_partner_loses_after_it_was_equal_is_found(
    world: people.Place, nation: Platform
) -> None:
    partner = connected(nation)
    for _ in range(3):
        rated(5)
    told(partner)
    assert uploading.compare_all(partner) == 2
    nation.lose(next(one for one in nation.kept if one.startswith("E-")))
    assert uploading.compare_all(partner) == 0  # its turn comes within a day
    models.Reconciled.objects.update(at=clock.now() - timedelta(days=1))
    assert uploading.compare_all(partner) == 2
    assert models.Difference.objects.filter(closed_at=None).count() == 1
    models.Difference.objects.all().delete()
    models.Reconciled.objects.update(at=clock.now(), differing=0)
    assert uploading.compare_all(partner, every=True) == 2  # or a person asks
    assert models.Difference.objects.count() == 1


def test_a_busy_partner_is_left_alone_for_as_long_as_it_asks(
    world: people.Place, nation: Platform
) -> None:
    partner = connected(nation)
    rated(5)
    nation.trouble, nation.wait = {"busy": 1.0}, "600"
    told(partner)
    partner.refresh_from_db()
    assert partner.due_at is not None
    assert 590 < (partner.due_at - clock.now()).total_seconds() <= 600
    nation.trouble, nation.wait = {}, ""
    models.Partner.objects.update(due_at=clock.now())
    told(partner)
    assert nation.kept


def test_what_changes_while_it_is_being_sent_is_told_again(
    world: people.Place, nation: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner = connected(nation)
    key = rated(1)
    service = models.Delivery.objects.filter(kind=Kind.RATING, record=key)
    told(partner)
    models.Delivery.objects.update(status=Status.NEW, due_at=clock.now(), ended_at=None)
    write = queries.documents

    def meanwhile(*args: Any, **given: Any) -> Any:
        found = write(*args, **given)
        monkeypatch.undo()
        actions.queue(facts=[(Kind.ERASED, key), (Kind.AMENDED, key)], at=clock.now())
        return found

    monkeypatch.setattr(queries, "documents", meanwhile)
    uploading.send_round(partner.pk)
    assert service.get().status == Status.NEW  # what was said of the old text ends nothing
    told(partner)
    assert service.get().status == Status.ACKNOWLEDGED
    assert not models.Delivery.objects.filter(due_at__isnull=False).exists()


def test_an_erasure_reaches_whoever_was_told_before_it_was_forgotten(
    world: people.Place, nation: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner = connected(nation)
    key = rated(1)
    told(partner)
    now = clock.now()
    actions.forget_deliveries(before=now + timedelta(days=1))
    seen = nation.seen[rules.message_id(Kind.RATING, key)]
    actions.queue(facts=[(Kind.ERASED, key)], at=now)  # so young that it was never told
    assert not models.Delivery.objects.filter(kind=Kind.RATING).exists()
    models.Delivery.objects.all().delete()
    actions.queue(facts=[(Kind.ERASED, key)], at=now + timedelta(days=100))
    models.Delivery.objects.update(due_at=now)
    told(partner)
    assert nation.seen[rules.message_id(Kind.RATING, key)] == seen + 1


def test_one_unanswerable_day_stops_no_other_and_is_no_green_one(
    world: people.Place, nation: Platform
) -> None:
    partner = connected(nation)
    for _ in range(2):
        rated(5)
    told(partner)
    today = business_day(clock.now())
    first, second = models.Delivery.objects.filter(kind=Kind.RATING).order_by("pk")
    for one, days in ((first, 2), (second, 1)):
        models.Delivery.objects.filter(record=one.record).update(day=today - timedelta(days=days))
    answer = nation.answer

    def odd(request: Any, body: bytes) -> None:
        if f"{today - timedelta(days=2)}".encode() in body:
            nation._say(request, 200, {"oops": 1})
        else:
            answer(request, body)

    nation.answer = odd  # type: ignore[method-assign]
    reconcile(clock.now())
    board = queries.board(partner.pk, clock.now())
    assert [one.look.value for one in board] == ["red", "grey"]  # the other side keeps its own days
    assert models.Partner.objects.get(pk=partner.pk).failing_since is None
    assert queries.drifting(clock.now()) == []
    assert queries.drifting(clock.now() + timedelta(days=1, hours=1)) == [(partner.pk, 2)]
    nation.answer = answer  # type: ignore[method-assign]
    reconcile(clock.now())
    assert "grey" not in [one.look.value for one in queries.board(partner.pk, clock.now())]


def test_a_partner_that_stops_answering_is_not_green_for_ever(
    world: people.Place, nation: Platform
) -> None:
    partner = connected(nation)
    rated(5)
    told(partner)
    reconcile(clock.now())
    (day,) = queries.board(partner.pk, clock.now())
    assert day.look is queries.Look.EQUAL
    later = clock.now() + timedelta(days=3)
    (day,) = queries.board(partner.pk, later)
    assert day.look is queries.Look.UNCOMPARED
    assert queries.drifting(later) == [(partner.pk, 1)]
    (one,) = queries.standings((0, 10**12), later)
    assert one.uncompared == 2
    assert actions.tell_amiss(standings=[one], at=later) == 1


def test_what_is_not_looked_at_yet_holds_up_nothing_behind_it(
    world: people.Place, nation: Platform
) -> None:
    partner = connected(nation, batch=10)
    for _ in range(40):
        rated(5)
    later = nation.trouble
    nation.trouble = {"later": 0.3}
    people.queued()
    for _ in range(30):
        uploading.send_round(partner.pk)
    nation.trouble = later
    services = models.Delivery.objects.filter(kind=Kind.RECORD)
    assert not services.filter(status=Status.NEW).exists()
    done = services.filter(status=Status.ACKNOWLEDGED).values("record")
    ratings = models.Delivery.objects.filter(kind=Kind.RATING, record__in=done)
    assert not ratings.filter(status=Status.NEW).exists()


def test_old_days_are_forgotten_whole(world: people.Place, nation: Platform) -> None:
    partner = connected(nation)
    rated(5)
    told(partner)
    assert uploading.compare_all(partner) == 2
    tomorrow = clock.now() + timedelta(days=1)
    assert actions.forget_deliveries(before=tomorrow) == 2
    assert not models.Reconciled.objects.exists()
    assert queries.to_compare(partner, tomorrow + timedelta(days=2)) == []
    assert queries.to_compare(partner, tomorrow, every=True) == []


def test_days_of_long_ago_are_compared_as_well(world: people.Place, nation: Platform) -> None:
    partner = connected(nation)
    rated(5)
    told(partner)
    old = business_day(clock.now()) - timedelta(days=100)
    models.Delivery.objects.update(day=old)
    assert queries.to_compare(partner, clock.now()) == []
    days = {day for day, _ in queries.to_compare(partner, clock.now(), every=True)}
    assert days == {old}


def entries(n: int) -> dict[str, str]:
    """Return what a side has."""
    return {f"E-{number}": f"{number:032x}" for number in range(n)}


def compared(ours: dict[str, str], answer: Any) -> list[digests.Found]:
    """Compare with another side that answers so."""
    comparison = digests.bisect(ours)
    asked = next(comparison)
    try:
        while True:
            asked = comparison.send(answer(asked))
    except StopIteration as end:
        return list(end.value)


def test_a_branch_that_a_partner_leaves_out_is_empty() -> None:
    ours, branch = entries(200), digests.place("E-7")[0]
    theirs = {one: said for one, said in ours.items() if not digests.place(one).startswith(branch)}

    def sparse(asked: digests.Asked) -> Any:
        said = digests.answer(theirs, asked)
        if asked.children:
            return {where: one for where, one in said.items() if one.count}
        return said

    missing = compared(ours, sparse)
    assert {one.message for one in missing} == ours.keys() - theirs.keys()
    assert len(missing) > 1


def test_answers_that_do_not_fit_together_are_no_green_day_and_have_an_end() -> None:
    ours = entries(200)

    def same_below(asked: digests.Asked) -> Any:  # another root over the same branches
        if asked.listed or asked.children:
            return digests.answer(ours, asked)
        return {"": digests.Node(200, "0" * 32)}

    def endless(asked: digests.Asked) -> Any:
        if asked.listed:
            return {}
        if asked.children:
            return {asked.prefix + one: digests.Node(1000, "f" * 32) for one in "0123456789abcdef"}
        return {"": digests.Node(16000, "f" * 32)}

    def other_entries(asked: digests.Asked) -> Any:
        if asked.listed:
            return {"E-x": "y"}
        return digests.answer({**ours, "E-more": "1" * 32}, asked)

    for odd in (same_below, endless, other_entries):
        with pytest.raises(digests.Inconsistent):
            compared(ours, odd)


@pytest.mark.parametrize(
    "said",
    [
        {"results": [{"id": []}]},
        {"results": [{"id": "ID", "code": "5", "message": "a\0b"}]},
        {"results": [{"id": "ID", "code": "0", "number": "\ud83d"}]},
        {"results": {"id": 1}},
        {"results": [1, None, "x"]},
    ],
)
def test_an_odd_answer_is_counted_and_never_sent_to_at_once_again(
    world: people.Place, nation: Platform, said: Any
) -> None:
    partner = connected(nation)
    rated(5)
    people.queued()
    first = models.Delivery.objects.order_by("pk").first()
    assert first is not None
    name = rules.message_id(first.kind, first.ref)
    body = json.dumps(said).replace('"ID"', f'"{name}"').encode()
    nation.answer = lambda request, _: nation.raw(request, 200, body)  # type: ignore[attr-defined]
    uploading.send_round(partner.pk)
    partner.refresh_from_db()
    first.refresh_from_db()
    assert partner.failures or first.tries
    later = [moment for moment in (partner.due_at, first.due_at) if moment]
    assert first.due_at is None or max(later) > clock.now()


@pytest.mark.parametrize(
    "answer",
    [
        {"nodes": {"": {"count": float("inf"), "digest": "x"}}},
        {"nodes": {"": {"count": -1, "digest": "x"}}},
        {"nodes": {"": {"count": 1, "digest": "x" * 41}}},
        {"nodes": {"a\0": {"count": 1, "digest": "x"}}},
        {"entries": {"x" * 41: "y"}},
        {"entries": {"a\0": "y"}},
        {"nodes": 5},
    ],
)
def test_what_a_comparison_cannot_keep_is_a_failure_of_the_partner(answer: Any) -> None:
    asked = digests.Asked("", listed="entries" in answer)
    with pytest.raises(Failed):
        national.answered(asked, Answer(200, json.dumps(answer).encode()))


def test_a_partner_that_breaks_a_comparison_holds_up_no_other(
    world: people.Place, nation: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = connected(nation)
    other = Platform()
    second = connected(other, name="another")
    rated(5)
    for one in (first, second):
        told(one)
    compare = uploading.compare

    def breaks(partner: models.Partner, *rest: Any) -> int:
        if partner.pk == first.pk:
            raise OverflowError
        return compare(partner, *rest)

    monkeypatch.setattr(uploading, "compare", breaks)
    reconcile(clock.now())
    other.stop()
    compared = models.Reconciled.objects.filter(at__isnull=False)
    assert {one.partner_id for one in compared} == {second.pk}
    assert f"compare.{first.pk}" in {one.name for one in feeds.troubles()}


def test_a_file_of_more_days_with_replaced_ratings_is_compared_as_it_is() -> None:
    day = business_day(clock.now())
    case, other = ("P1", "1", "1"), ("P2", "1", "1")
    sent = {case: filed.Sent("C-1", 1, day, "5", frozenset())}
    rows = [
        {"projectNo": "P1", "satisfaction": "5", "assessTime": f"{day}", "evalDetail": ""},
        {"projectNo": "P2", "satisfaction": "1", "assessTime": "2020-01-01 08:00:00"},
    ]
    held = filed.held(rows)
    assert held[other].codes is None
    assert [one.found for one in filed.compare(sent, held, day, day).values()] == [[]]
    held[case] = filed.Held("5", day, frozenset({"108"}))
    (found,) = filed.compare(sent, held, day, day).values()
    assert [one[:2] for one in found.found] == [("C-1", digests.What.ALTERED)]
    assert filed.codes_of("108，110") == filed.codes_of("110|108")


def test_a_rating_that_was_replaced_is_told_of_its_own_day_as_it_is_now(
    world: people.Place, nation: Platform
) -> None:
    partner = connected(nation)
    key = rated(1)
    told(partner)
    service = records.service(key)
    assert service is not None
    given = people.given_rating(people.given_record(project_no=service.project_no), 5)
    evaluations.replace(given=given, record_id=key, by=0, at=clock.now())
    told(partner)
    first = models.Delivery.objects.get(kind=Kind.RATING)
    (one,) = queries.sent_ratings(partner, first.day, first.day).values()
    assert (one.satisfaction, one.day, one.message[0]) == ("5", first.day, "C")


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("本次服务已存在评价，请勿重复评价！", Status.ACKNOWLEDGED),
        ("已存在该条服务信息,请勿重复提交！", Status.ACKNOWLEDGED),
        ("不允许重复提交，请稍候再试", Status.REFUSED),
        ("请求重复，时间戳已使用", Status.REFUSED),
        ("evalDetail 含重复指标", Status.REFUSED),
        ("该办件已存在且内容不同", Status.REFUSED),
    ],
)
def test_only_who_says_so_has_it_already(said: str, status: Status) -> None:
    assert of_words("E-1", said).status is status


@pytest.mark.parametrize(
    ("body", "fine"),
    [
        ({}, True),
        ({"code": 0}, True),
        ({"code": "200", "success": True}, True),
        ({"success": False}, False),
        ({"error": "no"}, False),
        ({"status": 500}, False),
        ({"code": 0, "success": "false"}, False),
    ],
)
def test_a_failure_in_a_200_acknowledges_nothing(body: Any, fine: bool) -> None:
    dialogue = upload([LETTER], LINK)
    next(dialogue)
    found: dict[str, Status] = {}
    try:
        said: Any = dialogue.send(Answer(200, json.dumps(body).encode()))
        while True:
            found[said.message] = said.status
            said = dialogue.send(None)
    except (StopIteration, Failed):
        pass
    assert found == ({"E-1": Status.ACKNOWLEDGED} if fine else {})


def test_a_gateway_that_knows_no_address_refuses_no_message(
    world: people.Place, settings: Any
) -> None:
    settings.OUTBOUND_ALLOW = networks("127.0.0.0/8")
    hook = Hook()
    partner = connected(hook, dialect=Outward.WEBHOOK)
    hook.key = ("", "")
    for _ in range(4):
        rated(5)
    for status in (401, 403, 404):
        hook.answer = lambda request, _, n=status: hook.raw(request, n, b"<html>")  # type: ignore[attr-defined]
        told(partner)
        assert not models.Delivery.objects.filter(status=Status.REFUSED).exists()
        partner.refresh_from_db()
        assert partner.failing_since is not None
    hook.stop()


def test_a_pace_is_what_goes_out_in_a_second(world: people.Place, nation: Platform) -> None:
    partner = connected(nation, pace=2)
    for _ in range(6):
        rated(5)
    people.queued()
    uploading.send_round(partner.pk)
    assert len(nation.kept) == 2


def test_who_served_is_told_only_where_persons_may_be_told(
    world: people.Place, nation: Platform
) -> None:
    shown = []
    for personal in (False, True):
        partner = connected(nation, name=f"p{personal}", personal=personal)
        rated(5)
        told(partner)
        one = models.Delivery.objects.filter(partner=partner).order_by("pk").first()
        assert one is not None
        document = queries.documents(partner, [one])[one.pk]
        assert isinstance(document, queries.Written)
        shown.append({name: document.document.get(name) for name in ("proManager", "proManagerNo")})
    assert shown[0] == {"proManager": None, "proManagerNo": None}
    assert shown[1] == {"proManager": "王晓燕", "proManagerNo": "0321"}


def test_a_stopped_partner_reads_nothing(world: people.Place, nation: Platform) -> None:
    partner = connected(nation)
    rated(1)
    told(partner)
    key = identities.key_of_client(partner.client_id or 0)
    tomorrow = clock.now() + timedelta(days=1)
    assert queries.returned(cursor="", key=key, at=tomorrow).cursor
    actions.stop(partner_id=partner.pk, by=0, at=clock.now())
    with pytest.raises(queries.Stopped):
        queries.returned(cursor="", key=key, at=tomorrow)


def test_a_cursor_waits_at_the_first_batch_of_today(world: people.Place) -> None:
    midnight = begin_of(business_day(clock.now()))
    for _ in range(3):
        people.register(people.given_record())
        feed.sequence(at=clock.now())
    before, after = midnight - timedelta(seconds=1), midnight + timedelta(seconds=1)
    numbered = feed_tables.Batch.objects.order_by("no")
    for batch, at in zip(numbered, (before, after, before), strict=True):
        feed_tables.Batch.objects.filter(no=batch.no).update(at=at)
    key = ClientKey("k", 7, b"s", "sha256", Reach(*scope(people.CITY)), everybodys=True)
    first = queries.returned(cursor="", key=key, at=midnight + timedelta(hours=8))
    rest = queries.returned(cursor=first.cursor, key=key, at=midnight + timedelta(days=1))
    assert (len(first.items), len(rest.items)) == (1, 2)


def test_systems_and_partners_of_a_department_go_on_under_its_successor(
    world: people.Place, nation: Platform
) -> None:
    at, new = clock.now(), people.uscc("11320700MB07070A1")
    facts = {"region": people.CITY, "by": 0, "at": at}
    identity.issue_key(client="old", departments=[people.BUREAU], **facts)
    identity.issue_key(client="other", departments=[people.OTHER], **facts)
    partner = connected(nation, departments=[people.BUREAU])
    for follow in (identity.follow_successor, actions.follow_successor):
        assert follow(code=people.BUREAU, successor=new, by=0, at=at) > 0
        assert follow(code=people.BUREAU, successor=new, by=0, at=at) == 0
    partner.refresh_from_db()
    assert set(partner.departments) == {people.BUREAU, new}
    (old,) = [one for one in identities.every_key() if one.client.name == "old"]
    assert set(old.client.departments) == {people.BUREAU, new}


def test_a_dialect_that_stumbles_is_told_as_broken() -> None:
    def dialogue() -> Any:
        raise TypeError("unhashable\0")
        yield

    assert "TypeError" in carry(dialogue()).broken
    assert "\0" not in carry(dialogue()).broken


@pytest.mark.parametrize(
    ("answer", "fine"),
    [
        ({"C-Response-Desc": "success", "C-Response-Body": {"success": True}}, True),
        ({"C-Response-Desc": "success", "C-Response-Body": '{"success":"true"}'}, True),
        ({"C-Response-Desc": "success"}, True),
        ({"C-Response-Desc": "success", "C-Response-Code": "000000000000"}, True),
        ({"C-Response-Desc": "success", "C-Response-Code": "S0000012"}, False),
        ({"C-Response-Desc": "success", "C-Response-Body": {"success": "false"}}, False),
        ({"C-Response-Desc": "success", "C-Response-Body": {"success": 0}}, False),
        ({"C-Response-Desc": "success", "C-Response-Body": '{"success":false}'}, False),
    ],
)
def test_a_success_that_carries_a_failure_is_none(answer: Any, fine: bool) -> None:
    told_ = shandong._told(LETTER, answer)
    assert (told_.status is Status.ACKNOWLEDGED) is fine


def test_a_partner_for_one_department_commands_nobody(
    world: people.Place, nation: Platform
) -> None:
    partner = connected(nation, departments=[people.OTHER])
    key = rated(1)
    service = records.service(key)
    assert service is not None
    said = {"projectNo": service.project_no, "serviceNumber": "1", "action": "supervise"}
    message = rules.Inward(id="m1", family=Family.RECTIFICATION, document=said)
    signer = identities.key_of_client(partner.client_id or 0)
    (answer,) = actions.receive(partner=partner, key=signer, messages=[message], at=clock.now())
    assert answer["code"] == "quarantined"
    assert models.Received.objects.get().outcome in ("no_superior", "no_order")


def handed(partner: models.Partner, family: Family, document: dict[str, str]) -> models.Received:
    """Hand a message in; return what became of it."""
    signer = identities.key_of_client(partner.client_id or 0)
    message = rules.Inward(id=f"m{len(str(document))}", family=family, document=document)
    actions.receive(partner=partner, key=signer, messages=[message], at=clock.now())
    return models.Received.objects.latest("pk")


def test_an_order_that_is_handed_on_with_words_alone_is_an_instruction(
    world: people.Place, nation: Platform
) -> None:
    partner = connected(nation)
    key = rated(1)
    order = orders.open_for(evaluation_id=key, at=clock.now())
    service = records.service(key)
    assert service is not None
    named = {"projectNo": service.project_no, "serviceNumber": "1"}
    said = {**named, "workOrderNo": "GJ-1", "note": "三日内整改"}
    assert handed(partner, Family.RECTIFICATION, said).outcome == "taken"
    instructed = Step.objects.get(order_id=order, move="instruct")
    assert "三日内整改" in str(instructed.given)
    handed(partner, Family.RECTIFICATION, {**said, "action": "rectify"})  # a step of theirs
    assert Step.objects.filter(order_id=order).latest("pk") == instructed


def test_a_misspelt_field_of_a_rating_waits_for_a_person(
    world: people.Place, nation: Platform
) -> None:
    partner = connected(nation)
    service = people.given_record()
    people.register(service)
    said = {"projectNo": service.project_no, "serviceNumber": "1", "satisfaction": "5", "pf": "4"}
    said |= {"assessTime": "2026-11-18 12:00:00", "evaluateType": "1"}
    waits = handed(partner, Family.EVALUATION, {**said, "isDefalt": "1"})
    assert (waits.done_at, "isDefault" in waits.reason) == (None, True)
    assert handed(partner, Family.EVALUATION, said).outcome == "taken"


def test_an_anonymous_rating_names_nobody_beside_it(world: people.Place, nation: Platform) -> None:
    partner, keys = connected(nation, personal=True), dict[int, bool]()
    for anonymous in (False, True):
        service = people.given_record()
        people.register(service)
        told = people.given_rating(service, 5, rater=rating.Rater(anonymous=anonymous))
        keys |= dict.fromkeys((one.id for one in people.submit(told)), anonymous)
    people.queued()
    waiting = list(models.Delivery.objects.filter(partner=partner, kind=Kind.RATING))
    written = queries.documents(partner, waiting, with_service=True)
    for one in waiting:
        service = written[one.pk].service  # type: ignore[union-attr]
        assert bool(service.get("userName")) is not keys[one.record]
    assert len(waiting) == 2


def test_a_key_that_has_ended_stops_nobody_elses_messages(
    world: people.Place, nation: Platform
) -> None:
    partner = connected(nation)
    signer = identities.key_of_client(partner.client_id or 0)
    service = people.given_record()
    said = {"projectNo": service.project_no, "serviceNumber": "1", "satisfaction": "5", "pf": "4"}
    said |= {"assessTime": "2026-11-18 12:00:00", "evaluateType": "1"}
    message = rules.Inward(id="m1", family=Family.EVALUATION, document=said)
    actions.receive(partner=partner, key=signer, messages=[message], at=clock.now())
    assert models.Received.objects.get().outcome == "record_unknown"
    identity.revoke_key(kid=signer.kid, by=0, at=clock.now())
    people.register(service)
    assert actions.receive_again(at=clock.now()) == 1


def test_a_file_that_has_a_rating_twice_or_of_another_day_is_not_equal() -> None:
    day = business_day(clock.now())
    sent = {("P1", "1", "1"): filed.Sent("E-1", 1, day, "5", frozenset())}
    line = {"projectNo": "P1", "satisfaction": "5", "assessTime": f"{day}"}
    for rows, theirs in (([line, line], 2), ([{**line, "assessTime": "2020-01-01"}], 1)):
        (found,) = filed.compare(sent, filed.held(rows), day, day).values()
        assert (found.theirs, found.found[0].what) == (theirs, digests.What.ALTERED)


def test_an_explanation_is_of_what_was_seen_and_says_something(
    world: people.Place, nation: Platform
) -> None:
    partner = connected(nation)
    rated(5)
    told(partner)
    one = next(name for name in nation.kept if name.startswith("E-"))
    family, document = nation.kept[one]
    nation.keep(one, family, {**document, "pf": "9"})
    uploading.compare_all(partner, every=True)
    (row,) = queries.differences(partner.pk)
    with pytest.raises(actions.Unexplained):
        actions.close(difference_id=row.pk, note=" ", by=0, at=clock.now())
    actions.close(difference_id=row.pk, note="渠道口径不同", by=0, at=clock.now())
    uploading.compare_all(partner, every=True)
    assert not queries.differences(partner.pk)
    nation.keep(one, family, {**document, "pf": "9", "satisfaction": "1"})
    uploading.compare_all(partner, every=True)
    assert len(queries.differences(partner.pk)) == 1


def test_a_stopped_partners_key_opens_no_other_door(world: people.Place, nation: Platform) -> None:
    partner = connected(nation)
    kid, _ = nation.key
    assert kid in talk(identities.load_keys())
    actions.stop(partner_id=partner.pk, by=0, at=clock.now())
    assert kid not in talk(identities.load_keys())
    actions.start(partner_id=partner.pk, by=0, at=clock.now())
    assert kid in talk(identities.load_keys())


def test_a_partner_names_no_department_of_another_region(
    world: people.Place, nation: Platform
) -> None:
    partner = connected(nation, region=people.ELSEWHERE)
    signer = identities.key_of_client(partner.client_id or 0)
    theirs = people.given_record(region=str(people.ELSEWHERE))
    ready = [accept(theirs, regions.tree().resolve, clock.now())]
    (outcome,) = talk(registering.register(records=ready, client=signer.client))
    assert outcome.refusal is not None
    assert outcome.refusal.code == "department_outside_scope"


def test_what_never_reached_the_queue_is_found_and_told(
    world: people.Place, nation: Platform
) -> None:
    partner = connected(nation)
    models.Partner.objects.update(connected_at=people.NOON - timedelta(days=9))
    key = rated(2)
    told(partner)
    models.Delivery.objects.filter(kind=Kind.RATING).delete()
    day = business_day(people.NOON)
    assert actions.heal_untold(day=day, at=clock.now()) == {partner.pk: 1}
    assert actions.heal_untold(day=day, at=clock.now()) == {}
    told(partner)
    assert nation.seen[rules.message_id(Kind.RATING, key)] == 2
    other = connected(nation, name="of others", departments=[people.OTHER])
    models.Partner.objects.filter(pk=other.pk).update(connected_at=people.NOON - timedelta(days=9))
    assert actions.heal_untold(day=day, at=clock.now()) == {}  # it is not to know


def test_follow_ups_and_steps_that_never_reached_the_queue_are_found_and_told(
    world: people.Place, nation: Platform
) -> None:
    partner = connected(nation)
    now = clock.now()
    models.Partner.objects.update(connected_at=people.NOON - timedelta(days=9))
    service = people.given_record()
    people.register(service)
    first, _ = people.submit(
        people.given_rating(service, 2), people.given_rating(service, 1, kind=2)
    )
    orders.open_for(evaluation_id=first.id, at=now)
    told(partner)
    lost = models.Delivery.objects.filter(kind__in=[Kind.FOLLOW_UP, Kind.ORDER])
    refs = set(lost.values_list("kind", "ref"))
    assert {kind for kind, _ in refs} == {Kind.FOLLOW_UP, Kind.ORDER}
    lost.delete()
    days = {business_day(people.NOON), business_day(now)}
    assert sum(actions.heal_untold(day=day, at=now).get(partner.pk, 0) for day in days) == len(refs)
    again = models.Delivery.objects.filter(kind__in=[Kind.FOLLOW_UP, Kind.ORDER])
    assert set(again.values_list("kind", "ref")) == refs
    assert not any(actions.heal_untold(day=day, at=now) for day in days)


def test_who_works_where_a_rating_was_given_is_told_of_a_good_one_the_day_after(
    world: people.Place, nation: Platform
) -> None:
    near, far = connected(nation, departments=[people.BUREAU]), connected(nation, name="far")
    good, bad = rated(5), rated(1)
    people.queued()
    tomorrow = begin_of(business_day(clock.now()) + timedelta(days=1))
    due = {
        (one.partner_id, one.ref): one.due_at
        for one in models.Delivery.objects.filter(kind=Kind.RATING)
    }
    assert due[near.pk, good] > tomorrow
    for partner, key in ((near, bad), (far, good), (far, bad)):
        assert due[partner.pk, key] < tomorrow
