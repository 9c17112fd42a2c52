"""What a demonstration has beside services and ratings: tablets, conversations by SMS, scans of
codes, and a desk with work on it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from random import Random

from haochaping.callbacks import actions as calls
from haochaping.callbacks import queries as waiting
from haochaping.callbacks.rules import Why
from haochaping.demo import notices
from haochaping.demo.ratings import Made, Simulator
from haochaping.demo.world import Office
from haochaping.devices import actions as devices
from haochaping.devices import queries as known
from haochaping.devices.rules import DeviceKind
from haochaping.directory import actions as offices
from haochaping.directory import queries as directory
from haochaping.directory.rules import uscc_check_character
from haochaping.evaluations import actions as evaluations
from haochaping.evaluations import queries as rated
from haochaping.evaluations.rules import Channel, DeviceGiven
from haochaping.identity import actions as accounts
from haochaping.identity import queries as people
from haochaping.identity.rules import SYSTEM, Right
from haochaping.invitations import actions as asking
from haochaping.invitations import queries as codes
from haochaping.invitations.rules import Place
from haochaping.kernel.moments import LOCAL, business_day
from haochaping.kernel.words import chinese
from haochaping.notifications import actions as messages
from haochaping.notifications.rules import Fate, Telling, Topic
from haochaping.policies import actions as policies
from haochaping.privacy import actions as privacy
from haochaping.privacy import queries as told
from haochaping.privacy.rules import Kind
from haochaping.records import queries as services
from haochaping.regions.rules import scope
from haochaping.rosters import actions as rostering
from haochaping.rosters.rules import Hours
from haochaping.upstream import actions as upstream

_TABLETS, _TERMINALS = 18, 4
_TAPPED = 4  # ratings that each of them has collected
_ASKED, _DAYS = 50, 5  # people who were asked by SMS, in the last days
_ANSWER = 0.6  # the share that answers
_ANSWERS = (
    *("5", "非常满意", "满意，谢谢", "4", "很好，一次就办完了") * 3,
    "3",
    "基本满意",
    "2 等了两个小时",
    "不太满意，材料要了三次",
    "1",
    "什么时候发证？",
    "TD",
)


def tablets(region: int, at: datetime) -> list[str]:
    """Pair tablets and terminals with windows of a city, which report at once; return their keys'
    names.
    """
    paired = []
    windows = directory.windows(scope(region)).values_list("pk", "hall__region")
    for number, (window, where) in enumerate(windows[: _TABLETS + _TERMINALS]):
        kind = DeviceKind.TABLET if number < _TABLETS else DeviceKind.TERMINAL
        digits = devices.offer_pairing(window_id=window, region=where, kind=kind, by=SYSTEM, at=at)
        device, _ = devices.pair(digits=digits, address=None, by=SYSTEM, at=at)
        report([device.pk], at)
        paired.append(device.kid)
    return paired


def presses(random: Random, kids: Sequence[str], at: datetime) -> None:
    """Let devices hand in what was tapped in the last days; one number of one never came."""
    for place, kid in enumerate(kids):
        device, moments = known.device(kid), sorted(_by_day(random, at) for _ in range(_TAPPED))
        for seq, tapped in enumerate(moments, 1):
            if device is not None and (place, seq) != (3, 2):
                given = DeviceGiven(random.choice((5, 5, 5, 4, 3)))
                item = evaluations.FromDevice(seq, f"demo-{place}-{seq}", given, tapped)
                evaluations.take_from_device(device=device, item=item, at=tapped)


def report(device_ids: Iterable[int], at: datetime) -> None:
    """Have devices report that all is well."""
    for device_id in device_ids:
        devices.note_heartbeat(
            device_id=device_id, version="demo", waiting=0, dead=0, clock_at=at, at=at
        )


def everything(random: Random, region: int, at: datetime) -> None:
    """Pair devices, let people answer messages, scan codes and be called for the audit sample."""
    paired = tablets(region, at)
    conversations(random, at)
    scans(random, region, at)
    audit_sample(random, at)
    presses(random, paired, at)
    proposals(region, at)
    catalogue(region, at)
    notices.announce(region, at)
    rosters(region, at)


def rosters(region: int, at: datetime) -> None:
    """Put whoever sits at the windows of a city on the roster of this week, in two shifts a day."""
    today, staff = business_day(at), directory.staff(scope(region)).exclude(window=None)
    sits = {one.window_id: one.pk for one in staff if one.window_id is not None}
    regions = {
        one.pk: one.hall.region for one in directory.windows(scope(region)) if one.pk in sits
    }
    shifts = [
        Hours(window, sits[window], day, *hours)
        for window in regions
        for day in (today + timedelta(days=n) for n in range(7 - today.weekday()))
        for hours in ((time(9), time(12)), (time(13, 30), time(17)))
    ]
    rostering.take(hours=shifts, regions=regions, by=SYSTEM, at=at)


def proposals(region: int, at: datetime) -> None:
    """Have people propose what others decide: a post, the closing of a window, a policy."""
    (administrator, *_), (officer, *_) = people.with_role("admin"), people.with_role("city")
    (manager, *_) = people.with_role("hall")
    post = accounts.Post("zhou.min", chinese("周敏"), "hall", region, None, None)
    key, _ = accounts.propose_post(post=post, user_id=None, by=administrator, at=at)
    telling = Telling(region, Right.CONFIRM_PEOPLE, None, Topic.POST, key, post.username)
    messages.tell(tellings=[telling], at=at)
    windows = directory.windows(scope(region)).order_by("-pk").values_list("pk", flat=True)
    offices.set_in_use(window_id=windows[0], in_use=False, by=manager, at=at)
    policies.propose(
        region=region,
        valid_from=business_day(at) + timedelta(days=14),
        values={"call_back": 2},
        source=chinese("市政务办关于缩短回访时限的通知（征求意见）"),
        redate=False,
        by=officer,
        at=at,
    )


def catalogue(region: int, at: datetime) -> None:
    """Have the city's departments be kept upstream too, and differ in a few ways."""
    agreed = upstream.Agreed(chinese("市事项库·部门目录"), "departments", region)
    key = upstream.connect(agreed=agreed, by=SYSTEM, at=at)
    known = directory.departments(scope(region)).values_list("uscc", "name", "region")
    rows = [{"uscc": uscc, "name": name, "region": str(place)} for uscc, name, place in known[:12]]
    name, gone, heir = rows[0]["name"], rows[1]["uscc"], rows[2]["uscc"]
    day = business_day(at)
    rows[0] = {**rows[0], "name": f"{name}{chinese('（新址）')}"}
    rows[1] = {**rows[1], "closed_on": str(day + timedelta(days=32)), "successor": heir}
    first = f"11{region // 10**6}MB9X7A01A"
    made = {"uscc": first + uscc_check_character(first), "name": chinese("低空经济发展局")}
    rows.append({**made, "region": str(region), "effective_on": str(day + timedelta(days=32))})
    rows.append({"uscc": gone[:-1] + "?", "name": name, "region": str(region)})
    upstream.compare(source_id=key, rows=rows, by=SYSTEM, at=at)


