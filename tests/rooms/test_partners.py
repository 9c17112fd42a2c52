"""Telling partners what happens here: nothing is lost, repeated with another meaning, or overtaken,
whatever the other side does; and both sides find what differs.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from random import Random

import people
import pytest
from django.db.models import F
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from people import ELSEWHERE, NOON, given_rating, given_record, queued, rated, register, submit

from haochaping.demo.simulator import Platform
from haochaping.evaluations import actions as evaluations
from haochaping.exchange import actions, models, queries
from haochaping.exchange.partners import contract, uploading
from haochaping.exchange.partners.sending import Link
from haochaping.exchange.rules import Family, Outward, Status, digest, message_id
from haochaping.exchange.rules.deliveries import TRIES
from haochaping.feed.rules import Kind
from haochaping.identity import actions as identity
from haochaping.identity import queries as clients
from haochaping.identity.rules import OURSELVES, ClientKey, Reach, SignedRequest, signed
from haochaping.kernel import clock
from haochaping.kernel.addresses import networks
from haochaping.kernel.db import rows, talk
from haochaping.kernel.moments import business_day
from haochaping.orders import actions as orders
from haochaping.records import actions as records
from haochaping.records.rules import Origin, accept
from haochaping.regions import queries as regions
from haochaping.regions.rules import scope

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PROVINCE = 320000000000
_NOWHERE = Reach(0, 0)


@pytest.fixture
def nation(settings: object) -> Iterator[Platform]:
    """A national platform that behaves."""
    settings.OUTBOUND_ALLOW = networks("127.0.0.0/8")  # type: ignore[attr-defined]
    platform = Platform()
    yield platform
    platform.stop()


def connected(platform: Platform, region: int = PROVINCE, **changes: object) -> int:
    """Connect the platform; return the partner's id."""
    facts = {"name": f"国家平台{platform.port}", "dialect": Outward.NATIONAL, "url": platform.url}
    agreed = actions.Connection(region=region, **{**facts, **changes})  # type: ignore[arg-type]
    partner_id, shown = actions.connect(agreed=agreed, by=0, at=clock.now())
    platform.key = (shown["kid"], shown["secret"])
    return partner_id


def later(by: timedelta = timedelta(hours=1)) -> None:
    """Let time pass: what would be due by then is due."""
    for table in (models.Delivery, models.Partner):
        table.objects.filter(due_at__isnull=False).update(due_at=F("due_at") - by)
    models.Delivery.objects.filter(since__isnull=False).update(since=F("since") - by)


def sent(partner_id: int, rounds: int = 60) -> None:
    """Send until nothing waits, letting time pass between the tries."""
    for _ in range(rounds):
        while uploading.send_round(partner_id):
            pass
        waits = models.Delivery.objects.filter(partner_id=partner_id, due_at__isnull=False)
        if not waits.exists():
            return
        later()


def states(partner_id: int) -> dict[Status, int]:
    """Return how many messages are in each state."""
    (one,) = [
        one for one in queries.standings((0, 10**12), clock.now()) if one.partner.pk == partner_id
    ]
    return {Status(status): n for status, n in one.counts.items() if n}


def test_a_partner_is_told_of_the_departments_that_were_agreed_and_of_no_other(
    world: people.Place, nation: Platform
) -> None:
    theirs, hook = (
        connected(nation, departments=[people.OTHER]),
        connected(nation, name="all", departments=[people.BUREAU, people.OTHER]),
    )
    rated(2, department_code=people.OTHER, item_code=people.item_of(people.OTHER))
    rated(5)
    queued()
    counts = [models.Delivery.objects.filter(partner_id=one).count() for one in (theirs, hook)]
    assert counts == [2, 4]
    with pytest.raises(actions.UnknownDepartments):
        connected(nation, name="unknown", departments=["11320700MB01070A1X"])


