"""When messages go out, and that receipts never go backwards."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from haochaping.notifications import rules
from haochaping.notifications.senders import pdu
from haochaping.policies.rules import Terms

NIGHT = datetime(2026, 11, 18, 14, 30, tzinfo=UTC)  # 22:30 in China


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
