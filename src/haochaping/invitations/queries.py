"""Reading links and QR codes."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet, Sum

from haochaping.directory import queries as directory
from haochaping.invitations import models, rules
from haochaping.kernel.errors import NotFound, Refusal
from haochaping.kernel.ids import token_hash
from haochaping.kernel.words import Words
from haochaping.notifications import queries as messages
from haochaping.notifications.rules import INVITE


class LinkUnknown(Refusal):
    """There is no such link."""

    status = 404
    code = "link_unknown"
    says = Words(
        "没有找到这个评价链接。请检查短信中的链接是否完整，或拨打 12345。",
        "This link is unknown. Check that it is complete, or call 12345.",
    )


class LinkExpired(Refusal):
    """The link is too old to rate with."""

    status = 410
    code = "link_expired"
    says = Words(
        "评价链接已过期。您仍可拨打 12345 反映情况。",
        "This link has expired. You can still call 12345.",
    )


class NotTheRater(Refusal):
    """The service was rated, and not through this link."""

    status = 409
    code = "not_the_rater"
    says = Words(
        "这次服务已经评价过，一个链接只能评价一次。如果是您评的，"
        "请在首页“查询我的评价”输入回执号，用手机号验证后查看。",
        "This service has been rated; a link is for rating once. If it was you, look your rating "
        "up on the front page with its receipt number and your phone.",
    )


@dataclass(frozen=True)
class Opened:
    """What an opened link leads to."""

    record_id: int
    channel: int
    device_id: int | None
    finished_at: datetime | None
    back_url: str = ""
    embed: str = ""
    for_rater: bool = False
    shared: bool = False

    @property
    def of_rater(self) -> bool:
        """Whether it belongs to who rated: made for them, or rated with, and neither on a device
        that others touch too nor known to a system.
        """
        used = self.finished_at is not None and self.device_id is None
        return self.for_rater or (used and not self.shared)


def opened(token: str, at: datetime) -> Opened:
    """Return what the token is for; a finished link stays readable for its progress.

    Raises LinkUnknown or LinkExpired.
    """
    found = models.Link.objects.filter(token_hash=token_hash(token)).first()
    if found is None:
        raise LinkUnknown
    if found.finished_at is None and at > found.expires_at:
        raise LinkExpired
    return Opened(
        found.record_id,
        found.channel,
        found.device_id,
        found.finished_at,
        found.back_url,
        found.embed,
        found.for_rater,
        found.shared,
    )


# --- static QR codes


@dataclass(frozen=True)
class PlaceFacts:
    """What a QR code stands for, in words and in ids of the directory."""

    kind: rules.Place
    title: str
    hall: str
    department: str
    region: int
    window_ids: tuple[
        int, ...
    ]  # services at these windows can be rated here; empty: at any within the region
    department_id: int | None
    staff_id: int | None
    item_id: int | None


def in_force(kind: rules.Place, targets: Sequence[int]) -> list[models.Code]:
    """Return the codes in force of these places, in their order."""
    found = models.Code.objects.filter(kind=kind, target_id__in=targets, disabled_at=None)
    order = {target: number for number, target in enumerate(targets)}
    return sorted(found, key=lambda code: order[code.target_id])


def with_code_in_force(kind: rules.Place, scope: tuple[int, int]) -> set[int]:
    """Return which places of a kind within a range of regions have a code in force."""
    found = models.Code.objects.filter(kind=kind, region__range=scope, disabled_at=None)
    return set(found.values_list("target_id", flat=True))


def out_of_use(kind: rules.Place, targets: Sequence[int]) -> dict[int, int]:
    """Return the last code of these places that was disabled, by place: it may be put in use
    again.
    """
    gone = models.Code.objects.filter(
        kind=kind, target_id__in=targets, disabled_at__isnull=False
    ).order_by("disabled_at", "pk")
    return dict(gone.values_list("target_id", "pk"))


def codes(
    scope: tuple[int, int], kind: str = "", *, disabled: bool = False
) -> QuerySet[models.Code]:
    """Return codes within a range of regions, newest first."""
    found = models.Code.objects.filter(region__range=scope, disabled_at__isnull=not disabled)
    return (found.filter(kind=kind) if kind else found).order_by("-made_at", "-pk")


def scans(code_ids: Sequence[int], since: date) -> dict[int, tuple[int, int, int]]:
    """Return scans, opened rating pages and ratings since a day, by code."""
    found = (
        models.ScanDay.objects.filter(code_id__in=code_ids, day__gte=since)
        .values("code_id")
        .annotate(s=Sum("scans"), o=Sum("opened"), r=Sum("rated"))
    )
    return {row["code_id"]: (row["s"], row["o"], row["r"]) for row in found}


type ScannedDay = tuple[date, int, int, int]


def scan_days(code_id: int, since: date, until: date) -> list[ScannedDay]:
    """Return each day of a span with its scans of a code, how many led to a rating page, and how
    many ratings came of it.
    """
    found = models.ScanDay.objects.filter(code_id=code_id, day__range=(since, until))
    known = {row.day: (row.scans, row.opened, row.rated) for row in found}
    days = [since + timedelta(days=n) for n in range((until - since).days + 1)]
    return [(day, *known.get(day, (0, 0, 0))) for day in days]


def code(code_id: int, covers: Callable[[int], bool]) -> models.Code:
    """Return a code within somebody's place; raises NotFound."""
    found = models.Code.objects.select_related("replaced_by").filter(pk=code_id).first()
    if found is None or not covers(found.region):
        raise NotFound
    return found


