"""Who may rate what: reach of a client, numbers of a device, a rating that is replaced."""

from datetime import UTC, datetime, timedelta

import people
import pytest
from people import NOON, given_rating, given_record, rated, register, submit

from haochaping.devices import actions as devices
from haochaping.devices import queries as known
from haochaping.devices.rules import DeviceKind, Press
from haochaping.directory import models as directory
from haochaping.evaluations import actions, models, queries, rules
from haochaping.feed import queries as feed
from haochaping.identity.rules import Client, Reach
from haochaping.indicators import queries as indicators
from haochaping.kernel import clock
from haochaping.kernel.db import talk
from haochaping.kernel.errors import NotAllowed, NotFound, Refusal
from haochaping.kernel.ids import receipt_number
from haochaping.kernel.moments import business_day
from haochaping.policies import actions as policies
from haochaping.records import queries as records
from haochaping.regions.rules import scope

SECOND = timedelta(seconds=1)


def within(region: int) -> Client:
    """Return a client of a region that may rate whatever is there."""
    return Client(None, Reach(*scope(region)), everybodys=True)


def test_a_client_rates_services_of_its_region_only(world: people.Place) -> None:
    service = given_record()
    register(service)
    given = given_rating(service)
    with pytest.raises(Refusal) as refused:
        actions.rate_one(
            given=given,
            client=Client(None, Reach(*scope(people.ELSEWHERE)), everybodys=True),
            at=NOON,
        )
    assert refused.value.code == "outside_scope"
    assert not models.Evaluation.objects.exists()
    assert actions.rate_one(
        given=given, client=Client(None, Reach(*scope(people.CITY)), everybodys=True), at=NOON
    ).key


def test_a_rating_that_waits_for_its_service_is_held_to_the_same_reach(world: people.Place) -> None:
    service = given_record()
    for of in (service, other := given_record()):
        client = within(people.ELSEWHERE if of is other else people.CITY)
        rating = rules.accept(given_rating(of, wait=True), indicators.catalogue(), NOON)
        (stored,) = talk(actions.submit(ratings=[rating], client=client))
        assert stored.outcome is rules.Outcome.WAITING
    register(service, other)
    assert actions.link_waiting(at=NOON) == 2
    (linked,) = models.Evaluation.objects.all()
    key = records.service(linked.pk)
    assert key is not None
    assert key.project_no == service.project_no


def test_a_waiting_rating_that_cannot_be_read_holds_up_no_other(world: people.Place) -> None:
    services = [given_record() for _ in range(2)]
    for service in services:
        rating = rules.accept(given_rating(service, wait=True), indicators.catalogue(), NOON)
        talk(actions.submit(ratings=[rating], client=within(people.CITY)))
    register(*services)
    bad = models.Waiting.objects.filter(project_no=services[0].project_no)
    bad.update(parcel=b"\x03" + bytes(40))
    assert actions.link_waiting(at=NOON) == 1
    assert models.Evaluation.objects.count() == 1
    assert "waiting" in {one.name for one in feed.troubles()}
    assert bad.exists()


def box(world: people.Place) -> known.DeviceKey:
    """Pair a box with the window."""
    window = directory.Window.objects.get(code=world.window)
    digits = devices.offer_pairing(
        window_id=window.pk,
        region=people.CITY,
        kind=DeviceKind.BOX,
        by=world.users["city"],
        at=NOON,
    )
    device, _ = devices.pair(digits=digits, address=None, by=0, at=NOON)
    key = known.device(device.kid)
    assert key is not None
    return key


def from_box(key: str, level: int = 4, seq: int = 1) -> actions.FromDevice:
    """Return a rating as a box kept it."""
    return actions.FromDevice(seq, key, rules.DeviceGiven(level), NOON - timedelta(minutes=3))


def test_a_number_of_a_device_is_one_rating_until_its_counter_begins_again(
    world: people.Place,
) -> None:
    device = box(world)
    receipt, refusal = actions.take_from_device(device=device, item=from_box("a"), at=NOON)
    assert receipt
    assert refusal is None
    again = actions.take_from_device(device=device, item=from_box("a"), at=NOON)
    assert again == (receipt, None)
    others = [
        actions.take_from_device(device=device, item=item, at=NOON)
        for item in (from_box("b", 5), from_box("b", 5), from_box("c", 3, seq=2))
    ]
    assert all(refusal is None for _, refusal in others)
    assert others[0] == others[1]
    assert len({receipt, *(one for one, _ in others)}) == 3
    assert models.Evaluation.objects.count() == 3
    (line,) = known.devices((people.CITY, people.CITY), NOON)
    assert (line.restarts, line.gap) == (1, 0)


