"""Whether a platform keeps the contract of docs/integrate/national.md: what a city runs against its
own build before it is connected (`hcp contract-test URL`).

What is sent is made up and lies on a day long past, so that it disturbs nothing.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from haochaping.exchange.partners import national
from haochaping.exchange.partners.sending import Failed, Letter, Link, carry, in_json, made
from haochaping.exchange.rules import Family, Status, digest, digests
from haochaping.kernel import outbound
from haochaping.kernel.outbound import Unreachable
from haochaping.kernel.words import Words, chinese

_OLD = date(1990, 1, 1)
_GOOD = frozenset({Status.ACKNOWLEDGED, Status.SENT})
_CLIENT_ERRORS = range(400, 500)


@dataclass(frozen=True)
class Checked:
    """One demand of the contract, and what was wrong ("" where it is kept)."""

    says: Words
    wrong: str


def check(link: Link) -> Iterator[Checked]:
    """Try each demand in turn; yields what came of it. Raises Unreachable where nobody answers."""
    day = _OLD + timedelta(days=secrets.randbelow(3000))
    service, rating = _letters(day)
    better = replace(rating, document={**rating.document, "writingEvaluation": chinese("补充一句")})
    steps: list[tuple[Words, Callable[[], str]]] = [
        (_UNSIGNED, lambda: _unsigned(link)),
        (_FORGED, lambda: _forged(link)),
        (_TAKES, lambda: _sent([service, rating], link)),
        (_AGAIN, lambda: _sent([service, rating], link)),
        (_SAME, lambda: _compared([service, rating], day, link)),
        (_REPLACES, lambda: _sent([better], link) or _compared([service, better], day, link)),
        (_BRANCHES, lambda: _branches(better, day, link)),
        (_GARBAGE, lambda: _garbage(link)),
    ]
    for says, step in steps:
        try:
            yield Checked(says, step())
        except Failed as failed:
            yield Checked(says, str(failed))


_UNSIGNED = Words("没有签名的请求被拒绝（401）", "What is not signed is refused (401)")
_FORGED = Words("签名不符的请求被拒绝（401）", "What is signed by another is refused (401)")
_TAKES = Words("一批消息逐条得到答复", "Each message of a batch is answered")
_AGAIN = Words("同一批再发一次，同样得到确认", "The same again is acknowledged again")
_SAME = Words(
    "对账：条数与摘要和发出的一致", "Reconciliation: count and digest are those of what was sent"
)
_REPLACES = Words("同一编号的新内容替换旧内容", "Another text under an id replaces the first")
_BRANCHES = Words("对账：十六个分支都列出", "Reconciliation: all sixteen branches are listed")
_GARBAGE = Words("不成形的请求得到 4xx，不是 5xx", "What cannot be read gets a 4xx, never a 5xx")


def _letters(day: date) -> tuple[Letter, Letter]:
    """Return a service and its rating."""
    number = f"CONTRACT{secrets.token_hex(6).upper()}"
    key = {"projectNo": number, "serviceNumber": "1"}
    at = f"{day.isoformat()} 10:00:00"
    service = {**key, "areaCode": "320700000000", "serviceTime": at}
    service["taskName"] = chinese("对接检查")
    rating = {**key, "satisfaction": "2", "evalDetail": "207", "pf": "4", "assessTime": at}
    return (
        Letter(f"S-{number}", Family.SERVICE, service),
        Letter(f"E-{number}", Family.EVALUATION, rating),
    )


def _unsigned(link: Link) -> str:
    answer = outbound.post(
        f"{link.url}/messages",
        headers={"Content-Type": "application/json"},
        content=b'{"messages": []}',
    )
    return "" if answer.status == 401 else f"HTTP {answer.status}"  # noqa: PLR2004 - HTTP


def _forged(link: Link) -> str:
    forged = replace(link, secret={**link.secret, "secret": secrets.token_hex(16)})
    answer = made(in_json(f"{link.url}/messages", {"messages": []}, forged))
    return "" if answer.status == 401 else f"HTTP {answer.status}"  # noqa: PLR2004 - HTTP


def _sent(letters: list[Letter], link: Link) -> str:
    outcome = carry(national.upload(letters, link))
    if outcome.unreachable:
        raise Unreachable(outcome.broken)
    if outcome.broken:
        return outcome.broken
    wrong = [
        f"{one.message}: {told.reason if told else 'no result'}"
        for one in letters
        if (told := outcome.told.get(one.message)) is None or told.status not in _GOOD
    ]
    return "; ".join(wrong)


def _compared(letters: list[Letter], day: date, link: Link) -> str:
    wrong = []
    for one in letters:
        theirs = _ask(day, one.family, digests.Asked("", listed=True), link)
        expected = digest(one.document).hex()
        if theirs.get(one.message) != expected:
            wrong.append(f"{one.message}: {theirs.get(one.message)} ≠ {expected}")
            continue
        root = _ask(day, one.family, digests.Asked(""), link).get("")
        if root != digests.node(theirs):
            wrong.append(f"{one.family}: the node is not that of its entries")
    return "; ".join(wrong)


def _branches(one: Letter, day: date, link: Link) -> str:
    entries = _ask(day, one.family, digests.Asked("", listed=True), link)
    found = _ask(day, one.family, digests.Asked("", children=True), link)
    expected = digests.children(entries, "")
    wrong = sorted(where for where in expected if found.get(where) != expected[where])
    return f"branches {', '.join(wrong)}" if wrong else ""


def _ask(day: date, family: Family, asked: digests.Asked, link: Link) -> Mapping[str, Any]:
    return national.answered(asked, made(national.ask(day, family, asked, link)))


def _garbage(link: Link) -> str:
    request = in_json(f"{link.url}/messages", {"messages": 7}, link)
    answer = made(request)
    return "" if answer.status in _CLIENT_ERRORS else f"HTTP {answer.status}"
