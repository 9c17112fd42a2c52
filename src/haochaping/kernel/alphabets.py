"""The alphabets of SMS (3GPP TS 23.038, SMPP 3.4 §5.2.19), by the coding byte and by evidence.

Carriers send UCS-2 under whatever coding byte their gateway was set to, so a reading that is no
text gives way to one that is.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping

_GSM = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENDED = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_ESCAPE = 0x1B


def gsm(raw: bytes) -> str:
    """Read unpacked septets of the GSM default alphabet with its extension; raises ValueError."""
    said, escaped = [], False
    for byte in raw:
        if escaped:
            said.append(_GSM_EXTENDED.get(byte, " "))
            escaped = False
        elif byte == _ESCAPE:
            escaped = True
        elif byte < len(_GSM):
            said.append(_GSM[byte])
        else:
            raise ValueError(byte)
    return "".join(said)


def _ucs2(raw: bytes) -> str:
    return raw.removeprefix(b"\xfe\xff").decode("utf-16-be")


_READERS: Mapping[int, Callable[[bytes], str]] = {
    0: gsm,
    1: lambda raw: raw.decode("ascii"),
    3: lambda raw: raw.decode("latin-1"),
    8: _ucs2,
    15: lambda raw: raw.decode("gb18030"),
}
_OTHERS = (_ucs2, lambda raw: raw.decode("utf-8"), lambda raw: raw.decode("gb18030"), gsm)


def _reader(coding: int) -> Callable[[bytes], str] | None:
    """Return what reads a coding byte; bits 2 and 3 name the alphabet where a class is given."""
    if coding in _READERS:
        return _READERS[coding]
    if coding & 0xC0 == 0 or coding & 0xF0 == 0xF0:  # noqa: PLR2004 - groups of TS 23.038 §4
        return {0: gsm, 8: _ucs2}.get(coding & 0x0C)
    return None


def decoded(raw: bytes, coding: int) -> str:
    """Return the text of a message, whatever its coding byte says."""
    first = _reader(coding)
    # plain letters in UCS-2 are Chinese the other way round: N is no 一
    wide = _chinese(raw, "utf-16-be") or ("" if _is_wide(raw) else _chinese(raw, "utf-16-le"))
    if first in (None, _ucs2) and not wide and _typed(raw):
        return raw.decode("ascii")  # plain letters whatever they are called: TD is no 呄
    if raw.startswith(b"\xff\xfe") or (first is _ucs2 and _is_wide(raw[1:] + raw[:1])):
        return wide or raw.removeprefix(b"\xff\xfe").decode("utf-16-le", "replace")
    if not wide and (narrow := _beyond_doubt(raw)):
        return narrow
    for read in (first, *_OTHERS):
        try:
            text = read(raw) if read else ""
        except ValueError:
            continue
        if text and _plausible(text) and not (read is not _ucs2 and _is_wide(raw)):
            strange = read in (gsm, _READERS[3]) and ("@" in text or not text.isascii())
            return wide if wide and (strange or read is _ucs2) else text
    try:
        return wide or (first or _READERS[3])(raw)
    except ValueError:
        return raw.decode("latin-1")


def _typed(raw: bytes) -> bool:
    """Say whether all bytes are printable ASCII, but for the ends of lines."""
    return bool(raw.strip()) and raw.isascii() and _LINES.sub("", raw.decode("ascii")).isprintable()


_LINES = re.compile("[\r\n]")
# what Chinese writing has beside its letters; in the GSM alphabet some of them are `0$` or ` &`
_SIGNS = re.compile("[\u2014\u2018-\u201d\u2026\u3000-\u3017]")
_WIDE = re.compile("[\uff01-\uff5e]")


def _chinese(raw: bytes, order: str) -> str:
    """Return the reading in UCS-2 where it is everyday Chinese (GB 2312) beyond doubt, else "":
    letters of Chinese, full-width ones, or its signs beside plain digits and letters.
    """
    try:
        text = raw.decode(order).removeprefix("\ufeff")
        text.encode("gb2312")
    except ValueError:
        return ""
    everyday = any(0x4E00 <= ord(letter) <= 0x9FFF for letter in text) or bool(  # noqa: PLR2004
        _WIDE.search(text) or (_SIGNS.search(text) and 0 in raw)
    )
    return text if everyday and _LINES.sub("", text).isprintable() else ""


def _beyond_doubt(raw: bytes) -> str:
    """Return the reading in UTF-8 or GB 2312 where the bytes can hardly be anything else, else "":
    UTF-8 has a form of its own, and no Latin word has two accents in a row all along.
    """
    for encoding in ("utf-8", "gb2312"):
        try:
            text = raw.decode(encoding)
        except ValueError:
            continue
        if any(letter >= "\u2e80" for letter in text) and _plausible(text):
            return text
    return ""


def _is_wide(raw: bytes) -> bool:
    """Say whether every other byte is 0: plain digits and letters in UCS-2."""
    return bool(raw) and len(raw) % 2 == 0 and not any(raw[::2]) and any(raw[1::2])


def _plausible(text: str) -> bool:
    """Say whether a reading is text: letters, digits, signs and white space of people's writing."""
    return all(
        # CR fills up the last octet of seven-bit texts (TS 23.038 §6.1.2.3)
        character in "\n\r\t\u200b\ufeff" or _usual(character)
        for character in text
    )


def _usual(character: str) -> bool:
    kind = unicodedata.category(character)
    if kind in ("Cc", "Cn", "Cs", "Co"):
        return False
    if character < "\u2e80":
        # Greek capitals are what control bytes become in the GSM alphabet
        return not "\u0370" <= character < "\u0590"
    try:
        character.encode("gb18030")
    except UnicodeEncodeError:
        return False
    return character < "\ua000" or "\uf900" <= character <= "\uffef" or character > "\uffff"
