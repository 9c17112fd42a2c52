"""Reading numbers and identifiers that people, spreadsheets and systems send."""

import re
import unicodedata
from collections.abc import Iterable

from haochaping.kernel.words import chinese

ID, KEY = 9, 18  # digits of an id in a small table, and of a fact's key or a feed's number


def whole(text: str | None, *, digits: int = ID) -> int | None:
    """Return the whole number that a text of ASCII digits holds.

    None when it holds none, or one of more digits than asked for. A sign, a space or a digit of
    another script makes it no number.
    """
    if not text or len(text) > digits or not (text.isascii() and text.isdigit()):
        return None
    return int(text)


def wholes(texts: Iterable[str], *, digits: int = ID) -> list[int]:
    """Return the whole numbers among texts, such as the ticked boxes of a form."""
    found = (whole(text, digits=digits) for text in texts)
    return [number for number in found if number is not None]


_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff]")


def plain(text: str) -> str:
    """Return a text as it was meant to be typed: half-width, without marks that nobody sees, and
    without white space around it.
    """
    if text.isascii():
        return text.strip()
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).strip()


def half_width(text: str) -> str:
    """Return a text with the full-width forms of ASCII (and the wide space) as ASCII."""
    return text if text.isascii() else text.translate(_FULL_WIDTH)


_FULL_WIDTH = {0xFF01 + place: 0x21 + place for place in range(94)} | {0x3000: 0x20}

_YES = frozenset(("1", "true", "y", "yes", chinese("是")))
_NO = frozenset(("", "0", "false", "n", "no", chinese("否")))


def flag(text: str) -> bool | None:
    """Return yes or no as systems and spreadsheets write it (1, 01, 1.0, TRUE, 是); nothing is no,
    and None is neither.
    """
    said = plain(text).casefold().removesuffix(".0")
    said = said.lstrip("0") or said[:1]
    return True if said in _YES else False if said in _NO else None


_CODE = re.compile(r"[0-9A-Za-z][\x21-\x7e]*")
# what spreadsheets and their libraries make of a number whose last digits are lost, or of none
_ROUNDED = re.compile(
    r"[+-]?\d+[.,]\d*[Ee][+-]?\d+|[+-]?\d+[Ee][+-]\d+|(?=[\d.,]{17,})\d+[.,]\d+|\d{3,}[.,]0+|"
    r"\d{4}-\d\d-\d\d|\d\d:\d\d(?::\d\d)?|\d{1,3}(?:,\d{3})+|"  # 3-1 became a day, 1-30 a time
    r"#(?:N/A|REF!|VALUE!|NAME\?|NUM!|DIV/0!|NULL!|SPILL!|CALC!|GETTING_DATA|FIELD!|BLOCKED!|#+)",
    re.ASCII,
)
_QUOTED = re.compile(r'="([^"]*)"')  # how a CSV has a spreadsheet keep a number as text


def identifier(text: str) -> str | None:
    """Return a number or code that names something, as every door keeps it; None where it is none.

    Every character is kept but white space around it, a spreadsheet's leading apostrophe or
    `="…"`, marks that nobody sees, and the width of full-width signs: ① is no 1. None is a number
    that a spreadsheet has rounded (2.02611E+19) or grouped, a day or time that it made of a code
    (3-1), its own errors (#N/A), and what holds white space or control characters inside.
    """
    if text.isascii() and text.isalnum():
        return text  # known in no time, and what most are
    if not _CODE.fullmatch(text):
        text = half_width(_INVISIBLE.sub("", text)).strip().removeprefix("'").strip()
        text = quoted[1].strip() if (quoted := _QUOTED.fullmatch(text)) else text
        if not text.isprintable() or " " in text:
            return None
    return None if rounded(text) else text


def rounded(text: str) -> bool:
    """Say whether a spreadsheet has rounded a number, so that its last digits are lost, or made
    something else of a code.
    """
    return _ROUNDED.fullmatch(text.strip()) is not None


# some exchanges dial a 0 before a mobile of elsewhere
_MOBILE = re.compile(r"(?:(?:\+|00)?86)?0?(1[3-9]\d{9})", re.ASCII)
_LANDLINE = re.compile(r"(?:(?:\+|00)?86)?(0(?:10|2\d|[3-9]\d{2})\d{7,8})", re.ASCII)
_LANDLINE_OF_CHINA = re.compile(r"(?:\+|00)86((?:10|2\d|[3-9]\d{2})\d{7,8})", re.ASCII)
_SHORT = re.compile(r"[48]00\d{7}|\d{7,8}|1\d{4}", re.ASCII)
_MOBILE_DIGITS = 11
_BETWEEN = re.compile(r"[\s\-\u2010-\u2015()（）]")


def phone(text: str) -> str | None:
    """Return a phone number of China as one identity, however it was written; None when it is none.

    A mobile number is its eleven digits, a landline its area code and number (`051885800000`);
    prefixes of the country, white space, hyphens and full-width digits go. Two numbers in one field
    are none. Empty stays empty.
    """
    digits = _BETWEEN.sub("", plain(text).removeprefix("'"))
    for form in (_MOBILE, _LANDLINE):
        if found := form.fullmatch(digits):
            return found[1]
    if found := _LANDLINE_OF_CHINA.fullmatch(digits):
        return f"0{found[1]}"
    return digits if not digits or _SHORT.fullmatch(digits) else None


def is_mobile(number: str) -> bool:
    """Say whether a number as `phone` returns it can be sent an SMS."""
    return len(number) == _MOBILE_DIGITS and _MOBILE.fullmatch(number) is not None
