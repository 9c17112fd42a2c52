"""What stands between a queue and a bill: the cost guard, quiet hours, caps, leases."""

from datetime import datetime, timedelta

import pytest
from people import CITY, NOON

from haochaping.kernel.moments import LOCAL
from haochaping.notifications import actions, models, queries, rules
from haochaping.notifications.rules import Fate, Part, State
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
    actions.note_failed(message_id=message, tries=1, why="busy", again=True, at=NOON)
    row = models.Message.objects.get(pk=message)
    assert (row.state, row.why) == (State.QUEUED, "busy")
    assert row.due_at == rules.next_try(1, NOON)
    actions.claim(limit=1, daily_segments=9, at=NOON + timedelta(hours=1))
    actions.note_sent(message_id=message, provider_id="p9", at=NOON)
    receipt = {"provider_id": "p9", "message_id": None, "why": "", "at": NOON}
    assert actions.take_receipt(fate=Fate.UNDER_WAY, **receipt)
    assert models.Message.objects.get(pk=message).state == State.SENT
    assert not actions.take_receipt(fate=Fate.DELIVERED, phone="13900000000", **receipt)
    for fate in (Fate.DELIVERED, Fate.DELIVERED, Fate.FAILED, Fate.UNDER_WAY):
        assert actions.take_receipt(fate=fate, phone="8613812345678", **receipt)
        assert models.Message.objects.get(pk=message).state == State.DELIVERED
    assert not actions.take_receipt(**receipt | {"provider_id": ""}, fate=Fate.FAILED)
    actions.note_failed(message_id=message, tries=2, why="late", again=True, at=NOON)
    assert models.Message.objects.get(pk=message).state == State.DELIVERED


def test_a_worker_that_stood_still_past_its_lease_writes_nothing_over_the_next_one() -> None:
    message = queued()
    (stopped,) = actions.claim(limit=1, daily_segments=9, at=NOON)
    assert stopped.until == NOON + rules.LEASE
    assert actions.claim(limit=1, daily_segments=9, at=NOON + rules.LEASE / 2) == []
    (taken_up,) = actions.claim(limit=1, daily_segments=9, at=stopped.until)
    late = stopped.until + timedelta(seconds=9)
    actions.note_failed(
        message_id=message, tries=stopped.tries, why="broken pipe", again=True, at=late
    )
    row = models.Message.objects.get(pk=message)
    assert (row.state, row.due_at) == (State.SENDING, taken_up.until)
    actions.note_failed(message_id=message, tries=taken_up.tries, why="busy", again=True, at=late)
    # what the first one sent was taken after all: it is not sent a third time
    actions.note_sent(message_id=message, provider_id="p1", at=late)
    row = models.Message.objects.get(pk=message)
    assert (row.state, row.due_at) == (State.SENT, None)
    assert actions.claim(limit=1, daily_segments=9, at=NOON + timedelta(days=1)) == []


def test_a_receipt_may_name_our_own_number_or_the_gateways_and_one_is_enough() -> None:
    first, second = queued(), queued("13812345679")
    actions.claim(limit=2, daily_segments=9, at=NOON)
    actions.note_sent(message_id=first, provider_id="p1", at=NOON)
    actions.note_sent(message_id=second, provider_id="p2", at=NOON)
    receipt = {"fate": Fate.DELIVERED, "why": "", "at": NOON}
    assert actions.take_receipt(provider_id="", message_id=first, **receipt)
    assert models.Message.objects.get(pk=first).state == State.DELIVERED
    assert models.Message.objects.get(pk=second).state == State.SENT
    assert actions.take_receipt(provider_id="p2", message_id=None, **receipt)
    assert models.Message.objects.get(pk=second).state == State.DELIVERED
    assert not actions.take_receipt(provider_id="p9", message_id=None, **receipt)


def test_a_reply_in_parts_is_whole_once_all_are_there_in_any_order() -> None:
    sent = {"sender": ("13812345678", "1069"), "at": NOON}
    first, second, third = (data := "甲乙丙".encode("utf-16-be"))[:3], data[3:5], data[5:]
    assert actions.take_part(part=Part(7, 3, 3, third, 8), **sent) is None
    assert actions.take_part(part=Part(7, 3, 1, first, 8), **sent) is None
    assert actions.take_part(part=Part(8, 2, 2, b"\0x", 8), **sent) is None
    assert actions.take_part(part=Part(7, 3, 1, first, 8), **sent) is None
    assert actions.take_part(part=Part(7, 3, 2, second, 8), **sent) == "甲乙丙"  # cut in letters
    assert actions.take_part(part=Part(7, 3, 2, second, 8), **sent) is None  # delivered again
    assert actions.complete_parts(at=NOON + timedelta(minutes=16)) == 1  # of 8, not of 7
    # the same reference an hour later is another message; what lay there was taken as it was
    late = sent | {"at": NOON + timedelta(hours=1, seconds=1)}
    assert actions.take_part(part=Part(8, 2, 1, b"\0y", 8), **late) is None
    assert actions.complete_parts(at=late["at"]) == 0
    assert models.ReplyPart.objects.count() == 1
    assert models.Reply.objects.count() == 1


def test_another_message_under_a_reference_that_was_joined_is_not_lost() -> None:
    sent = {"sender": ("13812345678", "1069"), "at": NOON}
    for text in ("很差", "还行"):
        halves = [letter.encode("utf-16-be") for letter in text]
        assert actions.take_part(part=Part(7, 2, 1, halves[0], 8), **sent) is None
        assert actions.take_part(part=Part(7, 2, 2, halves[1], 8), **sent) == text