def test_a_partner_that_is_to_know_of_more_departments_is_started_by_another_person(
    world: people.Place, nation: Platform
) -> None:
    found = models.Partner.objects.get(pk=connected(nation, departments=[people.OTHER]))
    both = [people.BUREAU, people.OTHER]
    kid, _ = nation.key

    def granted() -> set[str]:
        return set(clients.key_of(kid).departments)

    def agree(*departments: str) -> bool:
        terms = actions.Terms(True, False, 1000, 0, departments)
        actions.agree(partner_id=found.pk, terms=terms, by=0, at=clock.now())
        found.refresh_from_db()
        return found.stopped_at is None

    for more in (both, []):
        assert not agree(*more)
        assert granted() == {people.OTHER}
        actions.start(partner_id=found.pk, by=0, at=clock.now())
        assert granted() == set(more)
        assert agree(people.OTHER)
        assert granted() == {people.OTHER}


def test_what_happens_is_told_in_the_national_names_and_good_and_bad_alike(
    world: people.Place, nation: Platform
) -> None:
    partner = connected(nation)
    service = given_record()
    register(service)
    submit(given_rating(service, 2, words="等了两个小时，打 13812345678 没人接"))
    good = rated(5)
    evaluations.set_aside(evaluation_ids=[good], at=clock.now())
    queued()
    sent(partner)
    assert states(partner) == {Status.ACKNOWLEDGED: 5}
    by_family: dict[str, list[dict[str, str]]] = {}
    for family, document in nation.kept.values():
        by_family.setdefault(family, []).append(document)
    (told,) = [one for one in by_family["service"] if one["projectNo"] == service.project_no]
    (bad,) = [one for one in by_family["evaluation"] if one["satisfaction"] == "2"]
    assert told["areaCode"] == "320700000000"
    assert told["taskCode"] == service.item_code
    assert told["userName"] == "张＊＊"
    assert "mobile" not in told
    assert (bad["satisfaction"], bad["evalDetail"], bad["pf"]) == ("2", "207", "4")
    assert bad["writingEvaluation"] == "等了两个小时，打 138****5678 没人接"
    assert sorted(one["effectivEvalua"] for one in by_family["evaluation"]) == ["0", "1", "1"]
    assert [one[0] for one in nation.order].index("S") < [one[0] for one in nation.order].index("E")
    assert not nation.badly_signed


def test_a_partner_hears_of_its_region_only_and_of_no_test(
    world: people.Place, nation: Platform
) -> None:
    there = connected(nation, region=ELSEWHERE)
    rated(1)
    service = given_record()
    probe = accept(service, regions.tree().resolve, clock.now(), Origin.SYNTHETIC)
    talk(records.register(records=[probe], client=OURSELVES))
    nation.key = ("", "")
    here = connected(nation, name="省平台")
    queued()
    assert states(there) == {}
    assert states(here) == {Status.NEW: 2}


def test_what_a_partner_may_not_know_it_is_not_told(world: people.Place, nation: Platform) -> None:
    partner = connected(nation, words=False)
    granted = connected(nation, name="有授权的", personal=True)
    service = given_record()
    register(service)
    submit(given_rating(service, 1, words="态度很差"))
    queued()
    rows = list(models.Delivery.objects.filter(partner_id=granted))
    full = queries.documents(models.Partner.objects.get(pk=granted), rows)
    assert next(one.document.get("userName") for one in full.values()) == "张芳华"  # type: ignore[union-attr]
    assert next(one.document.get("mobile") for one in full.values()) == "13812345678"  # type: ignore[union-attr]
    rows = list(models.Delivery.objects.filter(partner_id=partner))
    short = queries.documents(models.Partner.objects.get(pk=partner), rows)
    assert not any("writingEvaluation" in one.document for one in short.values())  # type: ignore[union-attr]


def test_an_order_is_told_step_by_step(world: people.Place, nation: Platform) -> None:
    partner = connected(nation)
    key = rated(1)
    orders.open_for(evaluation_id=key, at=clock.now())
    queued()
    sent(partner)
    steps = [document for family, document in nation.kept.values() if family == "rectification"]
    assert steps
    assert steps[0]["action"] == "open"
    assert steps[0]["workOrderNo"].startswith("CP")
    assert states(partner).keys() == {Status.ACKNOWLEDGED}


