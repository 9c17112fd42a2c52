"""A citizen sees, corrects and erases what is held of them; an erasure takes two persons, in time,
within their region.
"""

import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import people
import pytest
from django.db import connection
from django.test import Client

from haochaping.audit.models import Entry
from haochaping.calendar import queries as calendar
from haochaping.evaluations import actions as evaluations
from haochaping.evaluations.models import Evaluation
from haochaping.evaluations.queries import phone_of
from haochaping.evaluations.rules import Rater
from haochaping.identity.rules import SamePerson
from haochaping.invitations import actions as invitations
from haochaping.kernel import clock
from haochaping.kernel.errors import NotAllowed
from haochaping.kernel.ids import receipt_number
from haochaping.kernel.marks import ChangedMeanwhile
from haochaping.notifications import actions as notifications
from haochaping.notifications import queries as messages
from haochaping.notifications.models import Message, Notice, Reply
from haochaping.notifications.rules import State as MessageState
from haochaping.privacy import actions, rules
from haochaping.privacy.models import Request
from haochaping.privacy.rules import Kind, State
from haochaping.records.rules import Applicant

pytestmark = pytest.mark.django_db
WORDS = "排队两个小时，我叫张芳华"


def officer(name: str, region: int = 320700000000) -> int:
    """Appoint somebody of a city's office."""
    return people.appointed(
        name, "city", name="王", password="a long enough one 7", region=region, at=clock.now()
    )


@pytest.fixture
def mine(world: people.Place, settings: Any, tmp_path: Path) -> tuple[int, str]:
    """A bad rating with words, and the address of whoever gave it."""
    settings.HOME = tmp_path
    officer("first")
    service = people.given_record(applicant=Applicant(name="张芳华", phone="13912345678"))
    people.register(service)
    rater = Rater(name="张芳华", phone="13912345678")
    (stored,) = people.submit(people.given_rating(service, 1, words=WORDS, rater=rater))
    key = stored.id
    return key, invitations.invite(record_id=key, for_rater=True, at=clock.now())


def ask(kind: str, key: int, words: str = "") -> Request:
    """Ask, and return the request."""
    region = Evaluation.objects.get(pk=key).region
    actions.ask(evaluation_id=key, region=region, kind=Kind(kind), words=words, at=clock.now())
    return Request.objects.get(evaluation_id=key, kind=kind, answered_at=None)


def test_whoever_rated_gets_a_copy_of_everything_and_the_trail_knows(
    mine: tuple[int, str], client: Client
) -> None:
    key, token = mine
    assert client.get(f"/e/{token}/data").status_code == 200
    held = json.loads(client.get(f"/e/{token}/data?download=1").content)
    assert (held["level"], held["phone"]) == ("非常不满意 Very dissatisfied", "13912345678")
    assert "排队两个小时" in held["words"]
    assert Entry.objects.filter(subject="privacy", verb="copy", subject_id=key).count() == 1
    link = invitations.invite(record_id=key, at=clock.now())  # what systems give out
    assert client.get(f"/e/{link}/data").status_code == 409


