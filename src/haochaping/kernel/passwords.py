"""What a password must have where 等保三级 (GB/T 22239-2019 8.1.4.1) asks for more than length."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import get_language

from haochaping.kernel.words import Words

_FEWEST = 3
_SAYS = Words(
    "密码须含大写字母、小写字母、数字、符号中的至少三种。",
    "A password has at least three of: capitals, small letters, digits, other signs.",
)


class Kinds:
    """A validator of Django's: three of four kinds of characters."""

    def validate(self, password: str, user: Any = None) -> None:  # noqa: ARG002 - as Django asks
        """Raise ValidationError where there are too few kinds."""
        kinds = {
            "upper" if one.isupper() else "lower" if one.islower() else
            "digit" if one.isdigit() else "other"
            for one in password
        }  # fmt: skip
        if len(kinds) < _FEWEST:
            raise ValidationError(self.get_help_text())

    def get_help_text(self) -> str:
        """Return the rule in the language of the page."""
        return _SAYS.en if get_language() == "en" else _SAYS.zh