def test_items_made_locally_are_left_out_and_a_case_number_gets_its_prefix(
    world: people.Place, nation: Platform
) -> None:
    partner = connected(nation, ways={"prefix": "32", "area": "6"})
    made = people.item_of(people.BUREAU)[:19] + "00000000" + "1000"
    rated(5, item_code=made)
    rated(5, project_no="JS-77")
    queued()
    sent(partner)
    assert states(partner) == {Status.LEFT_OUT: 2, Status.ACKNOWLEDGED: 2}
    documents = [document for _, document in nation.kept.values()]
    assert {one["projectNo"] for one in documents} == {"32JS-77"}
    assert documents[0]["areaCode"] == "320700"


@pytest.mark.parametrize(
    ("trouble", "answer"),
    [("busy", "HTTP 503"), ("error", "HTTP 500"), ("garbage", "no JSON"), ("down", "Error")],
)
def test_a_partner_that_is_down_for_days_gets_everything_once_it_is_back(
    world: people.Place, nation: Platform, trouble: str, answer: str
) -> None:
    partner = connected(nation)
    nation.trouble = {trouble: 1.0}
    for level in (5, 1, 3):
        rated(level)
    queued()
    for _ in range(50):  # hours
        assert not uploading.send_round(partner)
        later()
    row = models.Partner.objects.get(pk=partner)
    assert row.failing_since is not None
    assert answer in row.answer
    assert states(partner) == {Status.NEW: 6}  # not the messages' fault, so none is given up
    nation.trouble = {}
    sent(partner)
    assert states(partner) == {Status.ACKNOWLEDGED: 6}
    assert models.Partner.objects.get(pk=partner).failing_since is None


@pytest.mark.parametrize("place", [0, 3, 6])  # in the queue: the first may not hold up the rest
def test_a_message_that_breaks_the_partner_is_given_up_alone_and_can_be_sent_again(
    world: people.Place, nation: Platform, place: int
) -> None:
    partner = connected(nation)
    for level in (5, 4, 2, 1, 3, 5, 5):
        rated(level)
    queued()
    bad = models.Delivery.objects.filter(kind=Kind.RECORD).order_by("pk")[place]
    poison = queries.documents(models.Partner.objects.get(pk=partner), [bad])[bad.pk]
    assert isinstance(poison, queries.Written)
    nation.poison = frozenset({f'"{poison.document["projectNo"]}"'})
    sent(partner, rounds=200)
    assert states(partner) == {Status.ACKNOWLEDGED: 12, Status.DEAD: 2}
    dead = models.Delivery.objects.filter(status=Status.DEAD)
    assert {one.record for one in dead} == {bad.record}
    nation.poison = frozenset()
    assert actions.resend(partner_id=partner, status=Status.DEAD, at=clock.now()) == 2
    sent(partner)
    assert states(partner) == {Status.ACKNOWLEDGED: 14}


def test_what_a_citizen_has_erased_is_taken_back_from_whoever_was_told(
    world: people.Place, nation: Platform
) -> None:
    partner = connected(nation, personal=True)
    service = given_record()
    register(service)
    (stored,) = submit(given_rating(service, 1, words="等了两个小时"))
    other = rated(5)
    queued()
    sent(partner)
    assert "等了两个小时" in str(nation.kept)
    before = dict(nation.seen)
    evaluations.erase(evaluation_id=stored.id, reason="asked", by=0, at=clock.now())
    records.erase(record_id=stored.id)
    queued()
    sent(partner)
    theirs = [one for _, one in nation.kept.values() if one["projectNo"] == service.project_no]
    assert "等了两个小时" not in str(theirs)
    assert not any(one.get("userName") or one.get("mobile") for one in theirs)
    assert [one["satisfaction"] for one in theirs if "satisfaction" in one] == ["1", "1"]
    assert nation.kept[message_id(Kind.ERASED, stored.id)][1]["flag"] == "U"
    assert nation.seen[message_id(Kind.RATING, other)] == before[message_id(Kind.RATING, other)]
    assert states(partner) == {Status.ACKNOWLEDGED: 7}  # two of them twice


def test_an_amended_service_is_told_again_under_its_id(
    world: people.Place, nation: Platform
) -> None:
    partner = connected(nation)
    first = given_record(status=1)
    (stored,) = register(first)
    queued()
    sent(partner)
    told = nation.kept[message_id(Kind.RECORD, stored.key)][1]
    assert told["proStatus"] == "1"
    later_on = accept(replace(first, status=3), regions.tree().resolve, clock.now())
    talk(records.amend(record=later_on, reason="办结", client=OURSELVES))
    queued()
    sent(partner)
    told = nation.kept[message_id(Kind.RECORD, stored.key)][1]
    assert told["proStatus"] == "3"
    assert states(partner) == {Status.ACKNOWLEDGED: 2}  # of one message, twice


