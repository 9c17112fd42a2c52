"""Pages of calls: the log with its search, each client, and how far all of them have come."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from haochaping.calls import queries, rules
from haochaping.identity import actions
from haochaping.identity import queries as identity
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import BadClient, Right, SamePerson, TooManyKeys
from haochaping.kernel import clock, downloads, marks, pages
from haochaping.kernel.errors import Refusal
from haochaping.kernel.numbers import KEY, whole
from haochaping.kernel.tables import Column, Kind, Line, Table
from haochaping.kernel.words import Words
from haochaping.regions import queries as regions
from haochaping.retention import queries as retention

PAGE = 50
_DAYS = 7
_FIELDS = ("client", "operation", "code", "outcome", "since", "until")


@require_GET
def log(request: OfficeRequest) -> HttpResponseBase:
    """Show what was called, newest first, with what each client called within a week; as a file if
    asked for.
    """
    person, given, at = request.person, request.GET, clock.now()
    before = whole(given.get("before", ""), digits=KEY)
    found = queries.latest(person.reach.scope, queries.asked(given), before)
    names = {one.pk: one.name for one in identity.clients_within(person.reach)}
    if downloads.wanted(request):
        lines = (_line(one, names) for one in found.iterator())
        return downloads.answer(request, Table("calls", _TITLE, _COLUMNS, lines))
    entries = list(found[: PAGE + 1])
    return pages.render(
        request,
        "calls/log.html",
        calls=entries[:PAGE],
        following=entries[PAGE - 1].pk if len(entries) > PAGE else "",
        first="before" not in given,
        base=pages.onward(given, "before"),
        names=names,
        operations=rules.OPERATIONS,
        given={name: given.get(name, "") for name in _FIELDS},
        figures=queries.figures(person.reach.scope, at - timedelta(days=_DAYS)),
        days=_DAYS,
        kept=retention.term("calls").days,
    )


_TITLE = Words("调用日志", "Calls")
_COLUMNS = (
    Column(Words("时间", "When")),
    Column(Words("系统", "System")),
    Column(Words("密钥", "Key")),
    Column(Words("接口", "Operation")),
    Column(Words("状态", "Status"), Kind.COUNT),
    Column(Words("原因代码", "Code")),
    Column(Words("原因", "Reason")),
    Column(Words("条目", "Items"), Kind.COUNT),
    Column(Words("被拒条目", "Refused"), Kind.COUNT),
    Column(Words("毫秒", "ms"), Kind.COUNT),
    Column(Words("来源地址", "Address")),
)


def _line(one: queries.Call, names: Mapping[int, str]) -> Line:
    answered = (one.status, one.code, one.says, one.items, one.refused, one.took)
    who = (names.get(one.client_id, ""), one.kid)
    return Line((one.at, *who, one.operation, *answered, one.address or ""))


@require_GET
def board(request: OfficeRequest) -> HttpResponseBase:
    """Show how far each system has come, step by step; as a file if asked for."""
    person, tree = request.person, regions.tree()
    clients = [one for one in identity.clients_within(person.reach) if not one.partner]
    clients.sort(key=lambda one: (one.region, one.name))
    passed = queries.passed(person.reach.scope, clock.now())
    if downloads.wanted(request):
        lines = [(tree.full_name(one.region), one.name, passed.get(one.pk, {})) for one in clients]
        return downloads.answer(request, _checklists(lines))
    return pages.render(
        request,
        "calls/board.html",
        clients=clients,
        places={one.region: tree.full_name(one.region) for one in clients},
        passed=passed,
        steps=rules.STEPS,
        whole=sum(len(passed.get(one.pk, ())) == len(rules.STEPS) for one in clients),
    )


def _checklists(found: Iterable[tuple[str, str, Mapping[str, Any]]]) -> Table:
    """Return systems with the moment of each step that they passed."""
    columns = (
        Column(Words("地区", "Place")),
        Column(Words("系统", "System")),
        *(Column(step.says) for step in rules.STEPS),
        Column(Words("已通过", "Passed"), Kind.COUNT),
    )
    lines = (
        Line(
            (
                place,
                name,
                *(_PASSED if (told := done.get(one.key)) is True else told for one in rules.STEPS),
                len(done),
            )
        )
        for place, name, done in found
    )
    return Table("checklists", Words("对接检查单", "Checklists"), columns, lines)


_PASSED = Words("通过", "yes")


@require_GET
def client(request: OfficeRequest, key: int) -> HttpResponse:
    """Show one system: its limits, its steps, and what was refused lately; and why a change of its
    grant was.
    """
    return _client(request, key, refusal=_OF_GRANTS.get(request.GET.get("refused", "")))


_OF_GRANTS = {
    "department": BadClient(BadClient.department, field="departments"),
    SamePerson.code: SamePerson(),
    marks.ChangedMeanwhile.code: marks.ChangedMeanwhile(),
}


@pages.posted("calls:client", "key")
def limit(request: OfficeRequest, key: int) -> HttpResponse:
    """Say who answers for a system, from where it may call and how often."""
    sent = request.POST
    try:
        actions.limit_client(
            client_id=key,
            contact=sent.get("contact", ""),
            networks=sent.get("networks", "")[:2000],
            per_minute=sent.get("per_minute", ""),
            by=request.person.id,
            at=clock.now(),
        )
    except BadClient as refusal:
        return _client(request, key, refusal=refusal)
    return redirect("calls:client", key)


@pages.posted("calls:client", "key")
def start(request: OfficeRequest, key: int) -> HttpResponse:
    """Start a system that another person connected."""
    try:
        actions.start_client(client_id=key, by=request.person.id, at=clock.now())
    except SamePerson as refusal:
        return _client(request, key, refusal=refusal)
    return redirect("calls:client", key)


@pages.posted("calls:client", "key")
def another_key(request: OfficeRequest, key: int) -> HttpResponse:
    """Make a new key for a system whose keys have all ended, and show it once."""
    try:
        made = actions.another_key(client_id=key, by=request.person.id, at=clock.now())
    except TooManyKeys as refusal:
        return _client(request, key, refusal=refusal)
    return _client(request, key, made=made)


@pages.within_scope
def _client(
    request: OfficeRequest,
    key: int,
    *,
    refusal: Refusal | None = None,
    made: tuple[str, str] | None = None,
) -> HttpResponse:
    person, at = request.person, clock.now()
    scope = person.reach.scope
    found = identity.client_within(person.reach, key)
    figures = queries.figures(scope, at - timedelta(days=_DAYS), key)
    limits = {"contact": found.contact, "networks": " ".join(found.networks)}
    limits["per_minute"] = str(found.per_minute or "")
    return pages.render(
        request,
        "calls/client.html",
        client=found,
        mark=marks.mark(found.proposed),
        granted={"departments": " ".join(found.departments)} | request.POST.dict(),
        limits=limits | request.POST.dict(),  # what was typed and refused is not lost
        refusal=refusal,
        status=refusal.status if refusal else 200,
        place=regions.tree().full_name(found.region),
        passed=queries.passed(scope, at, key).get(key, {}),
        steps=rules.STEPS,
        figures=figures[0] if figures else None,
        refused=queries.latest(scope, queries.Asked(client_id=key, refused=True))[:_SHOWN],
        days=_DAYS,
        usual=settings.CLIENT_PER_MINUTE,
        keeps=Right.KEEP_KEYS in person.rights,
        starts=Right.EXCHANGE in person.rights,
        lost=not identity.keys_in_force(key, at),
        made=made,
    )


_SHOWN = 20  # refused calls of a client