def scanned(short: str) -> models.Code:
    """Return the code in force behind an address.

    An old poster leads on to the code that replaced it. Raises NotFound or CodeDisabled.
    """
    code = models.Code.objects.select_related("replaced_by").filter(short=short.upper()).first()
    for _ in range(5):
        if code is None:
            raise NotFound(
                Words(
                    "没有这个二维码，请扫描窗口现场的码。",
                    "There is no such QR code; scan the one at the window.",
                )
            )
        if code.disabled_at is None:
            return code
        if code.replaced_by_id is None:
            break
        code = (
            models.Code.objects.select_related("replaced_by").filter(pk=code.replaced_by_id).first()
        )
    raise rules.CodeDisabled


def places(kind: rules.Place, targets: Sequence[int]) -> dict[int, PlaceFacts]:
    """Describe the places of one kind, by id of the directory; a place that is gone is missing."""
    return {
        place.id: PlaceFacts(
            kind,
            place.title,
            place.hall,
            place.department,
            place.region,
            place.window_ids,
            place.department_id,
            place.staff_id,
            place.item_id,
        )
        for place in directory.places(kind.value, list(targets))
    }


def invited(record_ids: Collection[int]) -> set[int]:
    """Return those of these services that have a link."""
    found = models.Link.objects.filter(record_id__in=record_ids)
    return set(found.values_list("record_id", flat=True))


def asked_by_sms(phone_index: bytes, destination: str, sent_at: datetime) -> list[int]:
    """Return the services that a reply may be about, the latest first.

    The one whose extension it was sent to, else all about which this phone was asked in time.
    """
    asked = messages.sent_about(
        template=INVITE, phone_index=phone_index, since=sent_at - timedelta(days=rules.REPLY_DAYS)
    )
    named = [record for record, digits in asked if digits and destination.endswith(digits)]
    return named or [record for record, _ in asked]


def was_ever_asked(phone_index: bytes, since: datetime) -> bool:
    """Say whether a phone was asked about anything since then."""
    return bool(messages.sent_about(template=INVITE, phone_index=phone_index, since=since))


def with_codes(kind: str, ids: Collection[int]) -> set[int]:
    """Return for which of these entries of a table of the directory a code was ever made."""
    place = kind.removesuffix("s")
    found = models.Code.objects.filter(kind=place, target_id__in=ids)
    return set(found.values_list("target_id", flat=True))
