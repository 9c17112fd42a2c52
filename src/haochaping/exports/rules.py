"""What may be exported, and how an export stands."""

from collections.abc import Mapping
from enum import StrEnum
from urllib.parse import parse_qsl, urlencode, urlsplit

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words

PART = 1024 * 1024  # bytes of a part
MOST_WAITING = 5  # exports of one person that are not done


class State(StrEnum):
    """How an export stands."""

    WAITS = "waits"
    RUNS = "runs"
    DONE = "done"
    FAILED = "failed"


STATES: Mapping[State, Words] = {
    State.WAITS: Words("排队中", "waits"),
    State.RUNS: Words("正在导出", "is made"),
    State.DONE: Words("已完成", "done"),
    State.FAILED: Words("未完成", "failed"),
}
OPEN = (State.WAITS, State.RUNS)
FORMS = ("csv", "xlsx", "pdf")
BROKEN = Words(
    "系统内部错误，已记录；请稍后重试。", "A fault of ours, written down; try again later."
)


class NoExport(Refusal):
    """Nothing can be exported from there."""

    code = "no_export"
    says = Words("该页面没有可导出的列表。", "There is no list to export on that page.")


class TooManyExports(Refusal):
    """A person's exports wait already."""

    status = 429
    code = "too_many_exports"
    says = Words(
        "您有 5 个导出任务尚未完成，请等它们完成后再导出。",
        "Five exports of yours are not done yet; wait for them.",
    )


def address(page: str, form: str) -> tuple[str, str]:
    """Return path and query of the list of a page, whatever part of it was seen; raises NoExport
    for what is no page of the office.
    """
    parts = urlsplit(page)
    if parts.scheme or parts.netloc or not parts.path.startswith(("/admin/", "/insight/")):
        raise NoExport
    if form not in FORMS:
        raise NoExport
    kept = [pair for pair in parse_qsl(parts.query) if pair[0] not in _OF_A_PAGE]
    return parts.path, urlencode(kept)


_OF_A_PAGE = {"as", "page", "before"}  # which part of the list was seen


TRAIL: Trail = {
    "export": Subject(
        Words("导出", "export"),
        {
            "export": Words("导出列表", "Exported a list"),
            "take": Words("导出并下载列表", "Took a list as a file"),
            "download": Words("下载导出文件", "Downloaded an export"),
        },
    )
}