def conversations(random: Random, at: datetime) -> None:
    """Ask people of the last days by SMS, as a carrier would have brought it; most answer."""
    keys = [key for key, _ in rated.unrated_at_windows(20 * _ASKED)]
    found = services.reachable(keys, at - timedelta(days=_DAYS))
    chosen = random.sample(found, min(_ASKED, len(found)))
    phones = services.phones_of({key for key, _, _ in chosen})
    items = directory.item_names({item for _, _, item in chosen})
    for key, region, item in chosen:
        asked = _by_day(random, at)
        asking.invite(record_id=key, channel=Channel.SMS, at=asked)
        values = {"item": items.get(item, "")[:20], "link": "https://hcp.example/s/…"}
        message = messages.queue(
            template="invite",
            phone=phones[key],
            values=values,
            record_id=key,
            region=region,
            at=asked,
        )
        for _ in messages.claim(limit=500, daily_segments=10**6, at=asked):
            provider_id = f"demo{message}"
            messages.note_sent(message_id=message, provider_id=provider_id, at=asked)
            fate = Fate.DELIVERED if random.random() < 0.97 else Fate.FAILED  # noqa: PLR2004 - share
            messages.take_receipt(
                provider_id=provider_id, message_id=None, fate=fate, why="", at=asked
            )
            if fate is Fate.DELIVERED and random.random() < _ANSWER:
                _answer(random, phones[key], asked)