def test_a_rating_that_was_replaced_and_then_set_aside_is_told_as_it_is_now(
    world: people.Place, nation: Platform
) -> None:
    partner = connected(nation)
    service = given_record()
    register(service)
    (stored,) = submit(given_rating(service, 1, words="等了两个小时"))
    better = given_rating(service, 5, words="后来办好了", codes=())
    evaluations.replace(given=better, record_id=stored.id, by=0, at=clock.now())
    evaluations.set_aside(evaluation_ids=[stored.id], at=clock.now())
    queued()
    sent(partner)
    told = nation.kept[message_id(Kind.SET_ASIDE, stored.id)][1]
    assert (told["satisfaction"], told["effectivEvalua"]) == ("5", "0")
    assert told["writingEvaluation"] == "后来办好了"
    assert nation.kept[message_id(Kind.RATING, stored.id)][1]["satisfaction"] == "1"


def test_what_is_on_its_way_is_no_difference_and_is_looked_at_again(
    world: people.Place, nation: Platform
) -> None:
    partner = connected(nation)
    rated(5)
    queued()
    sent(partner)
    rated(4)
    queued()  # not yet sent, and in time
    one = models.Partner.objects.get(pk=partner)
    uploading.compare_all(one)
    assert not models.Difference.objects.exists()
    sent(partner)
    nation.lose(message_id(Kind.RECORD, models.Delivery.objects.latest("pk").record))
    uploading.compare_all(one)
    assert models.Difference.objects.get().what == "missing"


def test_a_refusal_is_kept_with_its_reason_and_stops_nothing(
    world: people.Place, nation: Platform
) -> None:
    partner = connected(nation)
    keys = [rated(5), rated(1)]
    queued()
    nation.refuses = frozenset({message_id(Kind.RATING, keys[1])})
    sent(partner)
    assert states(partner) == {Status.ACKNOWLEDGED: 3, Status.REFUSED: 1}
    (refused,) = queries.deliveries(partner, [Status.REFUSED])
    assert refused.reason == "4103 没有对应的服务数据"


def test_a_service_is_never_overtaken_by_its_rating(world: people.Place, nation: Platform) -> None:
    partner = connected(nation, batch=4)
    nation.trouble = {"partial": 0.4, "later": 0.2, "garbage": 0.2, "reset": 0.2}
    keys = [rated(1 + number % 5) for number in range(12)]
    queued()
    sent(partner, rounds=TRIES - 1)  # one more and an unlucky message would be given up
    assert nation.requests > TRIES
    nation.trouble = {}
    sent(partner)
    assert states(partner) == {Status.ACKNOWLEDGED: 24}
    for key in keys:
        service, given = (message_id(kind, key) for kind in (Kind.RECORD, Kind.RATING))
        assert nation.order.index(service) < nation.order.index(given)


