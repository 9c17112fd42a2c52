"""Refusals: what a person or a system is told when something cannot be done.

Anything else that is raised is a bug.
"""

from datetime import timedelta

from haochaping.kernel.words import Words


class Refusal(Exception):
    """I could not, because… `says` tells why and what to do; `status` is the HTTP status.

    `code` is stable.
    """

    status = 422
    code = "refused"
    says = Words("请求无法处理。", "The request could not be carried out.")
    region: int | None = None  # that was touched, where that is known: the audit trail names it

    def __init__(
        self, says: Words | None = None, *, code: str | None = None, field: str | None = None
    ) -> None:
        self.says = says or self.says
        self.code = code or self.code
        self.field = field
        super().__init__(self.says.en)

    def __reduce__(self) -> tuple[object, ...]:
        """Be told from one process to another as it is."""
        return type(self), (self.says,), {"code": self.code, "field": self.field}

    def problem(self) -> dict[str, object]:
        """Return the RFC 9457 problem document with a Chinese and an English sentence."""
        document: dict[str, object] = {
            "type": f"urn:haochaping:problem:{self.code}",
            "title": self.says.en,
            "status": self.status,
            "code": self.code,
            "detail": self.says.en,
            "detail_zh": self.says.zh,
        }
        if self.field:
            document["field"] = self.field
        return document


class NotStorable(Refusal):
    """A text holds a character that neither PostgreSQL nor UTF-8 can hold."""

    code = "bad_text"
    says = Words(
        "输入含有不允许的字符，请重新输入。",
        "The input holds characters that are not allowed; type it again.",
    )


class NothingChosen(Refusal):
    """No place was ticked."""

    code = "nothing_chosen"
    says = Words("请先勾选至少一项。", "Tick at least one.")


class NotAllowed(Refusal):
    """The person may not do this, or not here."""

    status = 403
    code = "not_allowed"
    says = Words(
        "您没有此项权限，如有需要请联系本单位管理员。",
        "You may not do this; ask your administrator for the right.",
    )


class NotFound(Refusal):
    """There is no such thing within reach."""

    status = 404
    code = "not_found"
    says = Words(
        "没有找到，可能已被移走或不在您的管理范围。",
        "Not found: it may have moved, or lie outside your scope.",
    )


class Unauthorised(Refusal):
    """The caller could not be identified."""

    status = 401
    code = "unauthorised"


class Conflict(Refusal):
    """Somebody or something was there first."""

    status = 409
    code = "conflict"


class TooBusy(Refusal):
    """The platform sheds load rather than collapse; try again after a moment."""

    status = 503
    code = "too_busy"
    says = Words(
        "系统繁忙，请稍后再试，您的数据未丢失。",
        "The platform is busy; try again in a moment, nothing was lost.",
    )


class TooOften(Refusal):
    """A limit was reached; the sentence says when to try again."""

    status = 429
    code = "too_often"

    def __init__(self, wait: timedelta) -> None:
        self.seconds = max(1, int(wait.total_seconds()))
        # minutes read better from a minute and a half on
        if self.seconds > 90:  # noqa: PLR2004
            wait_for = Words(f"{-(-self.seconds // 60)} 分钟", f"{-(-self.seconds // 60)} minutes")
        else:
            wait_for = Words(f"{self.seconds} 秒", f"{self.seconds} seconds")
        super().__init__(
            Words(
                f"操作过于频繁，请 {wait_for.zh}后再试。", f"Too often; try again in {wait_for.en}."
            )
        )
