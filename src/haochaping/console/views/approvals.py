"""待我复核: what somebody else has proposed and this person may decide, wherever it waits."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.urls import reverse

from haochaping.announcements import queries as announcements
from haochaping.calendar import queries as calendars
from haochaping.directory import queries as directory
from haochaping.directory.rules import TABLES
from haochaping.exchange import queries as exchange
from haochaping.identity import queries as people
from haochaping.identity.queries import Person
from haochaping.identity.rules import Right
from haochaping.indicators import queries as indicators
from haochaping.indicators.rules import State as EditionState
from haochaping.kernel.words import Words
from haochaping.notifications import queries as notifications
from haochaping.policies import queries as policies
from haochaping.privacy import queries as privacy
from haochaping.publication import queries as publication
from haochaping.publication.rules import State as ReleaseState
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM
from haochaping.retention import queries as retention
from haochaping.upstream import queries as upstream


@dataclass(frozen=True)
class Approval:
    """A kind of decision, how many wait, and the page on which they are made."""

    says: Words
    waiting: int
    address: str


type _Count = Callable[[Person], int]


def _of_all(person: Person) -> bool:
    """Say whether somebody decides on what is one for the whole province."""
    return person.region == PROVINCE_OF_THE_PLATFORM


def _posts(person: Person) -> int:
    waits = people.waiting(person.reach)
    return sum(person.id not in {one.proposer, one.user_id} for one in waits)


def _calendars(person: Person) -> int:
    found = calendars.proposals(person.reach.scope)
    return sum(one.proposed_by != person.id for one in found)


def _policies(person: Person) -> int:
    scope = person.reach.scope
    waiting = policies.within(scope).filter(approved_at=None, withdrawn_at=None)
    return waiting.filter(region__range=scope).exclude(proposed_by=person.id).count()


def _editions(person: Person) -> int:
    return _of_all(person) and sum(
        one.state == EditionState.REVIEW and one.drafted_by != person.id
        for one in indicators.editions()
    )


def _releases(person: Person) -> int:
    return _of_all(person) and sum(
        one.state == ReleaseState.DRAFT and one.drafted_by != person.id
        for one in publication.releases()
    )


def _partners(person: Person) -> int:
    return exchange.to_start(person.reach.scope, besides=person.id)


def _systems(person: Person) -> int:
    return people.clients_waiting(person.reach.scope, besides=person.id)


def _hotlines(person: Person) -> int:
    return exchange.hotlines_to_start(person.reach.scope, besides=person.id)


def _wording(person: Person) -> int:
    return _of_all(person) and sum(
        one.proposed_by != person.id for one in notifications.texts_waiting().values()
    )


def _upstream(person: Person) -> int:
    return upstream.to_decide(person.reach.scope, besides=person.id)


def _terms(person: Person) -> int:
    return _of_all(person) and sum(
        one.proposed_by != person.id for one in retention.waiting().values()
    )


def _announced(person: Person) -> int:
    return announcements.to_decide(person.reach.scope, besides=person.id)


def _privacy(person: Person) -> int:
    return privacy.to_decide(person.reach.scope, besides=person.id)


_KINDS: tuple[tuple[Right, Words, str, _Count], ...] = (
    (Right.CONFIRM_PEOPLE, Words("岗位", "Posts"), "accounts:people", _posts),
    (Right.KEEP_POLICY, Words("工作日历", "Working days"), "calendar:year", _calendars),
    (Right.KEEP_POLICY, Words("处置规则", "Policies"), "policies:list", _policies),
    (Right.KEEP_INDICATORS, Words("指标版本", "Indicators"), "indicators:catalogue", _editions),
    (Right.PUBLISH, Words("结果发布", "Releases"), "publication:board", _releases),
    (Right.EXCHANGE, Words("对接启用", "Partners to start"), "exchange:partners", _partners),
    (Right.EXCHANGE, Words("接入系统启用", "Systems to start"), "calls:board", _systems),
    (Right.EXCHANGE, Words("12345 启用", "12345 systems"), "exchange:hotlines", _hotlines),
    (
        Right.KEEP_POLICY,
        Words("短信正文", "Texts of messages"),
        "notifications:templates",
        _wording,
    ),
    (Right.KEEP_DIRECTORY, Words("上级目录", "Upstream catalogues"), "upstream:list", _upstream),
    (Right.KEEP_RETENTION, Words("留存期限", "Retention"), "retention:terms", _terms),
    (Right.ANNOUNCE, Words("公告", "Announcements"), "announcements:list", _announced),
    (Right.PRIVACY, Words("个人信息请求", "Personal data"), "privacy:list", _privacy),
)


def approvals(person: Person) -> Iterator[Approval]:
    """Yield what waits for somebody's decision; what they proposed themselves waits for another."""
    for right, says, route, count in _KINDS:
        waiting = count(person) if right in person.rights else 0
        if waiting:
            yield Approval(says, waiting, reverse(route))
    if Right.KEEP_DIRECTORY in person.rights:
        found = directory.to_confirm(person.reach.scope, besides=person.id)
        for kind, waiting in found.items():
            says, address = TABLES[kind].title, reverse("directory:table", args=[kind])
            yield Approval(Words(f"{says.zh}变更", says.en), waiting, address)
