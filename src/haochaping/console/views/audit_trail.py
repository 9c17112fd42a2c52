"""The audit trail 审计日志 as sentences: who did what to what, when, and why."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import batched
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET

from haochaping.announcements import rules as announcements
from haochaping.attachments import rules as attachments
from haochaping.audit import queries
from haochaping.audit import rules as audit_rules
from haochaping.audit.rules import DETAILS, Subject, merged
from haochaping.calendar import rules as calendar
from haochaping.callbacks import rules as callbacks
from haochaping.detection import rules as detection
from haochaping.devices import rules as devices_rules
from haochaping.directory import queries as directory
from haochaping.directory import rules as directory_rules
from haochaping.evaluations import rules as ratings
from haochaping.exchange import rules as exchange
from haochaping.exports import rules as exports
from haochaping.identity import queries as people
from haochaping.identity import rules as identity_rules
from haochaping.identity.queries import OfficeRequest
from haochaping.indicators import rules as indicators
from haochaping.insight.rules import maps
from haochaping.invitations import rules as invitations
from haochaping.kernel import downloads, pages
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.ids import key_of_receipt, receipt_number
from haochaping.kernel.moments import LOCAL, parse_day
from haochaping.kernel.numbers import KEY, whole
from haochaping.kernel.tables import Column, Line, Table
from haochaping.kernel.words import Words
from haochaping.ledger import queries as ledger
from haochaping.ledger import rules as ledger_rules
from haochaping.notifications import rules as notifications
from haochaping.orders import queries as orders
from haochaping.orders import rules as moves
from haochaping.policies import rules as policies
from haochaping.privacy import rules as privacy
from haochaping.problems import rules as problems
from haochaping.proofs import rules as proofs
from haochaping.publication import rules as publication
from haochaping.regions import queries as regions
from haochaping.reports import rules as reports
from haochaping.retention import rules as retention
from haochaping.rosters import rules as rosters
from haochaping.routing import rules as routing
from haochaping.screening import rules as screening_rules
from haochaping.texts import rules as texts
from haochaping.themes import rules as themes
from haochaping.upstream import rules as upstream

_UNKNOWN = Subject(Words("", ""), {})  # what an older version recorded under another name
PAGE = 100
TRAIL = merged(
    room.TRAIL
    for room in (
        audit_rules,
        identity_rules,
        calendar,
        policies,
        notifications,
        directory_rules,
        themes,
        indicators,
        invitations,
        attachments,
        routing,
        texts,
        devices_rules,
        ratings,
        screening_rules,
        moves,
        callbacks,
        problems,
        detection,
        ledger_rules,
        proofs,
        publication,
        maps,
        reports,
        exchange,
        exports,
        privacy,
        upstream,
        retention,
        rosters,
        announcements,
    )
)


@dataclass(frozen=True)
class Sentence:
    """An entry in words."""

    at: datetime
    who: str
    did: Words
    what: Words
    label: str  # a number that people know it by
    href: str
    where: str
    details: Sequence[tuple[Words, str]]


@require_GET
def audit_trail(request: OfficeRequest) -> HttpResponseBase:
    """Show who did what within this person's region; as a file if asked for."""
    if not downloads.wanted(request):
        return _trail(request)
    scope = request.person.reach.scope
    asked, refusal = _asked(request.GET, scope)
    if refusal is not None:
        raise refusal
    found = queries.latest(scope, asked).iterator()
    lines = (_line(one) for some in batched(found, PAGE) for one in _sentences(some))
    return downloads.answer(request, Table("audit", _TITLE, _COLUMNS, lines))


@pages.posted("console:audit")
def verify_trail(request: OfficeRequest) -> HttpResponse:
    """Compare the whole trail with its own ledger, and that with its signed checkpoint: what was
    changed or removed since, by whomever, is named.
    """
    return _trail(request, ledger.check_trail())


@pages.within_scope
def _trail(request: OfficeRequest, checked: ledger.Checked | None = None) -> HttpResponse:
    person, given = request.person, request.GET
    asked, refusal = _asked(given, person.reach.scope)
    before = whole(given.get("before", ""), digits=KEY)
    found = queries.latest(person.reach.scope, asked, before)
    entries = [] if refusal else list(found[: PAGE + 1])
    shown = entries[:PAGE]
    kept = {name: given.get(name, "") for name in _FIELDS}
    return pages.render(
        request,
        "console/audit.html",
        status=refusal.status if refusal else 200,
        refusal=refusal,
        entries=_sentences(shown),
        trail=TRAIL,
        given=kept,
        base=f"?{urlencode(kept)}",
        first=before is None,
        following=shown[-1].pk if len(entries) > PAGE else "",
        checked=checked,
    )


_FIELDS = ("verb", "who", "what", "since", "until")


class NobodyKnown(Refusal):
    """The account, number or day that was asked for does not exist."""

    code = "nothing_known"
    says = Words(
        "没有这样的账号、编号或日期。人员填账号，对象填工单号、评价回执号。",
        "No such account, number or day. Give an account, or the number of an order or a receipt.",
    )