def _answer(random: Random, phone: str, asked: datetime) -> None:
    said = asked + timedelta(minutes=random.uniform(1, 90))
    reply = messages.take_reply(
        phone=phone, destination="1069", content=random.choice(_ANSWERS), sent_at=said, at=said
    )
    if reply is not None:
        evaluations.rate_by_reply(reply_id=reply, at=said)


def _by_day(random: Random, at: datetime) -> datetime:
    """Return a moment of the last days between nine and five."""
    day = at.astimezone(LOCAL) - timedelta(days=random.randint(1, _DAYS - 1))
    return day.replace(hour=random.randint(9, 16), minute=random.randrange(60))


def scans(random: Random, region: int, at: datetime) -> None:
    """Count scans of the codes of a city's windows over two weeks; most lead to a rating page."""
    windows = list(directory.windows(scope(region)).values_list("pk", flat=True))
    for code in codes.in_force(Place.WINDOW, windows):
        for day in range(14):
            for _ in range(random.choice((0, 0, 1, 1, 2, 4))):
                moment = at - timedelta(days=day)
                asking.note_scan(code_id=code.pk, at=moment)
                if random.random() < 0.8:  # noqa: PLR2004 - a share
                    asking.note_scan(code_id=code.pk, opened=True, at=moment)
                    if random.random() < 0.7:  # noqa: PLR2004 - as above
                        asking.note_rated(code_id=code.pk, at=moment)


def complaints(simulator: Simulator, offices: Sequence[Office], at: datetime) -> list[Made]:
    """Return bad ratings of the last working days at the offices, so that their handlers have
    work, some of it done.
    """
    return [
        simulator.now(at - timedelta(hours=hours, minutes=number), office, 1 + hours % 2)
        for office in offices
        for number, hours in enumerate((3, 5, 8, 21, 27, 30, 46, 53, 75, 98, 122, 150, 171))
    ]


def requests(region: int, at: datetime) -> None:
    """Have citizens of a city ask for correction and erasure of their data; some are answered."""
    (officer, *_) = people.with_role("city")
    low, high = scope(region)
    found = rated.rated({key for key, _, _ in rated.all_bad()})
    mine = [one for one in found.values() if low <= one.region <= high][-len(_REQUESTS) :]
    for days, (one, (kind, words, agree, answer)) in enumerate(zip(mine, _REQUESTS, strict=False)):
        then = at - timedelta(days=2 * days)
        privacy.ask(evaluation_id=one.id, region=one.region, kind=kind, words=words, at=then)
        if agree is not None:
            (asked, *_) = told.of_rating(one.id)
            later = then + timedelta(hours=20)
            privacy.decide(request_id=asked.pk, agree=agree, answer=answer, by=officer, at=later)


_REQUESTS: tuple[tuple[Kind, str, bool | None, str], ...] = (
    (Kind.ERASE, chinese("事情已经解决，不想留电话了"), None, ""),
    (Kind.CORRECT, chinese("我的电话末位应为 8"), None, ""),
    (Kind.ERASE, chinese("请删除我写的内容"), True, chinese("同意，复核后立即删除。")),
    (Kind.CORRECT, chinese("姓名写错了，应为张芳"), True, chinese("已按您的说明更正。")),
    (Kind.ERASE, "", False, chinese("该评价的工单正在办理，办结后可再提出，届时为您删除。")),
)


def audit_sample(random: Random, at: datetime) -> None:
    """Draw the audit sample of the last four weeks and let an agent call people: a tenth say less
    on the telephone than was rated, and of those who did not rate most are satisfied.
    """
    (agent, *_) = people.with_role("agent")
    for weeks in range(_WEEKS, 0, -1):
        then = at - timedelta(days=7 * weeks - 2)
        calls.draw_sample(seed=random.randrange(10**6), at=then)
        for _ in range(_ROUNDS):
            calls.take(by=agent, at=then)
            for call in waiting.mine(agent, then):
                if call.kind == Why.AUDIT:
                    level = call.rated_level or random.choice((5, 4, 4, 3, 2))
                    said = max(1, level - 2) if random.random() < 0.1 else level  # noqa: PLR2004 - share
                    calls.answer(call_id=call.pk, said=str(said), words="", by=agent, at=then)


_WEEKS, _ROUNDS = 4, 4
