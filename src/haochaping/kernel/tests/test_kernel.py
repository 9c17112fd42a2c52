"""The pure parts of the kernel."""

import hmac
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from haochaping.kernel import crypto, ids
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.headings import Columns, WrongColumns
from haochaping.kernel.masking import mask_text
from haochaping.kernel.moments import parse_moment
from haochaping.kernel.sheets import UnreadableTable, rows_of

KEYS = st.integers(-(1 << 63), (1 << 63) - 1)


@given(KEYS)
def test_a_receipt_number_leads_back_to_its_key_however_it_is_typed(key: int) -> None:
    number = ids.receipt_number(key)
    assert ids.key_of_receipt(number) == key
    assert ids.key_of_receipt(f" {number.lower().replace('0', 'o').replace('1', 'l')} ") == key


@given(st.text(max_size=30))
def test_any_text_is_a_receipt_number_or_is_refused_quietly(text: str) -> None:
    key = ids.key_of_receipt(text)
    assert key is None or -(1 << 63) <= key < 1 << 63


@given(st.datetimes(datetime(2018, 1, 1), datetime(2080, 1, 1)), st.text(), st.integers(0, 5))
def test_a_fact_key_is_ordered_by_time_and_holds_its_second(
    naive: datetime, natural: str, salt: int
) -> None:
    at = naive.replace(tzinfo=UTC)
    key = ids.fact_key(at, natural, salt)
    assert ids.moment_of(key) == at.replace(microsecond=0)
    assert key < ids.fact_key(at + timedelta(seconds=1), natural, salt)


@given(st.text(min_size=1), st.sampled_from(["intl", "gm"]))
def test_what_is_sealed_opens_only_where_it_belongs(text: str, profile: str) -> None:
    keyring = Keyring(b"k" * 32, profile)
    sealed = keyring.seal(text, "record.phone")
    assert sealed is not None
    assert keyring.open(sealed, "record.phone") == text
    assert (
        Keyring(b"k" * 32, "intl").open(sealed, "record.phone") == text
    )  # either profile reads the other's
    with pytest.raises(InvalidTag):
        keyring.open(sealed, "record.name")
    with pytest.raises(InvalidTag):
        keyring.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), "record.phone")


@pytest.mark.parametrize("profile", ["intl", "gm"])
def test_what_is_sealed_for_a_row_opens_in_no_other(profile: str) -> None:
    keyring = Keyring(b"k" * 32, profile)
    sealed = keyring.seal("13812345678", "record.phone", 7)
    assert keyring.open(sealed, "record.phone", 7) == "13812345678"
    for row in (8, "", "77"):
        with pytest.raises(InvalidTag):
            keyring.open(sealed, "record.phone", row)


def test_what_was_sealed_before_keys_had_ids_still_opens() -> None:
    key = hmac.digest(b"k" * 32, b"haochaping/1/aes", "sha256")
    old = bytes([1]) + bytes(12) + AESGCM(key).encrypt(bytes(12), b"x", b"record.phone")
    assert Keyring(b"k" * 32).open(old, "record.phone", 7) == "x"
    assert not Keyring(b"k" * 32).is_current(old)


def test_a_later_key_seals_and_earlier_ones_open(tmp_path: Path) -> None:
    keys = tmp_path / "sealing-keys"
    before = Keyring(b"k" * 32, later=keys)
    first = before.seal("x", "c")
    crypto.add_key(keys)
    assert stat.S_IMODE(keys.stat().st_mode) == 0o400
    after = Keyring(b"k" * 32, later=keys)
    second = after.seal("y", "c")
    assert first is not None
    assert second is not None
    assert (after.open(first, "c"), after.open(second, "c")) == ("x", "y")
    assert (after.is_current(first), after.is_current(second)) == (False, True)
    assert before.open(second, "c") == "y"  # a process from before the rotation reads the file
    assert after.blind("x", "c") == before.blind("x", "c")  # what must be found again
    with pytest.raises(InvalidTag):
        Keyring(b"k" * 32).open(second, "c")


@given(st.text())
def test_a_wrapped_text_is_no_longer_to_be_read(text: str) -> None:
    keyring = Keyring(b"k" * 32)
    wrapped = keyring.wrap(text, "c")
    assert keyring.unwrap(wrapped, "c") == text
    assert text == "" or len(text) < 4 or text not in wrapped
    assert keyring.unwrap("as it was", "c") == "as it was"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话13812345678。", "电话138****5678。"),
        ("身份证32010219900101123X", "身份证320102********123X"),
        ("车牌苏A12B456", "车牌苏A***456"),
        ("邮箱 zhang.san@example.com", "邮箱 ***@example.com"),
        ("跑了3趟，等了120分钟", "跑了3趟，等了120分钟"),
    ],
)
def test_free_text_is_masked_and_plain_numbers_are_left_alone(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30 10:00:00",
        "2026-08-12 24:30:00",
        "0000-01-01 00:00:00",
        "1999-01-01 00:00:00",
        "20260812",
        "x",
        "",
        "9999-12-31 23:59:59",
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    assert parse_moment(text) is None


def test_a_time_without_a_zone_is_chinas() -> None:
    assert parse_moment("2026-08-12 14:01:41") == datetime(2026, 8, 12, 6, 1, 41, tzinfo=UTC)
    assert parse_moment("2026-08-12T06:01:41Z") == datetime(2026, 8, 12, 6, 1, 41, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pdf", b"x"),
        ("a.xlsx", b"PK\x03\x04rubbish"),
        ("a.jsonl", b"[1]\n"),
        ("a.csv", b"\xff\xfe\xff"),
        ("a.jsonl", b"{" * 100000),
    ],
)
def test_a_file_that_is_no_table_gets_a_sentence_not_a_traceback(name: str, data: bytes) -> None:
    with pytest.raises((UnreadableTable, WrongColumns)):
        list(rows_of(name, data, Columns(frozenset({"name", "code"}), [("name",)])))


def test_a_limit_lets_bursts_through_stops_floods_and_says_how_long_to_wait() -> None:
    from datetime import UTC, datetime, timedelta

    from haochaping.kernel.errors import TooOften
    from haochaping.kernel.limits import Limits

    limits, at = Limits(60), datetime(2026, 11, 18, 4, tzinfo=UTC)
    for _ in range(60):
        limits.spend("a", at)
    with pytest.raises(TooOften) as refused:
        limits.spend("a", at)
    assert refused.value.seconds == 1
    limits.spend("b", at)  # nobody pays for another
    limits.spend("a", at + timedelta(seconds=1))
    limits.spend("a", at + timedelta(hours=1), 60)  # no more than a minute's worth is saved up
    with pytest.raises(TooOften):
        limits.spend("a", at + timedelta(hours=1))
