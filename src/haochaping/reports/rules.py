"""What may be subscribed to, and when a report is due."""

from datetime import date
from urllib.parse import parse_qsl, urlencode, urlsplit

from haochaping.audit.rules import Subject, Trail
from haochaping.insight.rules.periods import Period, Span, containing
from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words

EVERY: dict[Span, Words] = {
    Span.WEEK: Words("每周", "Each week"),
    Span.MONTH: Words("每月", "Each month"),
    Span.QUARTER: Words("每季", "Each quarter"),
}
MOST = 20  # subscriptions of one person
_KEPT = ("region", "channel", "party", "search")  # of an address: the period is the report's own
# these are no pages of a period that can be printed
_NOT_REPORTS = (
    *("/insight/screen", "/insight/reports", "/insight/lake", "/insight/measures"),
    *("/insight/problems", "/insight/campaigns"),
)


class BadSubscription(Refusal):
    """Nothing that could be sent."""

    code = "bad_subscription"
    says = Words(
        "请从一个分析页面点“订阅”，并选择每周、每月或每季。",
        "Subscribe from a page of analysis, and choose each week, month or quarter.",
    )


class TooMany(Refusal):
    """One person has subscribed to enough."""

    code = "too_many"
    says = Words(
        f"最多订阅 {MOST} 份报告，请先取消不需要的。",
        f"{MOST} subscriptions at most: cancel what is not needed.",
    )


def page_of(address: str) -> tuple[str, str]:
    """Return path and question of a page of analysis as they are kept: place, channel and party
    but no period; raises BadSubscription for anything else.
    """
    parts = urlsplit(address)
    path = parts.path.rstrip("/") or "/"
    inside = path == "/insight" or path.startswith("/insight/")
    if parts.scheme or parts.netloc or not inside or path.startswith(_NOT_REPORTS):
        raise BadSubscription
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name in _KEPT and value]
    query = urlencode(kept)
    if len(path) + len(query) > 400:  # noqa: PLR2004 - the column's width
        raise BadSubscription
    return (path if path != "/insight" else "/insight/"), query


def due(span: Span, done: date | None, today: date) -> Period | None:
    """Return the first complete period that nobody has had yet (`done`: the first day of the last
    one that was made), of the last three: a long holiday leaves none out.
    """
    last = containing(span, today).previous
    if done is None:
        return last
    missed = [one for one in (last.previous.previous, last.previous, last) if one.since > done]
    return missed[0] if missed else None


def address_of(path: str, query: str, period: Period) -> str:
    """Return the address of a page for one period."""
    asked = urlencode({"span": period.span.value, "day": period.since.isoformat()})
    return f"{path}?{'&'.join(filter(None, (query, asked)))}"


# what the audit trail calls what is done here
TRAIL: Trail = {
    "subscription": Subject(
        Words("报告订阅", "subscription"),
        {
            "subscribe": Words("订阅报告", "Subscribed to a report"),
            "cancel": Words("取消订阅", "Cancelled a subscription"),
            "end": Words("因权限变化停止订阅", "Ended a subscription: no right to it any more"),
        },
    )
}
