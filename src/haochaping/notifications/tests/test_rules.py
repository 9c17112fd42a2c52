"""When messages go out, and that receipts never go backwards."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haochaping.kernel.moments import LOCAL
from haochaping.notifications import rules
from haochaping.notifications.senders import pdu
from haochaping.policies.rules import Terms

NIGHT = datetime(2026, 11, 18, 14, 30, tzinfo=UTC)  # 22:30 in China


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)))
def test_nobody_is_woken(at: datetime) -> None:
    goes = rules.may_send_at(at, Terms(), urgent=False)
    assert at <= goes <= at + timedelta(hours=12)
    assert 8 <= goes.astimezone(LOCAL).hour < 21
    assert rules.may_send_at(at, Terms(), urgent=True) == at


def test_a_phone_has_enough_after_three_a_day_or_ten_a_month() -> None:
    assert not rules.over_cap([NIGHT - timedelta(hours=1)] * 2, NIGHT, Terms())
    assert rules.over_cap([NIGHT - timedelta(hours=1)] * 3, NIGHT, Terms())
    assert not rules.over_cap([NIGHT - timedelta(days=9)] * 9, NIGHT, Terms())
    assert rules.over_cap([NIGHT - timedelta(days=9)] * 10, NIGHT, Terms())


def test_a_final_state_is_never_left_but_for_a_correction() -> None:
    assert rules.NEXT[rules.State.DELIVERED] == frozenset()
    assert rules.NEXT[rules.State.FAILED] == {rules.State.DELIVERED}


@given(st.text(st.characters(codec="utf-16", exclude_categories=("Cs",)), min_size=1, max_size=400))
def test_a_text_in_parts_is_the_text_and_counts_what_the_carrier_counts(text: str) -> None:
    parts = pdu.parts(text, 7)
    joined = b"".join(part if esm_class == 0 else part[6:] for esm_class, part in parts)
    assert joined.decode("utf-16-be") == text
    assert all(len(part) <= 140 for _, part in parts)
    assert len(parts) - rules.segments(text) in (
        0,
        1,
    )  # a surrogate pair is never cut, which may cost one part more


@given(st.binary(max_size=300))
def test_no_bytes_of_an_smsc_break_the_reader(body: bytes) -> None:
    try:
        pdu.delivered(body)
    except pdu.Malformed:
        return


def test_the_signature_is_that_of_the_gateways_own_example() -> None:
    from haochaping.notifications.senders.aliyun import signed_headers

    headers = signed_headers(
        key="YourAccessKeyId",
        secret="YourAccessKeySecret",
        host="ecs.cn-shanghai.aliyuncs.com",
        action="RunInstances",
        version="2014-05-26",
        params={
            "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
            "RegionId": "cn-shanghai",
        },
        at=datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC),
        nonce="3156853299f313e23d1673dc12e1703d",
    )
    assert "Signature=06563a9e" in headers["Authorization"]
    assert headers["Authorization"].endswith("83c0")


def deliver(raw: bytes, *, coding: int = 0, esm_class: int = 0, tags: bytes = b"") -> pdu.Delivered:
    """Read a deliver_sm from 8613800010001 to 10690001."""
    head = b"\0\0\0" + pdu.text_of("8613800010001") + b"\0\0" + pdu.text_of("10690001")
    body = head + bytes((esm_class, 0, 0)) + b"\0\0" + bytes((0, 0, coding, 0, len(raw)))
    return pdu.delivered(body + raw + tags)


@pytest.mark.parametrize(
    ("raw", "coding", "text"),
    [
        ("0035", 0, "5"),
        ("4e0d6ee1610f", 0, "不满意"),
        ("975e5e386ee1610f", 24, "非常满意"),
        ("31206d61696c206100622e636e", 0, "1 mail a@b.cn"),
        ("6ee1610f", 3, "满意"),
        ("b2bbc2fad2e2", 15, "不满意"),
        ("e4b88de6bba1e6848f", 0, "不满意"),
        ("351b65", 0, "5€"),
        ("67fc6e", 3, "gün"),
        ("4e0d6ee1610f", 25, "不满意"),
        ("d83dde00", 8, "😀"),
        ("", 8, ""),
        *(
            (text.encode("utf-16-be").hex(), coding, text)
            for text in ("5分", "1星", "5星", "2分", "一星", "三星", "5。好", "好", "差")
            for coding in (0, 3)
            if (text, coding) != ("好", 3)  # Y}, which is ASCII
        ),
        *((b"TD".hex(), coding, "TD") for coding in (8, 4, 245, 0)),
        *(
            (text.encode("utf-16-be").hex(), coding, text)
            for text in ("5。", "1。", "5、", "5…", "TD。", "ＴＤ", "５")
            for coding in (0, 3, 16, 240)
        ),
        *(
            (text.encode().hex(), coding, text)
            for text in ("5。", "不满意")
            for coding in (0, 3, 8)
        ),
        *(("满意".encode("gb18030").hex(), coding, "满意") for coding in (0, 3, 8, 15)),
        *(("\ufeff不满意".encode("utf-16-le").hex(), coding, "不满意") for coding in (0, 8)),
        ("5".encode("utf-16-le").hex(), 8, "5"),
        ("不满意".encode("utf-16-le").hex(), 8, "不满意"),
        (b"TD\r\n".hex(), 8, "TD\r\n"),
        (b"5\r\n".hex(), 8, "5\r\n"),
        (b"e9e8".hex(), 3, "e9e8"),
        *(
            (text.encode("utf-16-be").hex(), coding, text)
            for text in "NRT5"
            for coding in (0, 3, 8)
        ),
        *(
            (f"{text}\r".encode().hex(), coding, f"{text}\r")
            for text in "5TN"
            for coding in (0, 1, 240)
        ),
    ],
)
def test_a_text_is_read_by_evidence_where_the_coding_byte_is_wrong(
    raw: str, coding: int, text: str
) -> None:
    assert deliver(bytes.fromhex(raw), coding=coding).text == text


RECEIPT = (
    b"id:M1 sub:001 dlvrd:001 submit date:2611240900 done date:2611240900 stat:%s err:000 text:"
)


@pytest.mark.parametrize(
    ("delivered", "state"),
    [
        (deliver(RECEIPT % b"DELIVRD", esm_class=4), "DELIVRD"),
        (deliver(RECEIPT % b"DELIVRD"), "DELIVRD"),  # no flag, told by its text
        (deliver(b"", tags=b"\x00\x1e\x00\x03M1\0\x04\x27\x00\x01\x05"), "UNDELIV"),
        (deliver(RECEIPT % b"ENROUTE", esm_class=4), "ENROUTE"),
        (deliver(RECEIPT % b"DELIVRD", esm_class=0x20), ""),  # intermediate
        (deliver(b"\5\0\3\7\1\1" + RECEIPT % b"DELIVRD", esm_class=0x44), "DELIVRD"),
        (deliver(b"\5\0\3\7\1\1" + RECEIPT % b"DELIVRD", esm_class=0x40), "DELIVRD"),
        (deliver(b"id: M1 sub:001 stat: DELIVRD err:000"), "DELIVRD"),
        (deliver(b"id:M1\nsub:001\nstat:DELIVRD\nerr:000"), "DELIVRD"),
        (deliver(b"id:M1;stat:DELIVRD"), "DELIVRD"),
        (deliver(b"stat:DELIVRD err:000 id:M1"), "DELIVRD"),
        # a carrier's own word says less than the number beside it
        (deliver(RECEIPT % b"OK", tags=b"\x04\x27\x00\x01\x02"), "DELIVRD"),
        (deliver(RECEIPT % b"DELIVRD", tags=b"\x04\x27\x00\x01\x01"), "ENROUTE"),
        (deliver(b"id:M1 sub:001 status:DELIVRD"), "DELIVRD"),
        (deliver(b"msgid:M1 stat:DELIVRD"), "DELIVRD"),
        (deliver(b"M1 DELIVRD"), "DELIVRD"),
        (deliver(b'{"id":"M1","stat":"DELIVRD"}'), "DELIVRD"),
        (deliver("id：M1 stat：DELIVRD".encode("utf-16-be"), coding=8), "DELIVRD"),
        (deliver(RECEIPT % b"DELIVRD" + b"id:M2 stat:REJECTD", esm_class=4), "DELIVRD"),
    ],
)
def test_a_receipt_is_one_by_flag_tag_or_text_and_never_a_reply(
    delivered: pdu.Delivered, state: str
) -> None:
    assert delivered.is_receipt
    assert (delivered.receipt_id, delivered.receipt_state) == ("M1", state)


@pytest.mark.parametrize(
    ("state", "fate"),
    [
        ("DELIVRD", "delivered"),
        ("delivrd", "delivered"),
        ("UNDELIV", "failed"),
        ("EXPIRED", "failed"),
        ("REJECTD", "failed"),
        ("MK:0001", "failed"),
        ("DELIVERED", "delivered"),
        ("ACCEPTED", "under_way"),
        ("BUFFERED", "under_way"),
        ("SCHEDLD", "under_way"),
        ("UNDELIVERABLE", "failed"),
        ("ENROUTE", "under_way"),
        ("ACCEPTD", "under_way"),
        ("UNKNOWN", "under_way"),
        ("SUBMITTED", "under_way"),
        ("PENDING", "under_way"),
        ("QUEUED", "under_way"),
        ("EN_ROUTE", "under_way"),
        ("RETRIES", "under_way"),
        ("SUCCESS", "delivered"),
        ("FAILED", "failed"),
        ("CB:0005", "failed"),
        ("anything", "under_way"),
        ("", "under_way"),
    ],
)
def test_only_final_states_are_final(state: str, fate: str) -> None:
    assert rules.fate(state) == fate


@pytest.mark.parametrize(
    ("text", "receipt"),
    [
        ("M1,DELIVRD", True),
        ("M1 delivrd", True),
        ("状态报告：DELIVRD", True),
        ("sub:001 dlvrd:000 stat:MK:0001", True),
        ("stat:MK:0001 err:045", True),
        ("系统显示 status:failed 办不了，不满意", False),
        ("Id: 123 status: 还没办好", False),
        ("the link expired", False),
        ("5", False),
    ],
)
def test_what_a_carrier_sends_without_a_flag_is_told_from_what_a_citizen_writes(
    text: str, receipt: bool
) -> None:
    assert rules.is_receipt(text) is receipt


def test_an_id_is_known_in_hexadecimal_and_decimal() -> None:
    assert "1f" in rules.spellings("31")
    assert "31" in rules.spellings("0000001F")
    assert "M1" in rules.spellings("M1")
