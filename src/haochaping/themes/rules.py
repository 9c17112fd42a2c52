"""What themes are, and which step of a package is weak."""

from collections.abc import Mapping
from enum import StrEnum

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words


class Kind(StrEnum):
    """What a set of items is."""

    BUSINESS = "business"
    PACKAGE = "package"


KINDS: Mapping[Kind, Words] = {
    Kind.BUSINESS: Words("营商环境", "Business environment"),
    Kind.PACKAGE: Words("一件事", "One-thing package"),
}


class BadTheme(Refusal):
    """A theme lacks its name or its items."""

    code = "incomplete"
    says = Words(
        "请填写名称，并至少选择一个事项；名称不能与已有的相同。",
        "Give a name that is not taken, and choose at least one item.",
    )


TRAIL: Trail = {
    "theme": Subject(
        Words("主题", "theme"),
        {"keep": Words("保存主题", "Kept a theme"), "retire": Words("停用主题", "Retired a theme")},
    )
}
