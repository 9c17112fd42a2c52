"""Masking of personal data on every read path. A reveal is a separate, audited step."""

import re
from collections.abc import Iterable

_PATTERNS = (
    (re.compile(r"(?<!\d)(\d{6})\d{8}(\d{3}[\dXx])(?!\d)"), r"\1********\2"),  # 身份证号
    (re.compile(r"(?<!\d)(1[3-9]\d)[ -]?\d{4}[ -]?(\d{4})(?!\d)"), r"\1****\2"),  # 手机号
    (re.compile(r"(?<!\d)(0\d{2,3}-?)\d{4}(\d{3,4})(?!\d)"), r"\1****\2"),  # 固定电话
    (re.compile(r"(?<!\d)(\d{4})\d{8,11}(\d{4})(?!\d)"), r"\1********\2"),  # 银行卡号
    (re.compile(r"[\w.+-]+@([\w-]+\.[\w.]+)"), r"***@\1"),  # 邮箱
    (
        re.compile(
            r"([京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z])[·\s]?[A-Z0-9]{3}([A-Z0-9]{2,3})(?![A-Z0-9])"
        ),
        r"\1***\2",
    ),  # 车牌
)


def mask_text(text: str, names: Iterable[str] = ()) -> str:
    """Return free text with ID numbers, phones, bank cards, mail addresses and plates masked, and
    these names of people.
    """
    for pattern, masked in _PATTERNS:
        text = pattern.sub(masked, text)
    for name in names:
        if len(name) > 1:
            text = text.replace(name, mask_name(name))
    return text


def mask_name(name: str | None) -> str:
    """Return the surname and stars: 张＊＊."""
    return name[0] + "＊" * max(len(name) - 1, 1) if name else ""


def mask_phone(phone: str | None) -> str:
    """Return 138****1234."""
    return f"{phone[:3]}****{phone[-4:]}" if phone and len(phone) >= 7 else "****" if phone else ""  # noqa: PLR2004 - the shape of a phone number


def mask_number(number: str) -> str:
    """Return a case number with its middle hidden: 3207****1823."""
    return f"{number[:4]}****{number[-4:]}" if len(number) > 8 else number  # noqa: PLR2004 - four at each end
