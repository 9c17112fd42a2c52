"""What a rating 评价 must be (domain §1.4.2, §3.5, §11).

Five levels, codes of the chosen level, a reason for a bad one, one per service.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

import msgspec

from haochaping.indicators.rules import BAD, LEVELS, Indicator
from haochaping.kernel.errors import Conflict, Refusal
from haochaping.kernel.moments import parse_moment
from haochaping.kernel.numbers import identifier, phone, rounded
from haochaping.kernel.words import Words, storable, trimmed
from haochaping.records.rules import NotYours

MAX_WORDS = 1000
MAX_CODES = 16
# a rating that is handed in so long after it was given is history: it counts, and nobody can put
# it right any more
HISTORY = timedelta(days=60)
CODE_DIGITS = 4  # of an indicator code at most
_FUTURE = timedelta(minutes=10)  # clocks of other systems may run a little ahead


class Kind(IntEnum):
    """First rating or follow-up; a follow-up never overwrites the first."""

    FIRST = 1  # 首次评价
    FOLLOW_UP = 2  # 追加评价


class Channel(IntEnum):
    """Where the citizen rated.

    Ours, for the national numbers 6 and 7 mean different things to different systems (domain
    §1.5.1).
    """

    WEB = 1  # PC 端
    MOBILE = 2  # 移动端
    QR = 3  # 二维码
    TABLET = 4  # 窗口评价器
    TERMINAL = 5  # 自助终端
    PHONE = 6  # 12345 电话
    SMS = 7  # 短信
    LINK = 8  # 邀请链接
    API = 9  # 部门自建系统


CHANNELS: Mapping[Channel, Words] = {
    Channel.WEB: Words("政务服务网", "Web"),
    Channel.MOBILE: Words("移动端", "App"),
    Channel.QR: Words("二维码", "QR code"),
    Channel.TABLET: Words("窗口评价器", "Window tablet"),
    Channel.TERMINAL: Words("自助终端", "Terminal"),
    Channel.PHONE: Words("12345 电话", "12345 phone"),
    Channel.SMS: Words("短信", "SMS"),
    Channel.LINK: Words("邀请链接", "Link"),
    Channel.API: Words("部门系统", "Department system"),
}
_CHANNELS = {channel.value: channel for channel in Channel}
_KINDS = {kind.value: kind for kind in Kind}
ON_SITE = frozenset((Channel.TABLET, Channel.TERMINAL))


class Outcome(StrEnum):
    """What became of a rating that was handed in."""

    ACCEPTED = "accepted"  # stored now
    DUPLICATE = "duplicate"  # stored before with the same content
    WAITING = "waiting"  # kept until its service is registered


class BadRating(Refusal):
    """The rating breaks a rule; `code` says which."""


class AlreadyRated(Conflict):
    """The service was rated before, with other content."""

    code = "already_rated"
    says = Words(
        "本次服务已评价过；如需补充，请提交追加评价。",
        "This service has been rated; add a follow-up rating instead.",
    )


REFUSALS: Mapping[str, Words] = {
    "record_unknown": Words(
        "没有对应的办件服务记录，请先上报办件。",
        "There is no such service record; register the service first.",
    ),
    "rated_before_service": Words(
        "评价时间早于服务时间，请核对。", "The rating is earlier than the service."
    ),
    "outside_scope": Words(
        "该办件不在本系统的接入范围内。", "This service lies outside the client's scope."
    ),
    "not_yours": NotYours.says,
    "set_aside": Words(
        "该评价经复核不计入调整后统计，不能再修改；如有异议请拨打 12345。",
        "It was set aside and cannot be replaced; call 12345.",
    ),
    "replaced_once": Words("评价只能修改一次。", "A rating can be replaced once."),
    "too_late_to_replace": Words(
        "已过可修改评价的期限，您仍可追加评价。",
        "The time to replace it is over; you can still add a follow-up.",
    ),
    "too_late": Words(
        "已过可评价的期限；如有问题请拨打 12345。",
        "The time to rate this service is over; call 12345.",
    ),
    "follow_up_before_first": Words(
        "追加评价的时间早于首次评价，请核对。", "The follow-up is earlier than the rating."
    ),
    "too_late_to_follow_up": Words(
        "已过可追加评价的期限；如有问题请拨打 12345。",
        "The time to add a follow-up is over; call 12345.",
    ),
    "no_first_rating": Words("追加评价须在首次评价之后提交。", "A follow-up needs a first rating."),
    "level": Words(
        "评价等级应为 5（非常满意）至 1（非常不满意）。",
        "level must be 5 (very satisfied) to 1 (very dissatisfied).",
    ),
    "service_number": Words(
        "服务次数应为 1–99 的整数。", "service_number must be a whole number from 1 to 99."
    ),
    "kind": Words(
        "评价类型应为 1（首次）或 2（追加）。", "kind must be 1 (first) or 2 (follow-up)."
    ),
    "channel": Words("评价渠道代码未知。", "The channel is unknown."),
    "flag": Words(
        "是否类字段应为 1（是）或 0（否）。", "A yes-or-no field must be 1 (yes) or 0 (no)."
    ),
    "number_rounded": Words(
        "办件编号已被电子表格改成科学计数法或舍入；请把该列设为“文本”后重填。",
        "project_no was rounded by a spreadsheet; make the column text and fill it in again.",
    ),
    "code_unknown": Words("评价指标代码不存在。", "An indicator code does not exist."),
    "code_level": Words(
        "评价指标与所选等级不一致，请只选该等级的指标。",
        "An indicator belongs to another level; choose those of the chosen level.",
    ),
    "reason_missing": Words(
        "请选择至少一个问题，或写几句话，我们才能核实整改。",
        "Choose at least one problem or write a few words, so that it can be put right.",
    ),
    "time": Words(
        "评价时间无效或晚于现在。", "The time of the rating is not a time, or lies in the future."
    ),
    "default_rating": Words(
        "系统默认评价不计为评价：群众未评即为“未评价”，无需上报。",
        "A default rating is no rating: who stays silent is counted as not having rated.",
    ),
    "too_long": Words(
        f"评价内容最长 {MAX_WORDS} 字。", f"The words may have {MAX_WORDS} characters at most."
    ),
    "bad_text": Words(
        "评价内容含有不允许的字符。", "The words hold characters that are not allowed."
    ),
    "phone": Words(
        "联系电话格式不对，请填写手机号或带区号的座机号。",
        "The phone number is malformed; give a mobile number, or a landline with its area code.",
    ),
    "rater": Words(
        "评价人信息过长或含有不允许的字符。",
        "What is said of the rater is too long or holds characters that are not allowed.",
    ),
    "nothing_chosen": Words("请先选择一个满意度等级。", "Choose one of the five levels first."),
    "too_many_codes": Words(f"评价指标最多 {MAX_CODES} 项。", f"At most {MAX_CODES} indicators."),
}


class Rater(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who rated. Everything here is personal data; all of it may be empty."""

    name: str = ""
    cert_key: str = ""
    phone: str = ""
    anonymous: bool = False


