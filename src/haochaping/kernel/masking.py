"""Masking of personal data on every read path. A reveal is a separate, audited step."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from haochaping.kernel.numbers import plain
from haochaping.kernel.personal import Personal, find


def mask_text(text: str, names: Iterable[str] = ()) -> str:
    """Return free text with what is personal in it masked, and these names of people."""
    parts, last = [], 0
    for one in find(text):
        parts += [text[last : one.start], _MASKS[one.kind](text[one.start : one.end])]
        last = one.end
    text = "".join([*parts, text[last:]])
    for name in filter(None, map(_name_form, names)):
        text = name.sub(lambda found: mask_name(_WHITE.sub("", found[0])), text)
    return text


_WHITE = re.compile(r"\s+")


@lru_cache(1024)
def _name_form(name: str) -> re.Pattern[str] | None:
    """Return what finds a name however it is spaced; None for one of a single letter."""
    letters = _WHITE.sub("", plain(name))
    if len(letters) < 2:  # noqa: PLR2004 - a letter alone is anybody's
        return None
    between = r"[\s·]*" if letters[0] >= "\u2e80" else r"\s*"
    return re.compile(between.join(map(re.escape, letters)))


def _digits(text: str) -> str:
    """Return the letters and digits of a number, whatever parts them."""
    return "".join(letter for letter in text if letter.isalnum())


def _mail(text: str) -> str:
    return "***@" + re.split("[@＠]", text, maxsplit=1)[1]


def _landline(text: str) -> str:
    number = _digits(text)
    return f"{number[:-8]}****{number[-4:]}"


def _plate(text: str) -> str:
    letters = _digits(text)
    return f"{letters[:2]}***{letters[5:]}"


def mask_name(name: str | None) -> str:
    """Return the surname and stars: 张＊＊."""
    return name[0] + "＊" * max(len(name) - 1, 1) if name else ""


def mask_phone(phone: str | None) -> str:
    """Return 138****1234."""
    return f"{phone[:3]}****{phone[-4:]}" if phone and len(phone) >= 7 else "****" if phone else ""  # noqa: PLR2004 - the shape of a phone number


def mask_number(number: str) -> str:
    """Return a case number with its middle hidden: 3207****1823."""
    return f"{number[:4]}****{number[-4:]}" if len(number) > 8 else number  # noqa: PLR2004 - four at each end


_MASKS: Mapping[Personal, Callable[[str], str]] = {
    Personal.ID: lambda text: f"{(number := _digits(text))[:6]}********{number[-4:]}",
    Personal.PHONE: lambda text: f"{(number := _digits(text)[-11:])[:3]}****{number[-4:]}",
    Personal.LANDLINE: _landline,
    Personal.CARD: lambda text: f"{(number := _digits(text))[:4]}********{number[-4:]}",
    Personal.PLATE: _plate,
    Personal.MAIL: _mail,
    Personal.NAME: mask_name,
}