def test_a_box_that_restarts_its_counter_loses_no_citizen(world: people.Place) -> None:
    """As recorded from a real box: 5, 4, a power cut, then 1, 2, 3 of three other citizens."""
    device = box(world)
    receipts = []
    for minute, (seq, level) in enumerate([(1, 5), (2, 4), (1, 1), (2, 2), (3, 3), (1, 5)]):
        at = NOON + timedelta(minutes=5 * minute)
        for resent in (0, 20):  # each is sent twice, the second time with its age
            press = Press(seq, level, (), resent)
            moment = at + timedelta(seconds=resent)
            receipts.append(actions.take_press(device=device, press=press, at=moment))
    assert receipts[::2] == receipts[1::2]
    assert len(set(receipts)) == 6
    levels = models.Evaluation.objects.order_by("rated_at").values_list("level", flat=True)
    assert list(levels) == [5, 4, 1, 2, 3, 5]


def test_a_box_that_restarts_at_once_loses_no_citizen_either(world: people.Place) -> None:
    device = box(world)
    receipts = []
    for second, seq in enumerate([1, 2, 1, 2, 3]):  # the same key each time, within a minute
        moment = NOON + timedelta(seconds=12 * second)
        press = Press(seq, 5, (), 0)
        receipts.append(actions.take_press(device=device, press=press, at=moment))
    assert len(set(receipts)) == 5
    again = actions.take_press(
        device=device, press=Press(3, 5, (), 20), at=NOON + timedelta(seconds=68)
    )
    assert again == receipts[-1]


def test_the_same_press_under_the_same_number_after_a_restart_is_another_citizens(
    world: people.Place,
) -> None:
    device = box(world)
    receipts = []
    for second, (seq, level) in enumerate([(1, 5), (2, 4), (1, 1), (2, 4), (3, 3)]):
        moment = NOON + timedelta(seconds=10 * second)
        press = Press(seq, level, (), 0)
        receipts.append(actions.take_press(device=device, press=press, at=moment))
    assert len(set(receipts)) == 5


def test_what_was_pressed_before_a_device_was_moved_counts_where_it_stood(
    world: people.Place,
) -> None:
    device = box(world)
    first = directory.Window.objects.get(code=world.window)
    windows = [first.pk]
    for code in ("W2", "W3"):
        facts = {"department": first.department, "opens": first.opens, "closes": first.closes}
        other = directory.Window.objects.create(code=code, hall=first.hall, number=code, **facts)
        windows.append(other.pk)
        at = NOON + timedelta(minutes=10 * len(windows))
        devices.move_to(
            kid=device.key.kid, window_id=other.pk, region=people.CITY,
            by=world.users["city"], at=at,
        )  # fmt: skip
    now = known.device(device.key.kid)
    assert now is not None
    assert now.window_id == windows[2]
    for seq, minutes in enumerate((5, 25, 35), 1):  # it was moved after 20 and after 30 minutes
        pressed = NOON + timedelta(minutes=minutes)
        item = actions.FromDevice(seq, f"m{seq}", rules.DeviceGiven(5), pressed)
        receipt, refusal = actions.take_from_device(
            device=now, item=item, at=NOON + timedelta(hours=1)
        )
        assert refusal is None
        stored = models.Evaluation.objects.latest("received_at", "pk")
        assert receipt_number(stored.pk) == receipt
        assert stored.window_id == windows[seq - 1]
    for who, kid, refused in (
        ("foreign", device.key.kid, NotAllowed),
        ("city", "nobody", NotFound),
        ("city", device.key.kid, NotFound),  # it stands there already
    ):
        with pytest.raises(refused):
            devices.move_to(
                kid=kid, window_id=windows[2] if who == "city" else windows[0],
                region=people.CITY, by=world.users[who], at=NOON,
            )  # fmt: skip


def test_a_refusal_is_never_given_back_as_a_receipt(world: people.Place) -> None:
    device = box(world)
    for _ in range(2):
        receipt, refusal = actions.take_from_device(
            device=device, item=from_box("a", 1, seq=20), at=NOON
        )
        assert receipt == ""
        assert refusal is not None
        assert refusal.code == "reason_missing"
    assert known.answer_of_tracking("a") is None
    assert not models.Evaluation.objects.exists()


def test_a_box_may_be_silent_about_why_and_silence_is_no_rating(world: people.Place) -> None:
    device = box(world)
    assert actions.take_press(device=device, press=Press(1, None, (), 0), at=NOON) == ""
    assert not models.Evaluation.objects.exists()
    assert actions.take_press(device=device, press=Press(2, 1, (), 60), at=NOON)
    assert actions.take_press(device=device, press=Press(3, 2, (207,), 0), at=NOON)
    bad, coded = models.Evaluation.objects.order_by("rated_at")
    assert bad.words == "（评价器按键，未说明原因）"
    assert (coded.words, coded.codes) == ("", [207])
    again = actions.take_press(
        device=device, press=Press(2, 1, (), 90), at=NOON + timedelta(seconds=30)
    )
    assert again == queries.rated({bad.pk})[bad.pk].receipt