_NOBODY = Rater()
# the same bytes for the same content, at a quarter of an f-string's cost
_encode = msgspec.json.Encoder().encode


class Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rating as a door hands it in; `accept` checks every field."""

    project_no: str
    service_number: int
    level: int
    channel: int
    rated_at: str = ""  # empty: now
    kind: int = Kind.FIRST
    codes: list[int] = []
    words: str = ""
    rater: Rater = _NOBODY
    is_default: bool = False
    wait: bool = False  # keep it when the service is not registered yet


class DeviceGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a citizen chose on a device.

    `record` is the number of the service that was being called, empty when none was.
    """

    level: int
    codes: list[int] = []
    words: str = ""
    record: str = ""


class Rating(msgspec.Struct, frozen=True):
    """A rating that may be stored."""

    project_no: str
    service_number: int
    kind: Kind
    level: int
    codes: tuple[int, ...]
    words: str
    channel: Channel
    rated_at: datetime
    rater: Rater
    content: bytes = b""  # what makes it the same when it comes again: values, not spellings
    wait: bool = False

    @property
    def natural_key(self) -> tuple[str, int]:
        """The service that is rated."""
        return self.project_no, self.service_number


def refusal(code: str, field: str | None = None) -> Refusal:
    """Return the refusal for a code of REFUSALS."""
    kind = NotYours if code == NotYours.code else BadRating
    return kind(REFUSALS[code], code=code, field=field)


