"""Reading numbers and identifiers that people, spreadsheets and systems send."""

import re
import unicodedata
from collections.abc import Iterable

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


_CODE = re.compile(r"[0-9A-Za-z][\x21-\x7e]*")
# what a spreadsheet shows of a number whose last digits it has lost
_ROUNDED = re.compile(r"\d(\.\d+)?[Ee][+-]\d+|\d{15,}\.\d+")


def identifier(text: str) -> str | None:
    """Return a number or code that names something, as every door keeps it; None where it is none.

    Every character is kept but white space around it, a spreadsheet's leading apostrophe, marks
    that nobody sees, and the width of full-width signs. None is a number that a spreadsheet has
    rounded (2.02611E+19), and what holds white space or control characters inside.
    """
    if text.isascii() and text.isalnum():
        return text  # known in no time, and what most are
    if not _CODE.fullmatch(text):
        text = plain(text).removeprefix("'").strip()
        if not text.isprintable() or " " in text:
            return None
    return None if rounded(text) else text


def rounded(text: str) -> bool:
    """Say whether a spreadsheet has rounded a number, so that its last digits are lost."""
    return _ROUNDED.fullmatch(text.strip()) is not None


_MOBILE = re.compile(r"(?:(?:\+|00)?86)?(1[3-9]\d{9})")
_LANDLINE = re.compile(r"(?:(?:\+|00)?86)?(0\d{2,3}\d{7,8})")
_LANDLINE_OF_CHINA = re.compile(r"(?:\+|00)86([1-9]\d{1,2}\d{7,8})")
_SHORT = re.compile(r"[48]00\d{7}|\d{7,8}|1\d{4}")
_BETWEEN = re.compile(r"[\s\-\u2010-\u2015()（）]")


def phone(text: str) -> str | None:
    """Return a phone number of China as one identity, however it was written; None when it is none.

    A mobile number is its eleven digits, a landline its area code and number (`051885800000`);
    prefixes of the country, white space, hyphens and full-width digits go. Two numbers in one field
    are none. Empty stays empty.
    """
    digits = _BETWEEN.sub("", plain(text))
    for form in (_MOBILE, _LANDLINE):
        if found := form.fullmatch(digits):
            return found[1]
    if found := _LANDLINE_OF_CHINA.fullmatch(digits):
        return f"0{found[1]}"
    return digits if not digits or _SHORT.fullmatch(digits) else None


def is_mobile(number: str) -> bool:
    """Say whether a number as `phone` returns it can be sent an SMS."""
    return _MOBILE.fullmatch(number) is not None