def test_a_devices_clock_is_believed_within_thirty_days_and_never_ahead(
    world: people.Place,
) -> None:
    device = box(world)
    month = NOON - timedelta(days=30)
    early, late = datetime(1970, 1, 1, tzinfo=UTC), datetime(2106, 2, 7, tzinfo=UTC)
    for seq, claimed in enumerate((late, early, None, month, month - timedelta(seconds=1)), 1):
        item = actions.FromDevice(seq, f"k{seq}", rules.DeviceGiven(5), claimed)
        actions.take_from_device(device=device, item=item, at=NOON)
    moments = models.Evaluation.objects.order_by("rated_at").values_list("rated_at", flat=True)
    assert list(moments) == [month, NOON, NOON, NOON, NOON]


def replaced(key: int, level: int, at: object = NOON, **facts: object) -> None:
    """Replace a rating."""
    service = records.service(key)
    assert service is not None
    given = rules.Given(
        service.project_no,
        service.service_number,
        level,
        rules.Channel.WEB,
        NOON.isoformat(),
        codes=[] if level > 2 else [{2: 207, 1: 108}[level]],
        **facts,  # type: ignore[arg-type]
    )
    actions.replace(given=given, record_id=key, by=0, at=at)  # type: ignore[arg-type]


def test_a_replaced_rating_keeps_the_first_and_its_words_are_masked(world: people.Place) -> None:
    key = rated(5)
    assert queries.replacement(key) is None
    replaced(key, 2, words="打13812345678找我，身份证320706199001011234")
    found = queries.replacement(key)
    assert found is not None
    assert (found.before, found.level, found.at) == (5, 2, NOON)
    assert [code for code, _ in found.codes] == [207]
    assert "13812345678" not in found.words
    assert "19900101" not in found.words
    assert found.words.startswith("打138")
    assert models.Evaluation.objects.get(pk=key).level == 5
    with pytest.raises(rules.AlreadyRated):
        replaced(key, 4)


def test_a_rating_may_be_replaced_for_fifteen_days_and_not_once_it_was_set_aside(
    world: people.Place,
) -> None:
    key, other = rated(5), rated(5)
    received = models.Evaluation.objects.get(pk=key).received_at
    with pytest.raises(Refusal) as refused:
        replaced(key, 1, received + timedelta(days=15, seconds=1))
    assert refused.value.code == "too_late_to_replace"
    replaced(key, 4, received + timedelta(days=15))
    actions.set_aside(evaluation_ids=[other], at=NOON)
    with pytest.raises(Refusal) as refused:
        replaced(other, 4)
    assert refused.value.code == "set_aside"
    (unrated,) = register(given_record())
    assert unrated.key is not None
    with pytest.raises(Refusal) as refused:
        replaced(unrated.key, 4)
    assert refused.value.code == "record_unknown"


def refused(given: rules.Given) -> str:
    """Submit a rating; return the code of its refusal."""
    (stored,) = submit(given)
    return stored.refusal.code if stored.refusal else ""


def test_ratings_and_follow_ups_have_their_windows_from_the_policy(world: people.Place) -> None:
    served = NOON - timedelta(days=200)
    service, other = (given_record(served_at=served.isoformat()) for _ in range(2))
    register(service, other)
    day = timedelta(days=1)
    late = given_rating(service, 5, rated_at=(served + 180 * day + SECOND).isoformat())
    assert refused(late) == "too_late"
    first = served + 180 * day
    assert refused(given_rating(service, 5, rated_at=first.isoformat())) == ""
    before = (first - SECOND).isoformat()
    follow = {"kind": rules.Kind.FOLLOW_UP, "words": "又去了一次"}
    assert refused(given_rating(service, 5, rated_at=before, **follow)) == "follow_up_before_first"
    policy = policies.propose(
        region=people.CITY,
        valid_from=business_day(clock.now()),
        values={"first": 10, "follow_up": 5},
        source="test",
        redate=False,
        by=0,
        at=clock.now(),
    )
    policies.approve(policy_id=policy, by=0, at=clock.now())
    after = (first + 5 * day + SECOND).isoformat()
    assert refused(given_rating(service, 5, rated_at=after, **follow)) == "too_late_to_follow_up"
    assert refused(given_rating(other, 5, rated_at=(served + 11 * day).isoformat())) == "too_late"
    good = (first + 5 * day).isoformat()
    assert refused(given_rating(service, 5, rated_at=good, **follow)) == ""


def test_the_name_of_who_rated_is_masked_in_their_own_words(world: people.Place) -> None:
    service = given_record()
    register(service)
    said = "我是张芳华（经办李大伟），电话13812345678，等了两个小时"
    (stored,) = submit(
        given_rating(service, 1, words=said, rater=rules.Rater(name="李大伟", phone=""))
    )
    follow = given_rating(service, 1, kind=rules.Kind.FOLLOW_UP, words="张芳华再来一次", codes=[])
    submit(follow)
    hidden = "我是张＊＊（经办李＊＊），电话138****5678，等了两个小时"
    assert queries.rated({stored.id})[stored.id].words == hidden
    (line,) = queries.page((0, 10**12), queries.Filter(), before=None, size=5).ratings
    assert line.words == hidden
    found = queries.follow_up(stored.id)
    assert found is not None
    assert found.words == "张＊＊再来一次"
    assert queries.masked_for(stored.id, "请联系张芳华") == "请联系张＊＊"