def test_both_sides_find_what_differs_and_it_is_put_right(
    world: people.Place, nation: Platform
) -> None:
    partner = connected(nation)
    for number in range(90):
        rated(1 + number % 5)
    queued()
    sent(partner)
    row = models.Partner.objects.get(pk=partner)
    assert uploading.compare_all(row) == 2
    (day,) = queries.board(partner, clock.now())
    assert day.look is queries.Look.EQUAL
    assert {one.ours for one in day.families.values()} == {90}
    assert {one.asked for one in day.families.values()} == {1}  # equal roots need no more
    assert queries.to_compare(row, clock.now()) == []
    lost, altered = [one for one in nation.order if one.startswith("E-")][:2]
    nation.lose(lost)
    family, document = nation.kept[altered]
    nation.keep(altered, family, {**document, "satisfaction": "5", "flag": "I", "pf": "1"})
    nation.keep("E-STRANGER", "evaluation", {**document})
    uploading.compare(row, day.day, Family.EVALUATION)
    found = {one.message: one for one in queries.differences(partner)}
    assert {one: found[one].what for one in found} == {
        lost: "missing",
        altered: "altered",
        "E-STRANGER": "unknown",
    }
    assert queries.cause(found[lost]) == "acknowledged"  # it said that it had it
    again = {"partner_id": partner, "day": day.day, "family": Family.EVALUATION}
    assert actions.send_differing(**again, by=0, at=clock.now()) == 2
    sent(partner)
    assert uploading.compare_all(row) == 1
    (left,) = queries.differences(partner)
    assert left.message == "E-STRANGER"
    actions.close(difference_id=left.pk, note="试验数据", by=0, at=clock.now())
    assert not list(queries.differences(partner))
    # what a person explained stays closed, until it is another difference
    assert uploading.compare(row, day.day, Family.EVALUATION) == 0
    (board,) = queries.board(partner, clock.now())
    assert board.look is queries.Look.EQUAL
    assert board.families[Family.EVALUATION].explained == 1
    nation.lose(altered)
    assert uploading.compare(row, day.day, Family.EVALUATION) == 1
    (gone,) = queries.differences(partner)
    actions.close(difference_id=gone.pk, note="对方确认删除", by=0, at=clock.now())
    assert uploading.compare(row, day.day, Family.EVALUATION) == 0
    chosen = actions.Chosen(status=Status.ACKNOWLEDGED, message=altered)
    assert actions.send_again(partner_id=partner, chosen=chosen, by=0, at=clock.now()) == 1
    later()
    sent(partner)
    nation.lose(altered)
    assert uploading.compare(row, day.day, Family.EVALUATION) == 1  # it was sent anew, and is gone


def test_what_was_acknowledged_is_sent_again_by_day_or_by_message_only(
    world: people.Place, nation: Platform
) -> None:
    partner = connected(nation)
    rated(5)
    queued()
    sent(partner)
    today = business_day(NOON)
    for chosen in (
        actions.Chosen(status=Status.ACKNOWLEDGED),
        actions.Chosen(status=Status.ACKNOWLEDGED, since=today - timedelta(days=31), until=today),
    ):
        with pytest.raises(actions.ChooseFewer):
            actions.send_again(partner_id=partner, chosen=chosen, by=0, at=clock.now())
    one = actions.Chosen(
        status=Status.ACKNOWLEDGED, since=today, until=today, family=Family.EVALUATION
    )
    assert actions.send_again(partner_id=partner, chosen=one, by=0, at=clock.now()) == 1
    nobody = actions.Chosen(status=Status.ACKNOWLEDGED, message="E-NOBODY")
    assert actions.send_again(partner_id=partner, chosen=nobody, by=0, at=clock.now()) == 0


def test_after_a_rotation_the_old_key_signs_until_it_ends_and_then_the_new_one(
    world: people.Place, nation: Platform
) -> None:
    partner = models.Partner.objects.get(pk=connected(nation))
    old = queries.secret_of(partner)["kid"]
    new, secret = identity.rotate_key(kid=old, overlap=timedelta(hours=1), by=0, at=clock.now())
    assert uploading.link_to(partner).secret["kid"] == old
    identity.revoke_key(kid=old, by=0, at=clock.now() - timedelta(seconds=1))
    link = uploading.link_to(partner).secret
    assert (link["kid"], link["secret"]) == (new, secret)
    identity.revoke_key(kid=new, by=0, at=clock.now() - timedelta(seconds=1))
    rated(5)
    queued()
    assert not uploading.send_round(partner.pk)
    partner.refresh_from_db()
    assert "密钥已停用" in partner.answer
    assert set(states(partner.pk)) == {Status.NEW}  # everything waits


def test_a_new_partner_can_be_told_what_happened_before(
    world: people.Place, nation: Platform
) -> None:
    rated(5)
    rated(1)
    queued()
    partner = connected(nation)
    after: int | None = 0
    while after is not None:
        after = actions.tell_history(
            partner_id=partner, since=NOON - timedelta(days=2), after=after, at=clock.now()
        )
    sent(partner)
    told = states(partner)
    assert set(told) == {Status.ACKNOWLEDGED}
    assert told[Status.ACKNOWLEDGED] >= 4
    assert actions.tell_history(
        partner_id=partner, since=clock.now() + timedelta(days=1), after=0, at=clock.now()
    )
    assert states(partner) == told


