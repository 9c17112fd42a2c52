"""Personal data in free text: where it stands, and which kind it is.

Numbers count only with their check digit (GB 11643, Luhn) or a word beside them that says what they
are, so that case and order numbers stay readable. Digits may be full-width or Chinese, and parted
by spaces or hyphens (text design §6).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Personal(StrEnum):
    """A kind of personal data."""

    ID = "id"  # 身份证号
    PHONE = "phone"
    LANDLINE = "landline"
    CARD = "card"  # 银行卡号
    PLATE = "plate"  # 车牌
    MAIL = "mail"
    NAME = "name"


@dataclass(frozen=True)
class Found:
    """Where something personal stands: text[start:end]."""

    kind: Personal
    start: int
    end: int


_WIDE = str.maketrans("０１２３４５６７８９Ｘｘ－　＠．", "0123456789Xx- @.")
_SPOKEN = str.maketrans("〇零一幺二三四五六七八九", "001123456789")
_SPOKEN_RUN = re.compile("[〇零一幺二三四五六七八九]{11,18}")
_GAP = r"[ \-·./\u2010-\u2015]?"
_ID = re.compile(rf"(?<![\dA-Za-z])\d{{6}}{_GAP}\d{{8}}{_GAP}\d{{3}}[\dXx](?![\dA-Za-z])")
# a letter before it makes it part of a code, but for the end of a word that says what it is
_ALONE = r"(?:(?<![\d.A-Za-z])|(?<=[Tt][Ee][Ll])|(?<=[Hh]one)|(?<=obile)|(?<=[VvWw][Xx]))"
_EACH = r"[ \-·.]"  # between all of its digits
_PHONE = re.compile(
    rf"{_ALONE}(?:(?:(?:\+|00)?86{_GAP})?1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}"
    rf"|1{_EACH}[3-9](?:{_EACH}\d){{9}})(?![\dA-Za-z])"
)
_LANDLINE = re.compile(r"(?<![\dA-Za-z-])0\d{2,3}[ -]?[2-9]\d{6,7}(?![\dA-Za-z])")
_CARD = re.compile(
    r"(?<![\dA-Za-z])\d{4}(?:[ -]?\d{4}){2}[ -]?\d{4}(?:[ -]?\d{1,3})?(?![\dA-Za-z])"
)
_PLATE = re.compile(
    "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Za-hj-np-z][·. ]?"
    "(?:[A-HJ-NP-Za-hj-np-z0-9]{4}[挂学警港澳]|[A-HJ-NP-Za-hj-np-z0-9]{5,6})(?![A-Za-z0-9])"
)
_MAIL = re.compile(r"[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任"
    "沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严武戴莫孔向汤"
)
_GIVEN = "[\u4e00-\u9fa5]{1,2}?"
_NAME = re.compile(
    rf"(?:我叫|我是|本人|姓名[:：是]?|联系人[:：]?)\s?([{_SURNAMES}][\u4e00-\u9fa5]{{1,2}})(?=[，,。；;、（(的\s电手]|$)"
    rf"|([{_SURNAMES}]{_GIVEN})(?=先生|女士|同志|老师|师傅)"
)
_ID_SAID, _CARD_SAID = re.compile("身份证|证件|证号"), re.compile("卡号|银行卡|账号|帐号|卡")
_NOW_YEARS = 2018  # a date of before is of a birth; one of since is as likely of a case
_BESIDE = 10  # characters before a number in which a word says what it is


def is_in(text: str) -> bool:
    """Say whether a text holds anything personal."""
    return any(True for _ in find(text))


def find(text: str) -> list[Found]:
    """Return what is personal in a text, in order and without overlaps; an ID is looked for before
    a card, a card before a telephone.
    """
    plain = _plain(text)
    found: list[Found] = []
    if any(letter.isdigit() for letter in plain) or "@" in plain:
        for kind, pattern, fits in _NUMBERS:
            told = (one for one in pattern.finditer(plain) if fits(one) and not _of_trade(one))
            found += _free((Found(kind, *match.span()) for match in told), found)
    names = (match.span(1 if match.group(1) else 2) for match in _NAME.finditer(plain))
    found += _free((Found(Personal.NAME, *span) for span in names), found)
    return sorted(found, key=lambda one: one.start)


def _free(new: Iterator[Found], taken: list[Found]) -> list[Found]:
    return [
        one
        for one in new
        if not any(one.start < other.end and other.start < one.end for other in taken)
    ]


def _plain(text: str) -> str:
    """Return the text with plain digits, every letter in its place."""
    plain = text.translate(_WIDE)
    return _SPOKEN_RUN.sub(lambda run: run.group().translate(_SPOKEN), plain)


_TRADE = re.compile(
    r"(?:编号|工单号?|受理号|办件号?|单号|流水号?|事项(?:代码|编码)?|业务号|案号|回执号?)[:：是为]?\s?$"
)


def _of_trade(match: re.Match[str]) -> bool:
    """Say whether the word before a number makes it one of a case: by chance one in eleven of those
    would pass for an ID.
    """
    return _TRADE.search(match.string, max(0, match.start() - _BESIDE), match.start()) is not None


def _said(match: re.Match[str], words: re.Pattern[str]) -> bool:
    """Say whether one of these words stands shortly before."""
    return words.search(match.string, max(0, match.start() - _BESIDE), match.start()) is not None


def _is_id(match: re.Match[str]) -> bool:
    number = re.sub(_GAP.removesuffix("?"), "", match.group()).upper()
    typed_wrong = int(number[6:10]) < _NOW_YEARS
    return valid_id(number) or (_born(number) and (typed_wrong or _said(match, _ID_SAID)))


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def valid_id(number: str) -> bool:
    """Say whether 18 characters are an ID number by GB 11643: a date of birth and a check digit."""
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    return _born(number) and "10X98765432"[total % 11] == number[17]


def _born(number: str) -> bool:
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return 1900 <= born.year <= 2099  # noqa: PLR2004 - years


def _is_card(match: re.Match[str]) -> bool:
    number = re.sub(r"\D", "", match.group())
    issued = number.startswith(("62", "4", "5", "35", "37")) or _said(match, _CARD_SAID)
    return issued and (luhn(number) or _said(match, _CARD_SAID))


def luhn(number: str) -> bool:
    """Say whether the last digit is right by Luhn's formula (ISO/IEC 7812-1)."""
    digits = [int(digit) for digit in reversed(number)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _always(_match: re.Match[str]) -> bool:
    return True


_NUMBERS: tuple[tuple[Personal, re.Pattern[str], Callable[[re.Match[str]], bool]], ...] = (
    (Personal.ID, _ID, _is_id),
    (Personal.CARD, _CARD, _is_card),
    (Personal.MAIL, _MAIL, _always),
    (Personal.PHONE, _PHONE, _always),
    (Personal.LANDLINE, _LANDLINE, _always),
    (Personal.PLATE, _PLATE, _always),
)
