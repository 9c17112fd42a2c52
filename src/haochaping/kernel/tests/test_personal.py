"""Personal data in words: what is found, what is left alone, and how often either is wrong."""

from collections import Counter
from random import Random

import pytest

from haochaping.kernel.masking import mask_text
from haochaping.kernel.personal import Personal, find, luhn, valid_id

NUMBERS = (Personal.ID, Personal.PHONE, Personal.CARD, Personal.PLATE)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("身份证320706199001011234请查", ["id"]),  # a wrong check digit, but it is said
        ("11010519491231002X", ["id"]),  # the example of GB 11643
        ("电话１３８１２３４５６７８", ["phone"]),
        ("打我手机138-1234-5678或 +86 139 1234 5678", ["phone", "phone"]),
        ("一三八一二三四五六七八", ["phone"]),
        ("0518-85801234", ["landline"]),
        ("卡号6222 0212 3456 7890 123", ["card"]),
        ("苏G·12345和苏AD12345停在门口", ["plate", "plate"]),
        ("发到 zhang.san@example.gov.cn", ["mail"]),
        ("我叫张晓明，昨天来的", ["name"]),
        ("工单CP20261123-0017，编号320700202611230017", []),
        ("办件32L1795559268060不见了", []),
        ("等了120分钟，花了13800元，2026-11-23", []),
        ("事项代码11320700014321098K1000112001000", []),
        ("", []),
    ],
)
def test_what_is_personal_is_found_and_numbers_of_the_trade_are_left_alone(
    text: str, kinds: list[str]
) -> None:
    assert [one.kind for one in find(text)] == kinds


def test_check_digits_are_those_of_the_standards() -> None:
    assert valid_id("11010519491231002X")
    assert not valid_id("110105194912310021")
    assert luhn("79927398713")  # the example of ISO/IEC 7812-1
    assert not luhn("79927398710")


def test_what_is_masked_shows_no_more_than_its_ends() -> None:
    assert mask_text("我叫张晓明，手机138 1234 5678") == "我叫张＊＊，手机138****5678"
    assert mask_text("１１０１０５１９４９１２３１００２Ｘ") == "１１０１０５********００２Ｘ"
    assert mask_text("苏G·12345") == "苏G***45"
    assert mask_text("０５１８－８５８０１２３４") == "０５１８****１２３４"


def _id(dice: Random) -> str:
    born = f"{dice.randint(1940, 2012)}{dice.randint(1, 12):02d}{dice.randint(1, 28):02d}"
    body = f"3207{dice.randint(1, 29):02d}{born}{dice.randrange(1000):03d}"
    return next(body + last for last in "0123456789X" if valid_id(body + last))


def _card(dice: Random) -> str:
    body = f"62{dice.randrange(10**16):016d}"
    return next(body + str(last) for last in range(10) if luhn(body + str(last)))


def _phone(dice: Random) -> str:
    return f"1{dice.choice('3456789')}{dice.randrange(10**9):09d}"


def _plate(dice: Random) -> str:
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
    if dice.random() < 0.3:
        return f"苏{dice.choice('ABCDG')}D{dice.choice(letters)}{dice.randrange(10**4):04d}"
    return f"苏{dice.choice('ABCDG')}{''.join(dice.choice(letters) for _ in range(4))}{dice.randrange(10)}"


MADE = {Personal.ID: _id, Personal.PHONE: _phone, Personal.CARD: _card, Personal.PLATE: _plate}
BEFORE = {
    Personal.ID: ("身份证号", "证件是", "我的号码"),
    Personal.PHONE: ("电话", "手机", "请打", "联系我 "),
    Personal.CARD: ("银行卡", "退到卡上：", "账号"),
    Personal.PLATE: ("车牌", "我的车", "车号：", "停的是"),
}


def _innocent(dice: Random) -> str:
    """Return a number of the trade."""
    day = f"2026{dice.randint(1, 12):02d}{dice.randint(1, 28):02d}"
    return dice.choice(
        (
            f"工单CP{day}-{dice.randrange(10**4):04d}",
            f"编号3207{dice.randrange(10**2):02d}{day}{dice.randrange(10**4):04d}",
            f"受理号{dice.randrange(10**10, 10**11)}号" if dice.random() < 0.3 else f"{day}日",
            f"等了{dice.randrange(200)}分钟",
            f"缴了{dice.randrange(10**6)}.5元",
            f"事项1132070001432109{dice.choice('8K')}K{dice.randrange(10**12):012d}",
            f"取号机{dice.choice('ABC')}{dice.randrange(1000):03d}",
            f"办件32L{dice.randrange(10**12, 10**13)}",
        )
    )


def _parted(dice: Random, kind: Personal, number: str) -> str:
    """Write a number as people do."""
    if kind is Personal.PHONE and dice.random() < 0.4:
        gap = dice.choice(" -")
        return gap.join((number[:3], number[3:7], number[7:]))
    if kind is Personal.CARD and dice.random() < 0.4:
        return " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    if kind is Personal.PLATE and dice.random() < 0.3:
        return f"{number[:2]}·{number[2:]}"
    wide = dict(zip("0123456789X", "０１２３４５６７８９Ｘ", strict=True))
    if kind in (Personal.ID, Personal.PHONE) and dice.random() < 0.2:
        return "".join(wide[letter] for letter in number)
    return number


def test_two_thousand_labelled_texts_are_read_as_well_as_promised() -> None:
    dice = Random(20261128)
    hit, made, said = Counter[str](), Counter[str](), Counter[str]()
    for _ in range(2000):
        kind = dice.choice((*NUMBERS, None))
        parts = ["上午来办事，", _innocent(dice), "，"]
        truth: tuple[Personal, int, int] | None = None
        if kind is not None:
            parts.append(dice.choice(BEFORE[kind]))
            start = len("".join(parts))
            number = _parted(dice, kind, MADE[kind](dice))
            parts.append(number)
            truth = (kind, start, start + len(number))
            made[kind] += 1
        parts += ["，", _innocent(dice), "，请尽快处理"]
        for one in find("".join(parts)):
            if one.kind in NUMBERS:
                said[one.kind] += 1
                hit[one.kind] += (one.kind, one.start, one.end) == truth
    for kind in NUMBERS:
        assert hit[kind] / made[kind] >= 0.98, kind
        assert hit[kind] / said[kind] >= 0.98, kind


@pytest.mark.parametrize("name", ["李大伟", "李大伟 ", "李 大 伟", " 李大伟"])
@pytest.mark.parametrize("said", ["李大伟", "李 大 伟", "李·大伟"])
def test_a_name_is_masked_however_it_is_spaced(name: str, said: str) -> None:
    masked = mask_text(f"窗口{said}没办好", (name,))
    assert "大" not in masked
    assert masked.startswith("窗口李＊＊")


@pytest.mark.parametrize(
    "text",
    ["Tel13812345678", "138—1234—5678", "138/1234/5678", "1 3 8 1 2 3 4 5 6 7 8", "VX13812345678"],
)
def test_a_phone_is_masked_however_it_is_parted(text: str) -> None:
    assert mask_text(f"请回{text}，谢谢").endswith("138****5678，谢谢")
