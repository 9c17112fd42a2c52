"""字典: every code that the platform uses, what it means, and where it is changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_GET

from haochaping.directory.rules import TASKS
from haochaping.evaluations.rules import CHANNELS
from haochaping.identity.queries import OfficeRequest
from haochaping.identity.rules import ROLES, Right
from haochaping.indicators.rules import LEVELS
from haochaping.kernel import downloads, pages
from haochaping.kernel.tables import Column, Line, Table
from haochaping.kernel.words import Words
from haochaping.notifications.rules import STATES as MESSAGES
from haochaping.orders.rules import SIDES, STATES
from haochaping.screening.rules import CATEGORIES, REASONS


@dataclass(frozen=True)
class Dictionary:
    """A table of codes: its name, who decides on it, and its codes."""

    key: str
    title: Words
    whose: Words
    codes: Sequence[tuple[str, Words]]


def _codes[C](table: Mapping[C, Words]) -> list[tuple[str, Words]]:
    return [(str(getattr(code, "value", code)), says) for code, says in table.items()]


_STANDARD = Words("国家标准，不可修改", "The national standard: it does not change")
_OURS = Words("平台规则，随版本更新", "The platform's rules: they change with a version")
DICTIONARIES: Sequence[Dictionary] = (
    Dictionary("levels", Words("评价等级", "Levels"), _STANDARD, _codes(LEVELS)),
    Dictionary("channels", Words("评价渠道", "Channels"), _STANDARD, _codes(CHANNELS)),
    Dictionary("task_types", Words("事项类型", "Kinds of items"), _STANDARD, _codes(TASKS)),
    Dictionary("orders", Words("工单状态", "States of orders"), _OURS, _codes(STATES)),
    Dictionary("sides", Words("工单并行事项", "Beside an order"), _OURS, _codes(SIDES)),
    Dictionary("holds", Words("异常原因", "Why a rating is held"), _OURS, _codes(REASONS)),
    Dictionary("words", Words("敏感词类别", "Kinds of words"), _OURS, _codes(CATEGORIES)),
    Dictionary("messages", Words("短信状态", "States of messages"), _OURS, _codes(MESSAGES)),
    Dictionary(
        "roles", Words("角色", "Roles"), _OURS, [(key, one.title) for key, one in ROLES.items()]
    ),
)
# what people keep themselves: where, and who may look at it
KEPT: Sequence[tuple[Words, str, Right]] = (
    (Words("评价指标", "Indicators"), "indicators:catalogue", Right.SEE_DIRECTORY),
    (Words("差评原因词表", "Words of reasons"), "problems:reasons", Right.SEE_ORDERS),
    (Words("敏感词", "Sensitive words"), "screening:words", Right.SCREEN),
    (Words("常用语", "Texts"), "texts:list", Right.HANDLE),
    (Words("短信正文", "Texts of messages"), "notifications:templates", Right.SEE_MESSAGES),
    (Words("工作日历", "Working days"), "calendar:year", Right.SEE_ORDERS),
    (Words("处置规则", "Policies"), "policies:list", Right.SEE_ORDERS),
)


@require_GET
def dictionaries(request: OfficeRequest) -> HttpResponseBase:
    """Show every table of codes, or those that hold a word; as a file if asked for."""
    search = request.GET.get("search", "").strip()[:40]
    found = [
        (one, codes)
        for one in DICTIONARIES
        if (codes := [code for code in one.codes if _fits(code, search)])
    ]
    if downloads.wanted(request):
        lines = (
            Line((pages.say(one.title), code, says.zh, says.en))
            for one, codes in found
            for code, says in codes
        )
        return downloads.answer(request, Table("dictionaries", _TITLE, _COLUMNS, lines))
    rights = request.person.rights
    kept = [(says, reverse(route)) for says, route, right in KEPT if right in rights]
    return pages.render(request, "console/dictionaries.html", found=found, search=search, kept=kept)


def _fits(code: tuple[str, Words], search: str) -> bool:
    return not search or search in code[0] or search in code[1].zh or search in code[1].en


_TITLE = Words("字典", "Dictionaries")
_COLUMNS = (
    Column(Words("字典", "Table")),
    Column(Words("代码", "Code")),
    Column(Words("中文", "Chinese")),
    Column(Words("英文", "English")),
)