def test_what_undoes_and_what_people_work_on_goes_before_the_rest(
    world: people.Place, nation: Platform
) -> None:
    partner = connected(nation)
    orders.open_for(evaluation_id=rated(1), at=clock.now())
    queued()
    rows = models.Delivery.objects.filter(partner_id=partner)
    first = {one.kind: one.deadline for one in rows}
    assert first[Kind.ORDER] < first[Kind.RATING] == first[Kind.RECORD]


_TOLD_OF = """
SELECT record.region, rating.id, aside.evaluation_id IS NOT NULL AS aside
  FROM records_record AS record
  LEFT JOIN evaluations_evaluation AS rating ON rating.id = record.id
  LEFT JOIN evaluations_setaside AS aside ON aside.evaluation_id = record.id
 WHERE record.origin = 1 AND NOT EXISTS (
       SELECT 1 FROM exchange_received AS told
        WHERE told.partner_id = $1 AND told.record = record.id)
   AND record.region BETWEEN $2 AND $3
"""


def counted(partner: models.Partner) -> Counter[str]:
    """Count from the tables, beside the code that tells, what a partner is to have."""
    found = Counter[str]()
    for row in rows(_TOLD_OF, partner.pk, *scope(partner.region)):
        found += Counter(S=1, E=int(row["id"] is not None), X=int(row["aside"]))
    return found


