"""What an account, a post and a password must be, and how often one may fail to sign in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from haochaping.identity.rules.rights import ROLES
from haochaping.kernel.addresses import networks as read_networks
from haochaping.kernel.errors import Refusal
from haochaping.kernel.numbers import whole
from haochaping.kernel.words import Words
from haochaping.regions.rules import Level, level_of

# of the accounts of every demonstration; it opens nothing where there is none
DEMO_PASSWORD = "haochaping-demo"  # noqa: S105 - printed on the screen


class BadPost(Refusal):
    """No such account or post can be made."""

    status = 422
    code = "bad_post"
    taken = Words("账号已存在。", "The account exists already.")
    over = Words(
        "有效期须是今天或以后的日期，例如 2027-06-30；长期有效请留空。",
        "The last day is today or later, as 2027-06-30; leave it empty where it holds for good.",
    )
    unknown = Words(
        "部门或窗口不存在，请先在基础配置中维护。",
        "The department or window is unknown; enter it in the directory first.",
    )
    elsewhere = Words(
        "地区不存在，或部门、窗口不在所选地区内。",
        "The place is unknown, or the department or window lies outside it.",
    )


class BadPassword(Refusal):
    """A password is wrong, or will not do."""

    status = 422
    code = "bad_password"
    wrong = Words("当前密码不正确。", "The current password is wrong.")
    differs = Words("两次输入的新密码不一致。", "The new passwords differ.")
    same = Words("新密码不能与当前密码相同。", "The new password is the old one.")


def too_old(since: datetime, days: int | None, at: datetime) -> bool:
    """Say whether a password must be renewed: it holds for so many days, or for good (None)."""
    return days is not None and at - since > timedelta(days=days)


TEMPORARY_DAYS = 3  # in which a temporary password is to be used


class TemporaryOver(Refusal):
    """A temporary password was not used in time."""

    status = 422
    code = "temporary_over"
    says = Words(
        f"临时密码已超过 {TEMPORARY_DAYS} 天未用，已失效；请管理员重新重置。",
        f"This temporary password was not used within {TEMPORARY_DAYS} days: have it reset again.",
    )


class BadClient(Refusal):
    """No such client system can be made."""

    status = 422
    code = "bad_client"
    name_missing = Words("请填写系统名称和算法。", "Give a name and an algorithm.")
    name_taken = Words("系统名称已存在，请轮换它的密钥。", "The name is taken: rotate its key.")
    department = Words("有无效的统一社会信用代码。", "A credit code is not valid.")
    networks = Words(
        "来源地址写成 10.1.2.3 或 10.1.2.0/24，多个用空格或逗号分隔。",
        "Write addresses as 10.1.2.3 or 10.1.2.0/24, separated by spaces or commas.",
    )
    per_minute = Words(
        "每分钟调用上限为 1 到 600000 的整数；不填按平台默认。",
        "Calls a minute: a whole number from 1 to 600000; empty is the site's own limit.",
    )


_MOST_PER_MINUTE = 600_000


def client_limits(networks: str, per_minute: str) -> tuple[list[str], int | None]:
    """Read from which networks a client may call and how often; raises BadClient."""
    try:
        listed = [str(one) for one in read_networks(networks.replace("，", ",").replace(" ", ","))]
    except ValueError:
        raise BadClient(BadClient.networks, field="networks") from None
    number = whole(per_minute.strip()) if per_minute.strip() else None
    if per_minute.strip() and not 1 <= (number or 0) <= _MOST_PER_MINUTE:
        raise BadClient(BadClient.per_minute, field="per_minute")
    return listed, number


_ACCOUNT = re.compile(r"[A-Za-z0-9_.@-]{3,60}")
_OF_A_DEPARTMENT, _LEVELS = {"handler"}, {"province": Level.PROVINCE, "city": Level.CITY}


def wrong_post(
    account: str,
    name: str,
    role: str,
    region: int,
    department_id: int | None,
    window_id: int | None,
) -> Words | None:
    """Say what is wrong with an account and post, if anything."""
    if not _ACCOUNT.fullmatch(account):
        return Words(
            "账号为 3 至 60 位字母、数字或 _ . @ -。",
            "An account is 3 to 60 letters, digits or _ . @ -.",
        )
    if not name or role not in ROLES or role == "hotline":
        return Words("请填写姓名并选择角色。", "Give a name and choose a role.")
    if role in _LEVELS and level_of(region) is not _LEVELS[role]:
        return Words("该角色只能设在本级地区。", "That role belongs to a place of its level.")
    if (role in _OF_A_DEPARTMENT) != (department_id is not None):
        return Words(
            "部门经办须填写部门，其他角色不填。", "A handler has a department, nobody else has."
        )
    if (role == "clerk") != (window_id is not None):
        return Words("窗口人员须填写窗口，其他角色不填。", "A clerk has a window, nobody else.")
    return None


@dataclass(frozen=True)
class Failures:
    """Failed sign-ins of the last day: of the account from this address, of the account from
    anywhere, and of whoever from this address (moment and account).
    """

    here: Sequence[datetime]
    account: Sequence[datetime]
    address: Sequence[tuple[datetime, str]]


_TRIES = 5  # trust design §5.5
_SPRAYED = 30  # failures from one address within a quarter of an hour, over several accounts
_ACCOUNTS = 8
_QUARTER = 900  # seconds
_WORN = 50  # failures of an account a day, from anywhere, after which it is tried once a minute


def sign_in_wait(failures: Failures, at: datetime) -> int:
    """Return for how many seconds sign-in is closed after these failures.

    Account and address together: five are open, then 15 minutes doubling to a day. An address from
    which many accounts are tried is closed for a quarter of an hour. An account that is tried from
    everywhere only slows down, so that no stranger locks its owner out.
    """
    waits = [0.0]
    if len(failures.here) >= _TRIES:
        closed_for = min(_QUARTER * 2 ** (len(failures.here) - _TRIES), 86400)
        waits.append(closed_for - (at - max(failures.here)).total_seconds())
    recent = [one for one in failures.address if (at - one[0]).total_seconds() < _QUARTER]
    if len(recent) >= _SPRAYED and len({account for _, account in recent}) >= _ACCOUNTS:
        waits.append(_QUARTER - (at - max(moment for moment, _ in recent)).total_seconds())
    if len(failures.account) >= _WORN:
        waits.append(60 - (at - max(failures.account)).total_seconds())
    return int(max(waits))
