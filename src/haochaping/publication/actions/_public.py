"""What is said in public, and stays: reasons."""

from haochaping.kernel import personal
from haochaping.kernel.words import Words
from haochaping.publication import rules

_LONGEST = 300  # characters


class NoReason(rules.NotYet):
    """A withdrawal or a correction says why, for everybody to read."""

    status = 422
    code = "no_reason"
    says = Words("请写明理由，理由会公开。", "Say why: the reason is published.")


class Personal(rules.Unfit):
    """A text holds personal data."""

    code = "personal_data"
    says = Words(
        "文字中疑似有个人信息（姓名、电话、证件号、车牌等），请改写后再提交。",
        "The text seems to hold personal data (a name, a number, a plate): write it differently.",
    )


def reason_of(text: str, *, needed: bool = True) -> str:
    """Return a reason as it is published and cannot be taken back; raises NoReason, or Personal
    where it tells who somebody is.
    """
    told = text.strip()[:_LONGEST]
    if needed and not told:
        raise NoReason
    if personal.is_in(told):
        raise Personal
    return told
