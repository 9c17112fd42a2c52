"""What stands between a queue and a bill: the cost guard, quiet hours, caps, leases."""

from datetime import datetime, timedelta

import pytest
from people import CITY, NOON

from haochaping.kernel.moments import LOCAL
from haochaping.notifications import actions, models, queries, rules
from haochaping.notifications.rules import State
from haochaping.policies.rules import Terms

pytestmark = pytest.mark.django_db
INVITE = {"item": "企业设立登记", "link": "https://x.cn/s/abcdefghijklmnopqrstuv"}


def queued(phone: str = "13812345678", template: str = "invite", at: datetime = NOON) -> int:
    """Queue a message."""
    values = INVITE if template == "invite" else {"code": "123456"}
    return actions.queue(template=template, phone=phone, values=values, region=CITY, at=at)


def test_the_day_has_so_many_parts_and_what_is_over_waits_for_tomorrow() -> None:
    parts = models.Message.objects.get(pk=queued("13800000001")).segments
    assert parts == 2
    second, third = queued("13800000002"), queued("13800000003")
    code = queued("13800000004", "check")
    assert {row.due_at for row in models.Message.objects.all()} == {NOON}
    claimed = actions.claim(limit=10, daily_segments=2 * parts + 1, at=NOON)
    # the code is asked for by a person this moment: it goes first, and is never put off
    assert [out.id for out in claimed] == [code, second - 1, second]
    late = models.Message.objects.get(pk=third)
    assert (late.state, late.why) == (State.QUEUED, "daily_limit")
    assert late.due_at is not None
    assert f"{late.due_at.astimezone(LOCAL):%m-%d %H:%M}" == "11-19 08:00"
    assert actions.claim(limit=10, daily_segments=100, at=NOON) == []


def test_what_was_sent_today_counts_for_the_guard_and_yesterday_does_not() -> None:
    first = queued("13800000001")
    actions.claim(limit=1, daily_segments=2, at=NOON)
    actions.note_sent(message_id=first, provider_id="p1", at=NOON)
    day = NOON.astimezone(LOCAL).date()
    assert queries.segments_on(day) == 2
    assert queries.segments_on(day - timedelta(days=1)) == 0
    assert queries.segments_on(day + timedelta(days=1)) == 0
    queued("13800000002")
    assert actions.claim(limit=1, daily_segments=3, at=NOON) == []
    assert len(actions.claim(limit=1, daily_segments=3, at=NOON + timedelta(days=1))) == 1


def test_a_message_of_a_killed_worker_is_taken_up_after_its_lease() -> None:
    queued()
    (out,) = actions.claim(limit=1, daily_segments=9, at=NOON)
    assert INVITE["item"] in out.text
    assert out.phone == "13812345678"
    assert actions.claim(limit=1, daily_segments=9, at=NOON + timedelta(seconds=299)) == []
    (again,) = actions.claim(limit=1, daily_segments=9, at=NOON + timedelta(minutes=5))
    assert again.id == out.id
    assert models.Message.objects.get(pk=out.id).tries == 2


@pytest.mark.parametrize(
    ("hour", "minute", "goes"),
    [
        (20, 59, "11-18 20:59"),
        (21, 0, "11-19 08:00"),
        (23, 59, "11-19 08:00"),
        (0, 0, "11-18 08:00"),
        (7, 59, "11-18 08:00"),
        (8, 0, "11-18 08:00"),
    ],
)
def test_quiet_hours_are_from_nine_in_the_evening_to_eight(
    hour: int, minute: int, goes: str
) -> None:
    at = datetime(2026, 11, 18, hour, minute, tzinfo=LOCAL)
    found = rules.may_send_at(at, Terms(), urgent=False).astimezone(LOCAL)
    assert f"{found:%m-%d %H:%M}" == goes


@pytest.mark.parametrize(
    ("length", "parts"), [(0, 1), (1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4)]
)
def test_the_carrier_charges_by_seventy_and_sixty_seven(length: int, parts: int) -> None:
    assert rules.segments("字" * length) == parts
    assert rules.segments("𠮷" * (length // 2)) == (
        parts if length % 2 == 0 else rules.segments("字" * (length - 1))
    )


def test_invitations_to_one_phone_are_capped_and_who_opted_out_is_left_alone() -> None:
    for _ in range(3):
        queued()
    fourth = models.Message.objects.get(pk=queued())
    assert (fourth.state, fourth.why, fourth.due_at) == (State.SUPPRESSED, "over_cap", None)
    assert models.Message.objects.get(pk=queued(template="check")).state == State.QUEUED
    actions.opt_out(phone_index=bytes(fourth.phone_index), at=NOON)
    invites = models.Message.objects.filter(template="invite")
    assert {row.state for row in invites} == {State.SUPPRESSED}
    assert {row.why for row in invites} == {"opted_out", "over_cap"}
    fifth = models.Message.objects.get(pk=queued(at=NOON + timedelta(days=60)))
    assert (fifth.state, fifth.why) == (State.SUPPRESSED, "opted_out")


def test_what_the_gateway_says_moves_a_message_once_and_never_back() -> None:
    message = queued()
    actions.claim(limit=1, daily_segments=9, at=NOON)
    actions.note_failed(message_id=message, why="busy", again=True, at=NOON)
    row = models.Message.objects.get(pk=message)
    assert (row.state, row.why) == (State.QUEUED, "busy")
    assert row.due_at == rules.next_try(1, NOON)
    actions.claim(limit=1, daily_segments=9, at=NOON + timedelta(hours=1))
    actions.note_sent(message_id=message, provider_id="p9", at=NOON)
    receipt = {"provider_id": "p9", "message_id": None, "why": "", "at": NOON}
    assert actions.take_receipt(delivered=True, **receipt)
    assert not actions.take_receipt(delivered=True, **receipt)
    assert not actions.take_receipt(delivered=False, **receipt)
    assert not actions.take_receipt(**receipt | {"provider_id": ""}, delivered=False)
    assert models.Message.objects.get(pk=message).state == State.DELIVERED
    actions.note_failed(message_id=message, why="late", again=True, at=NOON)
    assert models.Message.objects.get(pk=message).state == State.DELIVERED


def test_a_reply_in_parts_is_whole_once_all_are_there_in_any_order() -> None:
    sent = {"phone": "13812345678", "destination": "1069", "at": NOON}
    assert actions.take_part(part=(7, 3, 3), content="丙", **sent) is None
    assert actions.take_part(part=(7, 3, 1), content="甲", **sent) is None
    assert actions.take_part(part=(8, 2, 2), content="x", **sent) is None
    assert actions.take_part(part=(7, 3, 1), content="甲", **sent) is None
    assert actions.take_part(part=(7, 3, 2), content="乙", **sent) == "甲乙丙"
    # the same reference an hour later is another message
    late = sent | {"at": NOON + timedelta(hours=1, seconds=1)}
    assert actions.take_part(part=(8, 2, 1), content="y", **late) is None


def test_a_reply_that_is_pushed_twice_is_kept_once_under_the_number_without_prefix() -> None:
    push = {"destination": "106901", "content": "5", "sent_at": NOON, "at": NOON}
    kept = actions.take_reply(phone="+8613812345678", **push)
    assert kept is not None
    assert actions.take_reply(phone="13812345678", **push) is None
    answer = queries.answer(kept)
    assert answer is not None
    assert (answer.phone, answer.content) == ("13812345678", "5")
    assert actions.take_reply(phone="13812345678", **push | {"content": "4"}) is not None