def _asked(
    given: Mapping[str, str], scope: tuple[int, int]
) -> tuple[queries.Asked, Refusal | None]:
    """Return what is looked for; a name, number or day that is none refuses."""
    subject, _, verb = given.get("verb", "").partition(".")
    who, what = given.get("who", "").strip()[:150], given.get("what", "").strip()[:40]
    days = [given.get(name, "").strip() for name in ("since", "until")]
    since, until = (_day(day) for day in days)
    by = people.user_of(who) if who else None
    known, subject_id = _number(what, scope) if what else ("", None)
    if known == "order" and not subject:
        subject = known  # else whatever else has the same number stands there too
    if known == "any" and not subject:
        subject_id = None
    wrong = (who and by is None) or (what and subject_id is None)
    wrong = wrong or (days[0] and since is None) or (days[1] and until is None)
    asked = queries.Asked(
        subject,
        verb,
        subject_id,
        by,
        datetime.combine(since, time(), LOCAL) if since else None,
        datetime.combine(until, time(), LOCAL) + timedelta(days=1) if until else None,
    )
    return asked, NobodyKnown() if wrong else None


def _day(text: str) -> date | None:
    found = parse_day(text) if text else None
    return found if found is not None and _FIRST <= found.year <= _LAST else None


_FIRST, _LAST = 1970, 2999  # years


def _number(what: str, scope: tuple[int, int]) -> tuple[str, int | None]:
    """Return what a number is of and its id: an order's, a receipt of a rating, or `any` plain id,
    which says nothing until a kind of thing is chosen.
    """
    with suppress(NotFound):
        return "order", orders.id_of(what, scope)
    key = key_of_receipt(what)
    return ("rating", key) if key else ("any", whole(what, digits=KEY))


def _sentences(entries: Sequence[queries.Entry]) -> list[Sentence]:
    accounts = {one.subject_id for one in entries if one.subject == "user"}
    names = people.names({entry.by for entry in entries} | accounts)
    windows = directory.window_facts({one.subject_id for one in entries if one.subject == "window"})
    places = {key: f"{window.hall} {window.number}" for key, window in windows.items()}
    numbers = orders.numbers_of({one.subject_id for one in entries if one.subject == "order"})
    departments = directory.department_names(
        {value for one in entries if isinstance(value := one.details.get("department"), int)}
    )
    known = {"order": numbers, "user": names, "window": places}
    return [_sentence(entry, names, known, departments) for entry in entries]


def _sentence(
    entry: queries.Entry,
    names: Mapping[int, str],
    known: Mapping[str, Mapping[int, str]],
    departments: Mapping[int, str],
) -> Sentence:
    subject = TRAIL.get(entry.subject, _UNKNOWN)
    label, href = "", ""
    if entry.subject_id in known.get(entry.subject, {}):
        label = known[entry.subject][entry.subject_id]
        if entry.subject == "order":
            href = reverse("orders:one", args=[entry.subject_id])
    elif entry.subject == "evaluation" and entry.subject_id:
        label = receipt_number(entry.subject_id)
        href = reverse("console:rating", args=[label])
    elif entry.subject == "finding":
        label, href = f"#{entry.subject_id}", reverse("detection:one", args=[entry.subject_id])
    elif entry.subject_id:
        named = (entry.details.get(name) for name in _NAMED)
        label = next((str(one) for one in named if one), f"#{entry.subject_id}")
    return Sentence(
        entry.at,
        names.get(entry.by, "—"),
        subject.verbs.get(entry.verb, Words(entry.verb, entry.verb)),
        subject.says if subject.says.zh else Words(entry.subject, entry.subject),
        label,
        href,
        regions.tree().name(entry.region),
        [
            (_called(name, subject), told)
            for name, value in entry.details.items()
            if (told := _told(name, value, departments, subject))
        ],
    )


# details by which people know what was touched
_NAMED = ("name", "client", "short", "kid", "title", "message", "account", "word", "code")


def _told(name: str, value: Any, departments: Mapping[int, str], of: Subject) -> str:
    """Return a detail in words: places, roles and departments by their names."""
    if isinstance(value, Mapping):
        parts = [
            f"{pages.say(_called(inner, of))} {told}"
            for inner, one in value.items()
            if (told := _told(inner, one, departments, of))
        ]
        return "，".join(parts)
    if isinstance(value, list):
        named = name == "fields"
        return "、".join(
            pages.say(_called(str(one), of)) if named else _told(name, one, departments, of)
            for one in value
        )
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, int) and name in ("region", "department"):
        place = regions.tree().name if name == "region" else departments.get
        return place(value) or f"#{value}"
    role = identity_rules.ROLES.get(str(value)) if name == "role" else None
    return pages.say(role.title) if role else "" if value is None else str(value)


def _called(name: str, of: Subject) -> Words:
    """Return what people call a detail: as of that subject, as the trail has it, or as a column of
    the directory.
    """
    said = of.details.get(name) or DETAILS.get(name) or directory_rules.LABELS.get(name)
    return said or Words(name, name)


_TITLE = Words("审计日志", "Audit trail")
_COLUMNS = (
    Column(Words("时间", "When")),
    Column(Words("人员", "Who")),
    Column(Words("动作", "Did what")),
    Column(Words("对象", "To what")),
    Column(Words("编号", "Number")),
    Column(Words("地区", "Where")),
    Column(Words("内容", "Details")),
)


def _line(one: Sentence) -> Line:
    details = "；".join(f"{pages.say(says)} {told}" for says, told in one.details)
    return Line((one.at, one.who, one.did, one.what, one.label, one.where, details))