def test_a_receipt_is_no_reply_whoever_hands_it_in_as_one() -> None:
    push = {"phone": "13812345678", "destination": "1069", "sent_at": NOON, "at": NOON}
    assert actions.take_reply(content="id:77 sub:001 stat:DELIVRD", **push) is None
    assert models.Reply.objects.count() == 0


def test_a_part_that_never_comes_is_shown_and_what_was_said_counts() -> None:
    sent = {"sender": ("8613812345678", "1069"), "at": NOON}
    for number, text in ((1, "1，窗口"), (3, "很差")):
        assert (
            actions.take_part(part=Part(7, 3, number, text.encode("utf-16-be"), 8), **sent) is None
        )
    assert actions.complete_parts(at=NOON + timedelta(minutes=15)) == 0
    assert actions.complete_parts(at=NOON + timedelta(minutes=15, seconds=1)) == 1
    answer = queries.answer(models.Reply.objects.get().pk)
    assert answer is not None
    assert (answer.phone, answer.content) == ("13812345678", f"1，窗口{actions.MISSING}很差")
    assert not models.ReplyPart.objects.exists()


def test_a_reply_without_a_time_is_one_for_ten_minutes() -> None:
    push = {"phone": "13812345678", "destination": "106901", "content": "5", "sent_at": None}
    assert actions.take_reply(**push, at=NOON) is not None
    assert actions.take_reply(**push, at=NOON + timedelta(minutes=9)) is None
    assert actions.take_reply(**push | {"destination": "106902"}, at=NOON) is not None
    assert actions.take_reply(**push, at=NOON + timedelta(minutes=10, seconds=1)) is not None


def test_a_landline_is_sent_nothing() -> None:
    row = models.Message.objects.get(pk=queued("0518-85800000"))
    assert (row.state, row.why) == (State.SUPPRESSED, "no_mobile")


def test_every_writing_of_a_phone_is_one_phone_that_has_had_enough() -> None:
    written = ["138 0001 2001", "+8613800012001", "138-0001-2001", "１３８０００１２００１"]
    rows = [models.Message.objects.get(pk=queued(text)) for text in written]
    assert len({bytes(row.phone_index) for row in rows}) == 1
    assert [row.why for row in rows] == ["", "", "", "over_cap"]


def test_automatic_answers_are_given_once_in_a_conversation_and_within_the_cap() -> None:
    def say(template: str, at: datetime = NOON) -> str:
        values = {"receipt": "x"}
        key = actions.queue(template=template, phone="13812345678", values=values, at=at)
        return models.Message.objects.get(pk=key).why

    assert [say("help") for _ in range(380)].count("") == 1
    assert say("unsubscribed") == ""
    assert [say("thanks"), say("thanks")] == ["", "over_cap"]  # three a day of all of them
    tomorrow = NOON + timedelta(days=1, seconds=1)
    assert say("help", tomorrow) == "said_before"
    queued(at=tomorrow)  # another invitation begins another conversation
    assert say("help", tomorrow) == ""


def test_a_reply_that_is_pushed_twice_is_kept_once_under_the_number_without_prefix() -> None:
    push = {"destination": "106901", "content": "5", "sent_at": NOON, "at": NOON}
    kept = actions.take_reply(phone="+8613812345678", **push)
    assert kept is not None
    assert actions.take_reply(phone="13812345678", **push) is None
    answer = queries.answer(kept)
    assert answer is not None
    assert (answer.phone, answer.content) == ("13812345678", "5")
    assert actions.take_reply(phone="13812345678", **push | {"content": "4"}) is not None


def test_the_month_of_a_phone_has_thirty_days() -> None:
    for day in range(10):
        queued(at=NOON + timedelta(days=2 * day))
    month = timedelta(days=30)
    again = queued(at=NOON + month - timedelta(seconds=1))
    assert models.Message.objects.get(pk=again).why == "over_cap"
    again = queued(at=NOON + month)
    assert models.Message.objects.get(pk=again).why == ""


def test_a_message_that_cannot_be_read_holds_up_nobody_behind_it() -> None:
    first, second = queued("13800000001"), queued("13800000002")
    models.Message.objects.filter(pk=first).update(values=b"\x03" + bytes(40))
    claimed = actions.claim(limit=10, daily_segments=9, at=NOON)
    assert [one.id for one in claimed] == [second]
    row = models.Message.objects.get(pk=first)
    assert (row.state, row.why) == (State.QUEUED, "unreadable")  # its key may come
    at = NOON
    while row.due_at is not None:
        at = row.due_at
        actions.claim(limit=10, daily_segments=9, at=at)
        row.refresh_from_db()
    assert row.state == State.FAILED


@pytest.mark.parametrize(
    "spelling", ["138 0001 2001", "+8613800012001", "138-0001-2001", "１３８０００１２００１"]
)
def test_who_opted_out_has_done_so_in_every_spelling(spelling: str) -> None:
    first = models.Message.objects.get(pk=queued("13800012001"))
    actions.opt_out(phone_index=bytes(first.phone_index), at=NOON)
    later = models.Message.objects.get(pk=queued(spelling, at=NOON + timedelta(days=60)))
    assert (later.state, later.why) == (State.SUPPRESSED, "opted_out")
