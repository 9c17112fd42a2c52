"""Identifiers, phones and dates as people, spreadsheets and systems write them."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haochaping.kernel.moments import parse_day, parse_moment
from haochaping.kernel.numbers import flag, identifier, is_mobile, phone, rounded
from haochaping.kernel.words import printable, storable


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("20261124000100100000", "20261124000100100000"),
        ("007", "007"),  # leading zeros are part of it
        (" 3207A-1\t", "3207A-1"),
        ("'3207", "3207"),
        ("３２０７Ａ", "3207A"),
        ("3207\u200b1\ufeff", "32071"),
        ("苏办〔2026〕1号", "苏办〔2026〕1号"),
        ("2E5", "2E5"),  # no spreadsheet writes this
        ("2.02611E+19", None),
        ("2026-03-01", None),
        ("01:30:00", None),
        ("20,261,124", None),
        ("2026-03-01A", "2026-03-01A"),
        ("3-1", "3-1"),
        ("2E+19", None),
        ("1.5e-7", None),
        ("2.0261124E19", None),  # Java writes no +
        ("2.02611e19", None),
        ("12345678901234.56", None),
        ("20261124001.0", None),
        ('="00123"', "00123"),
        ("#N/A", None),
        ("#REF!", None),
        ("#####", None),
        ("1.2", "1.2"),
        ("2026112400010010.5", None),
        ("a b", None),
        ("a\nb", None),
        ("a\0", None),
        ("", ""),
    ],
)
def test_an_identifier_keeps_every_character_or_is_none(text: str, kept: str | None) -> None:
    assert identifier(text) == kept


@pytest.mark.parametrize(
    ("text", "said"),
    [
        *((yes, True) for yes in ("1", "1 ", " 1", "１", "01", "1.0", "TRUE", "true", "是", "Y")),
        *((no, False) for no in ("", "0", "00", "0.0", "FALSE", "否", "n", " ")),
        *((neither, None) for neither in ("2", "10", "maybe", "是否", "-1", "1.5")),
    ],
)
def test_yes_and_no_are_read_as_systems_write_them(text: str, said: bool | None) -> None:
    assert flag(text) is said


def test_what_a_spreadsheet_has_rounded_is_known() -> None:
    assert rounded(" 2.02611E+19 ")
    assert not rounded("20261124000100100000")


@given(st.text(alphabet="0123456789ABCDEFGHJK-_/", min_size=1, max_size=64))
def test_an_identifier_of_plain_signs_is_kept_as_it_is(text: str) -> None:
    assert identifier(text) == text


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("138 0001 2001", "13800012001"),
        ("+8613800012002", "13800012002"),
        ("138-0001-2003", "13800012003"),
        ("１３８０００１２００４", "13800012004"),
        ("8613800012005", "13800012005"),
        ("0086 13800012006", "13800012006"),
        ("(0518) 8580-0000", "051885800000"),
        ("+86 518 85800000", "051885800000"),
        ("0518－85800000", "051885800000"),
        ("400 800 1234", "4008001234"),
        ("12345", "12345"),
        ("85800000", "85800000"),
        ("", ""),
        ("013800012001", "13800012001"),
        ("+86-0-138-0001-2001", "13800012001"),
        ("86013800012001", "13800012001"),
        ("010-12345678", "01012345678"),
        ("１３８٠٠٠١٢٠٠١", None),  # digits of another script
        ("13800012007；0518-85800000", None),
        ("1380001200", None),
        ("138000120011", None),
        ("12800012001", None),
        ("phone", None),
    ],
)
def test_a_phone_is_one_identity_however_it_is_written(text: str, number: str | None) -> None:
    assert phone(text) == number
    if number:
        assert is_mobile(number) == number.startswith("13")
        assert phone(number) == number


@pytest.mark.parametrize(
    "text",
    [
        *("2026-09-01", "2026/9/1", "2026.9.1", "2026年9月1日", "20260901", "２０２６／９／１"),
        *(" 2026-9-1 ", "2026-09-01 00:00:00", "2026/9/1 00:00"),
    ],
)
def test_a_date_is_read_as_people_and_excel_write_it(text: str) -> None:
    assert parse_day(text) == date(2026, 9, 1)


@pytest.mark.parametrize("text", ["46361", "2026-13-01", "2026/2/30", "1.9.2026", "2026-W36-2", ""])
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_day(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "2026-09-01 09:30:00",
        "2026/9/1 9:30",
        "2026年9月1日 09:30:00",
        "2026-09-01T09:30:00+08:00",
        "2026-09-01T01:30:00Z",
        "2026-09-01T01:30:00.000Z",
        "20260901 09:30:00",
        "２０２６-０９-０１ ０９：３０",
    ],
)
def test_a_moment_is_one_in_every_spelling(text: str) -> None:
    assert parse_moment(text) == datetime(2026, 9, 1, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["2026-09-01", "46361.39583", "2026-09-01 24:30", "1970-01-01 00:00:00", "2106-02-07 06:28:16"],
)
def test_a_date_alone_and_a_moment_out_of_bounds_are_none(text: str) -> None:
    assert parse_moment(text) is None


@pytest.mark.parametrize("bad", ["\0", "\x07", "\x1b[2J", "\x7f", "\x9b2J", "\ud800", "\uffff"])
def test_a_control_character_or_half_a_letter_is_held_by_no_text(bad: str) -> None:
    for text in (f"a{bad}b", f"窗口{bad}排队"):
        assert not storable(text)
        assert storable(printable(text))
    assert storable("第一行\t一\r\n\u3000第二行 😀 é")
    assert storable("plain\ttext\r\n")


def test_what_looks_like_a_letter_or_a_digit_stays_what_it_is() -> None:
    for text in ("32办①号", "ABCⅧ", "苏办²1"):
        assert identifier(text) == text
    assert identifier("３２０７Ａ－１") == "3207A-1"
    assert phone("'13800012001") == "13800012001"


@pytest.mark.parametrize(
    "text", ["20.26E+18", "2.E+19", "-2.02611E+19", "2,02611E+19", "#SPILL!", "12345.0"]
)
def test_every_writing_of_a_rounded_number_is_known(text: str) -> None:
    assert identifier(text) is None
