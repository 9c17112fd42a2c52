"""What the demonstration has to tell: departments that changed, a step that is weak, a problem that
has just come up, and themes that show them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import msgspec

from haochaping.demo.ratings import Made, Simulator
from haochaping.demo.world import Office
from haochaping.detection import actions as found_odd_
from haochaping.detection import queries as found_odd
from haochaping.detection import rules
from haochaping.detection import tasks as detectors
from haochaping.directory import queries as directory
from haochaping.evaluations.rules import Channel
from haochaping.identity import queries as people
from haochaping.identity.rules import EVERYWHERE
from haochaping.kernel.moments import LOCAL
from haochaping.kernel.words import chinese
from haochaping.problems import queries as found
from haochaping.problems.actions import finding as problems_
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM, scope
from haochaping.themes import actions as themes
from haochaping.themes.rules import Kind

# A machine at one office, told alike enough to be one problem among fifty texts or thousands
BROKEN = (
    "大厅取号机坏了，企业登记取号要等半天",
    "取号机坏了两天没人修，企业登记没法取号",
    "大厅取号机坏了，来办企业登记只能干等",
    "一楼大厅取号机坏了，企业登记叫号全乱了",
    "取号机坏了没人管，办企业登记让自己记号",
    "企业登记大厅取号机坏了没人修",
)
CODES = (
    "公积金提取验证码一直收不到，换了三个手机",
    "预约公积金提取，验证码收不到",
    "公积金网上提取验证码收不到，试了一天",
    "验证码收不到，公积金提取办不了",
    "提取公积金，短信验证码总收不到",
)
_STORIES = (
    # city, kind of office, item, words, how many people, over how many days
    (320700, "行政审批局", "企业设立登记", BROKEN, 9, 6),
    (320100, "住房公积金管理中心", "住房公积金提取", CODES, 14, 40),
)
PACKAGES = {
    chinese("二手房过户"): ("不动产转移登记", "不动产抵押登记", "住房公积金贷款申请"),
    chinese("新生儿出生"): ("户口迁移", "生育保险待遇申领", "异地就医备案"),
    chinese("企业开办"): ("企业设立登记", "公共场所卫生许可", "食品经营许可新办"),
    chinese("职工退休"): ("社会保险关系转移接续", "住房公积金提取", "高龄津贴申领"),
}
BUSINESS = {
    chinese("市场准入"): ("企业设立登记", "企业变更登记", "食品经营许可新办", "公共场所卫生许可"),
    chinese("工程建设"): ("建筑工程施工许可", "商品房买卖合同备案"),
    chinese("财产登记"): ("不动产转移登记", "不动产抵押登记", "不动产登记资料查询"),
}


def made(simulator: Simulator, at: datetime) -> Iterator[Made]:
    """Yield the ratings that tell the stories."""
    yield from problems(simulator, at)
    yield from gaming(simulator, at)


def find(at: datetime) -> None:
    """Find at once what the platform finds by night."""
    find_problems(at)
    find_gaming(at)


def problems(simulator: Simulator, at: datetime) -> Iterator[Made]:
    """Yield the bad ratings of two problems that several people tell of: one has just come up."""
    for city, kind, item, said, people_, days in _STORIES:
        office = next(
            one for one in simulator.offices if (one.region, one.kind) == (city * 10**6, kind)
        )
        yield from _told(simulator, office, item, said, people_, days, at)


def _told(
    simulator: Simulator,
    office: Office,
    item: str,
    said: Sequence[str],
    people_: int,
    days: int,
    at: datetime,
) -> Iterator[Made]:
    dice = Random(f"{office.uscc}{item}")
    only = tuple(one for one in office.items if one.name == item)
    for number in range(people_):
        moment = at - timedelta(days=days * number / people_, minutes=dice.randrange(30, 500))
        made = simulator.now(moment, replace(office, items=only), dice.choice((1, 2, 2)))
        if made.rating is not None:
            words = said[number % len(said)]
            yield Made(made.record, msgspec.structs.replace(made.rating, words=words))


def gaming(simulator: Simulator, at: datetime) -> Iterator[Made]:
    """Yield what three windows of one hall made up themselves: by a few telephones, in one go after
    closing time, and for services that never took place. The first is found by the detectors; for
    the others a small demonstration has too few windows to compare with.
    """
    evening = at.astimezone(LOCAL).replace(hour=17, minute=36, second=0) - timedelta(days=2)
    for seconds, (kind, way) in enumerate(_GAMED.items()):  # no two cases in one second
        office = next(
            one for one in simulator.offices if one.region == _GAMED_IN * 10**6 and one.kind == kind
        )
        items = tuple(replace(one, online=0.0) for one in office.items)
        there = replace(office, desks=office.desks[:1], items=items)
        for number in range(_MADE_UP):
            moment = evening - timedelta(days=number % 9, minutes=11 * number, seconds=seconds)
            if way == "burst":
                moment = evening + timedelta(seconds=5 * number)
            yield _made_up(simulator.now(moment, there, 5), way, number)


_GAMED_IN, _MADE_UP = 320700, 26
_GAMED = {"人力资源和社会保障局": "phones", "公安局": "burst", "医疗保障局": "ghost"}


def _made_up(made: Made, way: str, number: int) -> Made:
    record, rating = made.record, made.rating
    if way == "phones":
        same = msgspec.structs.replace(
            record.applicant, cert_key=f"demo-{number % 3}", phone=f"1390000000{number % 3}"
        )
        record = msgspec.structs.replace(record, applicant=same)
    if way == "ghost":
        begun = datetime.fromisoformat(str(record.served_at)) - timedelta(seconds=6)
        record = msgspec.structs.replace(record, accepted_at=begun.isoformat())
    if rating is not None:
        rating = msgspec.structs.replace(rating, channel=Channel.TABLET, codes=[510], words="")
    return Made(record, rating)


def keep_themes(at: datetime) -> None:
    """Keep the packages and the themes of the business environment, by the provincial office."""
    by = people.with_role("province")[0]
    every = directory.items(scope(PROVINCE_OF_THE_PLATFORM))
    for kind, sets in ((Kind.BUSINESS, BUSINESS), (Kind.PACKAGE, PACKAGES)):
        for name, items in sets.items():
            first = [
                key
                for item in items
                if (key := every.filter(name=item).values_list("pk", flat=True).first())
            ]
            themes.keep(
                kind=kind, name=name, items=first, region=PROVINCE_OF_THE_PLATFORM, by=by, at=at
            )


def find_problems(at: datetime) -> None:
    """Find the problems in the bad ratings at once, as the platform does at night."""
    problems_.seed(at=at)
    today = at.date()
    problems_.learn(since=today - timedelta(days=400), at=at)
    for city in found.to_group():
        problems_.group(city=city, today=today)


def find_gaming(at: datetime) -> None:
    """Let the detectors look at once, as they do each night; about one finding a person has an
    opinion, and waits for a second.
    """
    detectors.look(at)
    first = found_odd.findings(EVERYWHERE, rules.State.SUSPECTED).first()
    if first is not None:
        found_odd_.judge(
            finding_ids=[first.pk],
            verdict=rules.Verdict.INVALID,
            note="调取大厅监控，所涉时段窗口前无人",
            fakes=(),
            by=people.with_role("province")[0],
            at=at,
        )
