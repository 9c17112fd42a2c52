"""The conversation by SMS: which service a reply is about, what it does, and what is answered."""

from datetime import timedelta

import people
import pytest
from people import NOON, given_record, register

from haochaping.evaluations import actions, models
from haochaping.evaluations.rules import Channel, Kind
from haochaping.kernel.errors import NotFound
from haochaping.notifications import actions as notifications
from haochaping.notifications import models as messages

PHONE = "13812345678"
INVITE = {"item": "企业设立登记", "link": "https://x.cn/s/a"}


def asked(sent_at: object = NOON) -> tuple[int, str]:
    """Ask about a fresh service; return its key and the extension it was asked under."""
    (stored,) = register(given_record())
    queued = notifications.queue(
        template="invite", phone=PHONE, values=INVITE, record_id=stored.key, at=NOON
    )
    messages.Message.objects.filter(pk=queued).update(sent_at=sent_at, state="sent")
    return stored.key, messages.Message.objects.get(pk=queued).extension


def reply(content: str, destination: str = "1069", after: timedelta = timedelta(hours=1)) -> str:
    """Answer; return what became of it."""
    sent_at = NOON + after
    kept = notifications.take_reply(
        phone=PHONE, destination=destination, content=content, sent_at=sent_at, at=sent_at
    )
    assert kept is not None
    became = actions.rate_by_reply(reply_id=kept, at=sent_at)
    assert actions.rate_by_reply(reply_id=kept, at=sent_at) == became  # safe to repeat
    return became


def said() -> list[str]:
    """Return the templates of what was sent besides invitations, oldest first."""
    found = messages.Message.objects.exclude(template="invite").order_by("pk")
    return list(found.values_list("template", flat=True))


def test_a_digit_rates_the_service_and_is_thanked_for(world: people.Place) -> None:
    key, _ = asked()
    assert reply("5") == "rated"
    (stored,) = models.Evaluation.objects.all()
    assert (stored.pk, stored.level, stored.channel, stored.words) == (key, 5, Channel.SMS, "")
    assert stored.rated_at == NOON + timedelta(hours=1)
    assert said() == ["thanks"]
    assert reply("4", after=timedelta(hours=2)) == "repeated"
    assert said() == ["thanks"]
    assert messages.Reply.objects.order_by("pk").first().evaluation_id == key


def test_a_reply_that_comes_before_we_noted_that_we_asked_counts(world: people.Place) -> None:
    key, extension = asked()
    messages.Message.objects.update(sent_at=None, state="sending")
    assert reply("5", f"1069{extension}", after=timedelta(seconds=1)) == "rated"
    assert models.Evaluation.objects.get().pk == key
    asked()
    messages.Message.objects.filter(template="invite").update(sent_at=None, state="queued")
    assert reply("5", after=timedelta(seconds=2)) == "nothing_open"  # nobody was asked yet


def test_a_low_digit_counts_at_once_and_its_reason_becomes_a_follow_up(world: people.Place) -> None:
    key, _ = asked()
    assert reply("1") == "rated"
    (stored,) = models.Evaluation.objects.all()
    assert (stored.level, stored.words) == (1, "1")
    assert said() == ["reason"]
    assert reply("排了三个小时的队", after=timedelta(hours=2)) == "reason"
    (follow,) = models.FollowUp.objects.all()
    assert (follow.evaluation_id, follow.level, follow.words) == (key, 1, "排了三个小时的队")
    assert said() == ["reason", "thanks"]
    assert reply("再说一句", after=timedelta(hours=3)) == "unknown"
    assert said() == ["reason", "thanks", "help"]
    assert Kind.FOLLOW_UP == 2


def test_a_reason_said_at_once_needs_no_question(world: people.Place) -> None:
    asked()
    assert reply("2，材料退了三次") == "rated"
    assert models.Evaluation.objects.get().words == "材料退了三次"
    assert said() == ["thanks"]


def test_two_services_are_told_apart_by_the_number_that_is_answered(world: people.Place) -> None:
    (first, ext_one), (second, ext_two) = asked(), asked(NOON + timedelta(minutes=1))
    assert ext_one != ext_two
    assert reply("4", f"1069{ext_one}") == "rated"
    assert models.Evaluation.objects.get().pk == first
    assert reply("3") == "rated"  # without an extension: the latest that is open
    assert set(models.Evaluation.objects.values_list("pk", flat=True)) == {first, second}


@pytest.mark.parametrize(
    ("after", "became"),
    [
        (timedelta(days=7), "rated"),
        (timedelta(days=7, seconds=1), "late"),
        (timedelta(days=90), "late"),
        (timedelta(days=90, seconds=1), "nothing_open"),
    ],
)
def test_a_reply_counts_for_seven_days(world: people.Place, after: timedelta, became: str) -> None:
    asked()
    assert reply("5", after=after) == became


def test_what_is_no_answer_is_explained_once_asked_and_ignored_otherwise(
    world: people.Place,
) -> None:
    assert reply("你是谁") == "unknown"
    assert reply("5", after=timedelta(hours=2)) == "nothing_open"
    assert said() == []
    asked()
    assert reply("你是谁呀", after=timedelta(hours=3)) == "unknown"
    assert said() == ["help"]


def test_td_ends_the_invitations(world: people.Place) -> None:
    asked()
    assert reply("TD") == "unsubscribed"
    assert said() == ["unsubscribed"]
    assert messages.OptOut.objects.count() == 1
    with pytest.raises(NotFound):
        actions.rate_by_reply(reply_id=0, at=NOON)


def test_a_rating_with_td_is_stored_and_ends_the_invitations(world: people.Place) -> None:
    asked()
    assert reply("1，态度差，退订") == "rated"
    assert said() == ["unsubscribed"]
    assert messages.OptOut.objects.count() == 1


def test_citizens_are_told_only_where_a_gateway_is_and_a_phone_is_known(
    world: people.Place, settings: object
) -> None:
    key = people.rated(1)
    tell = {"evaluation_id": key, "region": people.CITY, "says": "已办结。", "at": NOON}
    actions.tell_citizen(**tell)
    assert said() == []
    settings.SMS = "smpp://localhost"  # type: ignore[attr-defined]
    actions.tell_citizen(**tell)
    assert said() == ["progress"]
    service = given_record(applicant=people.record.Applicant("无号"))
    register(service)
    (stored,) = people.submit(people.given_rating(service, 1))
    actions.tell_citizen(**tell | {"evaluation_id": stored.key})
    assert said() == ["progress"]