def phone_number(text: str) -> str:
    """Return a phone number as one identity (`kernel.numbers.phone`); raises BadRating."""
    number = phone(text)
    if number is None:
        raise refusal("phone", "phone")
    return number


def is_bad(level: int) -> bool:
    """Say whether the level is 差评, which must be put right."""
    return level in BAD


def _check(given: Given, words: str, catalogue: Mapping[int, Indicator]) -> None:
    """Raise BadRating for what is wrong with the level and what was said."""
    if given.is_default:
        raise refusal("default_rating")
    # A record's own bounds.
    if not 1 <= given.service_number <= 99 or not 1 <= len(given.project_no) <= 64:  # noqa: PLR2004
        raise refusal("record_unknown", "project_no")
    check_words(given.project_no)
    if given.level not in LEVELS:
        raise refusal("level", "level")
    check_words(words)
    if given.rater is not _NOBODY:
        check_rater(given.rater)
    if given.codes:
        check_codes(given.level, given.codes, catalogue)
    if is_bad(given.level) and not given.codes and not words:
        raise refusal("reason_missing", "codes")


def accept(given: Given, catalogue: Mapping[int, Indicator], at: datetime) -> Rating:
    """Check a rating by itself; return it ready to store or raise BadRating.

    What needs the record is checked as it is stored.
    """
    # an enum's own look-up costs eight times as much
    kind, channel = _KINDS.get(given.kind), _CHANNELS.get(given.channel)
    words = trimmed(given.words)
    project_no = identifier(given.project_no)
    if project_no is None:
        raise refusal("number_rounded" if rounded(given.project_no) else "bad_text", "project_no")
    _check(given, words, catalogue)
    if kind is None:
        raise refusal("kind", "kind")
    if channel is None:
        raise refusal("channel", "channel")
    rated_at = parse_moment(given.rated_at) if given.rated_at else at
    if rated_at is None or rated_at > at + _FUTURE:
        raise refusal("time", "rated_at")
    level, codes = given.level, tuple(sorted(set(given.codes))) if given.codes else ()
    said_at = rated_at.timestamp() if given.rated_at else None
    content = _encode(
        (given.kind, level, codes, given.channel, said_at, given.rater.anonymous, words)
    )
    rater = given.rater
    if rater.phone:
        rater = msgspec.structs.replace(rater, phone=phone_number(rater.phone))
    return Rating(
        project_no,
        given.service_number,
        kind,
        level,
        codes,
        words,
        channel,
        rated_at,
        rater,
        content,
        given.wait,
    )


def check_words(words: str) -> None:
    """Raise BadRating unless the words can be stored."""
    if len(words) > MAX_WORDS:
        raise refusal("too_long", "words")
    if not storable(words):
        raise refusal("bad_text", "words")


def check_rater(rater: Rater) -> None:
    """Raise BadRating unless what is said of the rater can be stored."""
    for field, longest in (("name", 120), ("cert_key", 200), ("phone", 30)):
        text = getattr(rater, field)
        if len(text) > longest or not storable(text):
            raise refusal("rater", f"rater.{field}")


def check_codes(level: int, codes: Sequence[int], catalogue: Mapping[int, Indicator]) -> None:
    """Raise BadRating unless every code exists and belongs to the level.

    Retired codes are taken, history needs them.
    """
    if len(codes) > MAX_CODES:
        raise refusal("too_many_codes", "codes")
    for code in codes:
        if code not in catalogue:
            raise refusal("code_unknown", "codes")
        if code // 100 != level:
            raise refusal("code_level", "codes")