def test_a_request_is_answered_within_fifteen_working_days_and_its_office_is_told(
    mine: tuple[int, str], client: Client
) -> None:
    key, token = mine
    told = client.post(f"/e/{token}/data", {"kind": "correct", "words": "电话少一位"})
    assert told.status_code == 302
    request = Request.objects.get()
    due = calendar.current(request.region).after(request.asked_at, rules.WORKING_DAYS)
    assert (request.due_at, request.words) == (due, {"words": "电话少一位"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT words::text FROM privacy_request")
        assert "电话" not in cursor.fetchone()[0]
    assert Notice.objects.filter(topic="privacy").count() == 1
    again = client.post(f"/e/{token}/data", {"kind": "correct", "words": "再说一次"})
    assert (again.status_code, "已提交过" in again.text) == (409, True)
    assert client.post(f"/e/{token}/data", {"kind": "correct"}).status_code == 422
    assert client.post(f"/e/{token}/data", {"kind": "nonsense"}).status_code == 422
    assert Request.objects.filter(evaluation_id=key).count() == 1


def test_an_erasure_takes_two_persons_and_leaves_nothing_personal(mine: tuple[int, str]) -> None:
    key, _ = mine
    earlier = ask("correct", key, "我叫张芳华，电话 13912345678")
    reply = notifications.take_reply(
        phone="13912345678",
        destination="1069",
        content="1，我叫张芳华",
        sent_at=None,
        at=clock.now(),
    )
    assert reply is not None
    notifications.note_outcome(reply_id=reply, outcome="rated", evaluation_id=key)
    sent = notifications.queue(
        template="invite",
        phone="13912345678",
        values={"item": "办证", "link": "x"},
        record_id=key,
        at=clock.now(),
    )
    request = ask("erase", key, "不想留")
    first, second = officer("first2"), officer("second")

    def agree(by: int, answer: str = "", seen: str | None = None) -> State:
        return actions.decide(
            request_id=request.pk, agree=True, answer=answer, seen=seen, by=by, at=clock.now()
        )

    with pytest.raises(rules.Unsaid):
        agree(first)
    assert agree(first, "已删除", request.state) == State.PROPOSED
    with pytest.raises(ChangedMeanwhile):  # a page that proposes destroys nothing
        agree(second, "同意", request.state)
    with pytest.raises(SamePerson):
        agree(first)
    assert Evaluation.objects.get(pk=key).words.startswith("排队两个小时")
    assert agree(second) == State.DONE
    row = Evaluation.objects.get(pk=key)
    assert (row.words, row.phone, row.rater_name, row.level) == ("", None, None, 1)
    assert phone_of(key) == ""
    assert [one.words for one in Request.objects.all()] == [{}, {}]
    assert earlier.words
    message, said = Message.objects.get(pk=sent), Reply.objects.get(pk=reply)
    assert [bytes(one) for one in (message.phone, message.values, said.phone, said.content)] == [
        b""
    ] * 4
    assert message.state == MessageState.SUPPRESSED
    answer = messages.answer(reply)
    assert answer is not None
    assert (answer.phone, answer.content) == ("", "")
    with pytest.raises(rules.Answered):
        agree(second)


def test_the_office_hears_before_a_request_is_late_and_when_it_is(mine: tuple[int, str]) -> None:
    request = ask("correct", mine[0], "电话错了")
    told = [
        actions.remind(at=request.due_at + timedelta(days=day, hours=1)) for day in range(-6, 4)
    ]
    assert told == [0, 0, 0, 1, 0, 0, 1, 0, 0, 0]
    actions.decide(
        request_id=request.pk, agree=True, answer="已改", by=officer("x"), at=clock.now()
    )
    assert actions.remind(at=request.due_at) == 0


def test_of_a_bad_rating_whose_only_reason_was_its_words_it_is_said_that_they_went(
    world: people.Place,
) -> None:
    service = people.given_record()
    people.register(service)
    given = people.given_rating(service, 1, codes=(), words="张芳华等了两个小时")
    key = people.submit(given)[0].key
    assert key is not None
    evaluations.erase(evaluation_id=key, reason="request", by=0, at=clock.now())
    assert Evaluation.objects.get(pk=key).words == "（已应本人要求删除）"


def test_declining_needs_a_reason_which_the_citizen_reads(
    mine: tuple[int, str], client: Client
) -> None:
    key, token = mine
    request, me = ask("erase", key), officer("first")
    desk = people.signed_in(me)
    address = f"/admin/privacy/{request.pk}"
    assert desk.post(address, {"verdict": "decline"}).status_code == 422
    assert "待答复" in desk.get("/admin/privacy").text
    given = {"verdict": "decline", "answer": "案件审查期间依法须保留"}
    assert desk.post(address, given).status_code == 302
    page = client.get(f"/e/{token}/data").text
    assert "案件审查期间依法须保留" in page
    assert ask("erase", key).pk != request.pk  # and may ask again


def test_another_citys_office_neither_sees_nor_answers_it(mine: tuple[int, str]) -> None:
    key, _ = mine
    request, other = ask("erase", key), officer("other", 320100000000)
    desk = people.signed_in(other)
    assert f"/admin/privacy/{request.pk}" not in desk.get("/admin/privacy").text
    near = people.signed_in(officer("first"))
    assert f"/admin/privacy/{request.pk}" in near.get("/admin/privacy").text
    with pytest.raises(NotAllowed):
        actions.decide(request_id=request.pk, agree=True, answer="", by=other, at=clock.now())


def test_requests_are_taken_as_a_file_without_what_citizens_wrote(
    mine: tuple[int, str], world: people.Place
) -> None:
    ask("correct", mine[0], "我的电话是别人的")
    file = (
        people.signed_in(world.users["city"])
        .get("/admin/privacy?as=csv")
        .content.decode("utf-8-sig")
    )
    (line,) = csv.DictReader(io.StringIO(file))
    assert line["评价回执号"] == receipt_number(mine[0])
    assert "别人" not in file
    foreign = people.signed_in(world.users["foreign"]).get("/admin/privacy?as=csv").content.decode()
    assert len(foreign.splitlines()) == 1
