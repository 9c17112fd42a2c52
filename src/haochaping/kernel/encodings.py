"""Which encoding a text file is in, by evidence; what is not certain is refused.

A file in UTF-8 with one broken byte is still in UTF-8: read as GB18030 it would be nonsense that
looks like Chinese.
"""

import codecs
import io
import re
from dataclasses import dataclass
from functools import cache
from typing import IO

from haochaping.kernel.words import Words

_BEYOND = bytes(range(128, 256))  # what is no ASCII
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PLAUSIBLE = (
    0.8  # share of a Chinese text that is in GB 2312, with rare names and symbols beside it
)


class NotText(Exception):
    """The bytes are no text whose encoding is certain."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.says = Words(zh, en)


@dataclass
class _Evidence:
    """What was counted: bytes beyond ASCII, and how many of them each encoding can read."""

    beyond: int = 0
    utf8: int = 0
    common: int = 0  # characters of GB 2312
    rare: int = 0  # other characters of GB18030, and bytes that it cannot read
    nul: bool = False


def decoded(file: IO[bytes], *, longest_line: int) -> io.TextIOWrapper:
    """Return the text of a file, whose bytes that fit nothing are lone surrogates (PEP 383).

    Reads it once through before. Raises NotText where the encoding is not certain, or a line is
    longer than may be.
    """
    begins = file.read(4)
    file.seek(0)
    encoding = next((name for mark, name in _MARKS if begins.startswith(mark)), "")
    found = _evidence(file, longest_line, wide=encoding == "utf-16")
    file.seek(0)
    encoding = encoding or _judged(found)
    # the codec of UTF-16 cannot keep what it cannot read: it puts U+FFFD in its place
    errors = "replace" if encoding == "utf-16" else "surrogateescape"
    return io.TextIOWrapper(file, encoding, errors=errors, newline="")


def _evidence(file: IO[bytes], longest_line: int, *, wide: bool) -> _Evidence:
    """Count what speaks for each encoding; of what has said its own, look at the lines alone."""
    found, number = _Evidence(), 0
    while line := file.readline(longest_line + 1):
        number += 1
        if len(line) > longest_line:
            raise NotText(
                f"第 {number} 行超过 {longest_line // 1024} KB，不像表格。",
                f"Line {number} is longer than {longest_line // 1024} KB: no table.",
            )
        if wide:
            continue
        if line.isascii():
            found.nul |= b"\0" in line
            continue
        beyond = len(line) - len(line.translate(None, _BEYOND))
        found.beyond += beyond
        readable = line.decode("utf-8", "ignore")
        sure = sum(len(letter.encode()) for letter in _beyond_doubt(readable))
        found.utf8 += sure
        if sure < beyond:
            letters = [one for one in line.decode("gb18030", "surrogateescape") if one > "\x7f"]
            common = sum(map(_in_gb2312, letters))
            found.common, found.rare = found.common + common, found.rare + len(letters) - common
    if found.nul:
        raise NotText(
            "文件含有空字符（NUL），不是 CSV 文本；请另存为 UTF-8 的 CSV。",
            "The file holds NUL characters: no CSV; save it as CSV in UTF-8.",
        )
    return found


_TWO_BYTES = re.compile("[\u0080-\u07ff]")
_IN_A_WORD = re.compile("(?<=[A-Za-z])[\u0080-\u024f]|[\u0080-\u024f](?=[A-Za-z])")


def _beyond_doubt(text: str) -> str:
    """Return the letters that speak for UTF-8: those of three bytes and more, and accents within
    Latin words. Others of two bytes may be Chinese in GB 2312 as well: 小学 is Сѧ.
    """
    return _TWO_BYTES.sub("", _ASCII.sub("", text)) + "".join(_IN_A_WORD.findall(text))


_ASCII = re.compile("[\0-\x7f]+")


def is_gbk(text: str) -> bool:
    """Say whether a text that was read as UTF-8 is in GB 2312 after all: all that it holds beyond
    ASCII are letters that no Chinese text has, whose bytes are everyday Chinese.
    """
    strange = "".join(_TWO_BYTES.findall(text))
    if not strange or _beyond_doubt(text):
        return False
    try:
        strange.encode().decode("gb2312")
    except UnicodeError:
        return False
    return True


@cache
def _in_gb2312(letter: str) -> bool:
    try:
        letter.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _judged(found: _Evidence) -> str:
    if not found.beyond or found.utf8 > found.beyond / 2:
        return "utf-8"
    if found.common >= _PLAUSIBLE * (found.common + found.rare):
        return "gb18030"
    raise NotText(
        "无法确定文件编码（既不像 UTF-8 也不像 GB18030）；请在 Excel 中另存为“CSV UTF-8”。",
        "The encoding is not certain (neither UTF-8 nor GB18030); save it as CSV in UTF-8.",
    )


def is_utf8(text: str) -> bool:
    """Say whether a text that was read as GB18030 is UTF-8 after all: its bytes are, and Chinese.

    So it is with a line of another file among those of one in GB18030.
    """
    if text.isascii():
        return False
    try:
        again = text.encode("gb18030").decode("utf-8")
    except UnicodeError:
        return False
    return all(letter < "\x80" or letter >= _CHINESE for letter in again)


_CHINESE = "\u2e80"  # where the blocks of Chinese signs and punctuation begin
