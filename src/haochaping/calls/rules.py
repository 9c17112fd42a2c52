"""What is kept of a call, and the steps to a connection that works 对接检查单."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from haochaping.kernel.words import Words

GOOD = 400  # the first status of HTTP that is a refusal


@dataclass(frozen=True)
class Called:
    """A call as it was answered."""

    at: datetime
    client_id: int
    region: int  # 12 digits
    kid: str
    operation: str
    status: int
    code: str
    says: str
    items: int
    refused: int
    took: int  # milliseconds
    address: str | None


OWN: Mapping[str, Words] = {  # by what follows /api/v1/
    "records": Words("登记办件", "register a service"),
    "records/batch": Words("批量登记办件", "register services"),
    "records/file": Words("文件登记办件", "services by file"),
    "records/amendments": Words("更正办件", "amend a service"),
    "evaluations": Words("提交评价", "hand in a rating"),
    "evaluations/batch": Words("批量提交评价", "hand in ratings"),
    "evaluations/file": Words("文件提交评价", "ratings by file"),
    "links": Words("取评价链接", "get a link"),
    "calls": Words("呼叫窗口平板", "call a tablet"),
    "status": Words("查询办件状态", "ask how a service stands"),
    "outcomes": Words("查询处理结果", "ask for outcomes"),
    "changes": Words("数据回流", "ask for changes"),
    "key": Words("查询密钥", "ask for its keys"),
    "key/rotate": Words("轮换密钥", "rotate its key"),
}
BESIDE: Mapping[str, Words] = {  # doors of the room exchange
    "token": Words("取令牌（方言）", "get a token (dialect)"),
    "indicators": Words("取指标（方言）", "get the indicators (dialect)"),
    "messages": Words("平台对接来件", "messages of a partner"),
    "reconcile": Words("平台对接对账", "reconciliation"),
    "hotline": Words("12345 对接来件", "messages of a 12345 system"),
}
OPERATIONS = {**OWN, **BESIDE}
OTHER = "other"  # an address that is none of these

# the time of the first success of each operation, and of the last day: calls and items refused
type Firsts = Mapping[str, datetime]


@dataclass(frozen=True)
class Lately:
    """What a client did in the last seven days."""

    items: int = 0
    refused: int = 0
    days: int = 0  # on which it called
    asked_at: datetime | None = None  # when it last asked for changes


@dataclass(frozen=True)
class Step:
    """A step to a connection that works: what to do, where it is written, and when it is passed."""

    key: str
    says: Words
    how: Words
    passed: Callable[[Firsts, Lately, datetime], datetime | bool | None]


def _first(*operations: str) -> Callable[[Firsts, Lately, datetime], datetime | None]:
    def passed(firsts: Firsts, _lately: Lately, _at: datetime) -> datetime | None:
        return min((firsts[one] for one in operations if one in firsts), default=None)

    return passed


MOST_REFUSED = 0.01  # of the items of a week
_CURRENT = timedelta(days=2)
_WEEK = 5  # days of seven on which a system in use calls

STEPS: Sequence[Step] = (
    Step(
        "signed",
        Words("验签通过", "A signature was right"),
        Words(
            "按 signing.md 签名，任意接口返回 2xx",
            "sign as in signing.md; any call is answered 2xx",
        ),
        _first(*OPERATIONS),
    ),
    Step(
        "records",
        Words("登记办件", "Services are registered"),
        Words("调用 records、records/batch 或 records/file", "call records, its batch or its file"),
        _first("records", "records/batch", "records/file"),
    ),
    Step(
        "ratings",
        Words("评价有入口", "Citizens can rate"),
        Words(
            "提交评价，或取评价链接，或呼叫窗口平板", "hand in ratings, get links or call tablets"
        ),
        _first("evaluations", "evaluations/batch", "evaluations/file", "links", "calls"),
    ),
    Step(
        "outcomes",
        Words("看处理结果", "Outcomes are looked at"),
        Words(
            "调用 outcomes 或 status，处理被拒的评价",
            "call outcomes or status; mend what was refused",
        ),
        _first("outcomes", "status"),
    ),
    Step(
        "changes",
        Words("数据回流自查", "Own checks by data return"),
        Words("两天内调用过 changes 核对", "changes was asked for within two days"),
        lambda _firsts, lately, at: (
            lately.asked_at is not None and at - lately.asked_at < _CURRENT and lately.asked_at
        ),
    ),
    Step(
        "rotated",
        Words("演练密钥轮换", "A key was rotated"),
        Words("调用 key/rotate 换一次密钥", "call key/rotate once"),
        _first("key/rotate"),
    ),
    Step(
        "steady",
        Words("连续在用", "In steady use"),
        Words("近 7 天有 5 天以上调用", "calls on five of the last seven days"),
        lambda _firsts, lately, _at: lately.days >= _WEEK,
    ),
    Step(
        "clean",
        Words("拒收率低于 1%", "Fewer than 1 % refused"),
        Words("近 7 天被拒的条目不到 1%", "of the items of the last seven days"),
        lambda _firsts, lately, _at: (
            lately.items > 0 and lately.refused < MOST_REFUSED * lately.items
        ),
    ),
)


def checklist(firsts: Firsts, lately: Lately, at: datetime) -> Mapping[str, datetime | bool]:
    """Return the steps that are passed, by key, with when where there is a moment."""
    return {step.key: told for step in STEPS if (told := step.passed(firsts, lately, at))}