def said_by(city: int, key: ClientKey, number: int, random: Random) -> int:
    """Have a city's platform hand in services and ratings in any order, some twice, some broken;
    return how many ratings were taken.
    """
    messages, bureau = [], people.uscc(f"11{city // 10**6}MB02050A1")
    for n in range(number):
        case = f"{city // 10**6}IN{random.randrange(10**9)}-{n}"
        service = {
            "projectNo": case,
            "serviceNumber": "1",
            "areaCode": str(city),
            "deptCode": bureau,
            "taskCode": people.item_of(bureau),
            "taskName": "企业设立登记",
            "proStatus": "3",
            "serviceTime": (NOON - timedelta(hours=2)).isoformat(),
        }
        rating = {"projectNo": case, "serviceNumber": "1", "satisfaction": "5", "pf": "2"}
        rating["assessTime"] = (NOON - timedelta(hours=1)).isoformat()
        messages += [
            {"id": f"s-{case}", "family": "service", "document": service},
            {"id": f"e-{case}", "family": "evaluation", "document": rating},
        ]
    messages += random.sample(messages, len(messages) // 3)  # again
    random.shuffle(messages)  # a rating may come before its service
    taken = 0
    for garbage in (b"<html>", b"{}", json.dumps({"messages": messages}).encode()):
        path = "/exchange/v1/messages"
        headers = signed(SignedRequest("POST", path, "", garbage, {}), key, clock.now())
        answer = Client().post(path, garbage, content_type="application/json", headers=headers)
        if answer.status_code == 200:
            codes = [one["code"] for one in answer.json()["results"]]
            assert set(codes) <= {"taken", "duplicate", "quarantined"}
            actions.receive_again(at=clock.now())
            assert not models.Received.objects.filter(done_at=None).exists()
            taken += number
        else:
            assert answer.status_code in (400, 422)
    return taken


@pytest.mark.nightly  # most of a minute; each of its rules is a fast test
def test_a_week_with_thirteen_cities_and_the_nation_ends_green_and_counts_alike(
    world: people.Place, nation: Platform
) -> None:
    """Outages, duplicates, partial answers, slowness, garbage and wrong clocks at random, in both
    directions: in the end both sides have the same, as an independent count of the tables says.
    """
    random = Random(3)
    cities = sorted(regions.tree().cities())
    assert len(cities) == 13
    platforms = {PROVINCE: nation} | {city: Platform(random=Random(city)) for city in cities}
    partners = {place: connected(one, region=place) for place, one in platforms.items()}
    keys = {
        city: ClientKey(platforms[city].key[0], 0, platforms[city].key[1].encode(), "sm3", _NOWHERE)
        for city in cities
    }
    taken = 0
    for day in range(7):
        for place, one in platforms.items():
            weights = {name: random.random() * 0.25 for name in ("error", "busy", "garbage")}
            weights |= {name: random.random() * 0.25 for name in ("reset", "partial", "later")}
            weights["slow"] = 0.01
            one.trouble = weights if random.random() < 0.8 else {"down": 1.0}
            wrong = day in (2, 3) and place in cities[:2]
            one.skew = timedelta(minutes=7) if wrong else timedelta()
        for city in cities:
            for _ in range(random.randrange(1, 4)):
                key = rated(random.randrange(1, 6), region=str(city))
                if random.random() < 0.3:
                    evaluations.set_aside(evaluation_ids=[key], at=clock.now())
        for city in random.sample(cities, 4):
            taken += said_by(city, keys[city], 3, random)
        queued()
        for partner in partners.values():
            sent(partner, rounds=4)
    assert taken == 7 * 4 * 3
    assert all(platforms[city].badly_signed for city in cities[:2])
    for place, pk in partners.items():
        platforms[place].trouble = {}
        sent(pk, rounds=200)
        # who failed eight times while others got through was given up: a person sends it again
        given_up = models.Delivery.objects.filter(partner=pk, status=Status.DEAD).count()
        assert given_up <= 2
        assert actions.resend(partner_id=pk, status=Status.DEAD, at=clock.now()) == given_up
        sent(pk, rounds=200)
        partner = models.Partner.objects.get(pk=pk)
        expected = counted(partner)
        assert states(pk) == {Status.ACKNOWLEDGED: expected.total()}
        assert Counter(name[0] for name in platforms[place].kept) == expected
        uploading.compare_all(partner)
        assert all(day.look is queries.Look.EQUAL for day in queries.board(pk, clock.now()))
        if place != PROVINCE:
            platforms[place].stop()
    everything = counted(models.Partner.objects.get(pk=partners[PROVINCE]))
    assert everything["E"] > 7 * 13


def test_the_digest_is_that_of_sorted_json_in_utf_8() -> None:
    # computed with: printf '{"a":"评价","b":"1"}' | sha256sum
    assert digest({"b": "1", "a": "评价"}).hex() == "860e75bb026833a11e4f42ad68cde88b"


@given(st.dictionaries(st.text(), st.text()))
def test_any_other_writer_of_json_comes_to_the_same_digest(document: dict[str, str]) -> None:
    try:
        text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        other = hashlib.sha256(text.encode()).digest()[:16]
    except UnicodeEncodeError:
        return  # a broken character: no door lets it in
    assert digest(document) == other


def checked(platform: Platform, key: tuple[str, str]) -> dict[str, str]:
    """Return what is wrong with a platform, by the demand."""
    secret = {"kid": key[0], "secret": key[1], "algorithm": "sm3"}
    link = Link(platform.url, secret, clock.now())
    return {one.says.en: one.wrong for one in contract.check(link) if one.wrong}


def test_a_platform_that_keeps_the_contract_passes_and_one_that_does_not_is_told_why(
    nation: Platform,
) -> None:
    key = nation.key = ("kcity", "a shared secret")
    assert checked(nation, key) == {}
    nation.key = ("", "")  # checks no signature
    assert {one[:30] for one in checked(nation, key)} == {
        "What is not signed is refused ",
        "What is signed by another is r",
    }
    nation.key, nation.trouble = key, {"partial": 1.0}
    assert "Each message of a batch is answered" in checked(nation, key)
    nation.trouble = {"error": 1.0}
    assert len(checked(nation, key)) == 6  # it still refuses what is not signed


def test_what_a_partner_says_nothing_of_is_not_sent_at_once_again(
    world: people.Place, nation: Platform
) -> None:
    partner = connected(nation)
    nation.trouble = {"partial": 1.0}
    rated(1)
    queued()
    uploading.send_round(partner)
    asked = nation.requests
    for _ in range(5):
        uploading.send_round(partner)
    assert nation.requests == asked
    assert queries.partners_due(clock.now()) == []  # nor is anybody asked whether it is due
    waiting = models.Delivery.objects.filter(tries=1).get()
    assert waiting.reason == "未答复 not answered"
    nation.trouble = {}
    sent(partner)
    assert states(partner) == {Status.ACKNOWLEDGED: 2}
