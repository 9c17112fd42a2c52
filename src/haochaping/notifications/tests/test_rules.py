"""What replies mean, when messages go out, and that receipts never go backwards."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haochaping.notifications import rules
from haochaping.notifications.rules import Meaning, parse_reply
from haochaping.notifications.senders import pdu
from haochaping.policies.rules import Terms

NIGHT = datetime(2026, 11, 18, 14, 30, tzinfo=UTC)  # 22:30 in China


@pytest.mark.parametrize(
    ("text", "level", "rest"),
    [
        ("5", 5, ""),
        ("５", 5, ""),
        (" 4。", 4, ""),
        ("3分", 3, ""),
        ("2,窗口态度不好", 2, "窗口态度不好"),
        ("1非常不满意", 1, ""),
        ("我打5分！", 5, ""),
        ("非常满意", 5, ""),
        ("非常不满意，跑了三趟", 1, "跑了三趟"),
        ("不满意", 2, ""),
        ("不太满意", 2, ""),
        ("满意", 4, ""),
        ("我很满意", 5, ""),
        ("一般", 3, ""),
        ("五星", 5, ""),
        ("“5”", 5, ""),
        ("回复5", 5, ""),
    ],
)
def test_a_level_is_understood_however_it_is_written(text: str, level: int, rest: str) -> None:
    assert parse_reply(text) == rules.Reply(Meaning.LEVEL, level, rest)


@pytest.mark.parametrize(
    "text",
    [
        "15",
        "6",
        "0",
        "55",
        "3月5日再来",
        "2号窗口的人不错",
        "请问在哪里",
        "1天就办好了",
        "5个工作日没办好",
    ],
)
def test_a_number_that_is_no_level_is_not_taken_for_one(text: str) -> None:
    assert parse_reply(text).meaning is Meaning.WORDS


@pytest.mark.parametrize("text", ["TD", "td", "Ｔ", "退订", " T "])
def test_who_wants_no_more_is_understood(text: str) -> None:
    assert parse_reply(text).meaning is Meaning.UNSUBSCRIBE


@given(st.text(max_size=300))
def test_any_text_means_something_and_never_fails(text: str) -> None:
    reply = parse_reply(text)
    assert (reply.meaning is Meaning.LEVEL) == (reply.level in range(1, 6))


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)))
def test_nobody_is_woken(at: datetime) -> None:
    goes = rules.may_send_at(at, Terms(), urgent=False)
    assert at <= goes <= at + timedelta(hours=12)
    assert 8 <= goes.astimezone(rules.LOCAL).hour < 21
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
