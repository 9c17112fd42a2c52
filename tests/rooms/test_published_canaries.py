"""An identity is put in at every door; what is published of it is searched byte for byte, after the
day was closed, the month released and every case drafted that could be.
"""

import contextlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import people
import pytest
from canaries import CERTIFICATE, NAME, PHONE, WORDS, found_in, spellings
from django.test import Client
from people import given_rating, given_record, register, submit

from haochaping.evaluations import actions as evaluations
from haochaping.evaluations.models import Evaluation, FollowUp, Replacement
from haochaping.evaluations.rules import DeviceGiven, Kind, Rater
from haochaping.evaluations.tests.test_doors import box
from haochaping.feed import actions as feed
from haochaping.intake.tests.test_imports import NAMES, RATINGS, line, take
from haochaping.invitations import actions as invitations
from haochaping.kernel import clock
from haochaping.ledger import actions as ledger
from haochaping.ledger import queries as logs
from haochaping.notifications import actions as notifications
from haochaping.notifications.models import Message
from haochaping.orders import actions as orders
from haochaping.orders import models as ordered
from haochaping.orders.rules import Satisfaction, State
from haochaping.proofs import actions as proofs
from haochaping.publication import actions, queries, rules
from haochaping.records.rules import Applicant
from haochaping.site import mirror

pytestmark = pytest.mark.django_db
OCTOBER = date(2026, 10, 1)
THEN = datetime(2026, 10, 14, 4, 0, tzinfo=UTC)
SERVED = (THEN - timedelta(hours=1)).isoformat()
WHO = Applicant(NAME, 1, "111", CERTIFICATE, PHONE)
RATER = Rater(name=NAME, cert_key=CERTIFICATE, phone=PHONE)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    """A folder of logs of its own."""
    settings.HOME = tmp_path / "home"
    return tmp_path


def service() -> Any:
    """Register a service of the canary's."""
    made = given_record(served_at=SERVED, applicant=WHO)
    register(made)
    return made


def rate(level: int, **facts: Any) -> int:
    """Rate a service of the canary's through the interface; return the key."""
    (stored,) = submit(
        given_rating(service(), level, words=WORDS, rater=RATER, rated_at=THEN.isoformat(), **facts)
    )
    assert stored.key is not None
    return stored.key


def by_link() -> None:
    """Rate on the citizen's own page."""
    (stored,) = register(given_record(served_at=SERVED, applicant=WHO))
    assert stored.key is not None
    token = invitations.invite(record_id=stored.key, at=clock.now())
    sent = {"level": "1", "codes1": "108", "words": WORDS}
    assert Client().post(f"/e/{token}", sent).status_code == 302


def by_sms() -> None:
    """Rate by a reply, and give the reason in another."""
    (stored,) = register(given_record(served_at=SERVED, applicant=WHO))
    values = {"item": "企业设立登记", "link": "https://x.cn/s/a"}
    queued = notifications.queue(
        template="invite", phone=PHONE, values=values, record_id=stored.key, at=THEN
    )
    Message.objects.filter(pk=queued).update(sent_at=THEN, state="sent")
    for after, content in ((1, "1"), (2, WORDS)):
        at = THEN + timedelta(hours=after)
        kept = notifications.take_reply(
            phone=PHONE, destination="1069", content=content, sent_at=at, at=at
        )
        assert kept is not None
        evaluations.rate_by_reply(reply_id=kept, at=at)


def by_telephone(agent: int) -> None:
    """Tell an agent, who writes it down."""
    (stored,) = register(given_record(served_at=SERVED, applicant=WHO))
    assert stored.key is not None
    evaluations.rate_by_phone(
        record_id=stored.key, level=2, codes=[207], words=WORDS, kind=Kind.FIRST, by=agent,
        at=clock.now(),
    )  # fmt: skip


def by_tablet(world: people.Place) -> None:
    """Say it all on the tablet at the window."""
    given = DeviceGiven(1, [108], WORDS)
    item = evaluations.FromDevice(1, "canary", given, THEN)
    kept = evaluations.take_from_device(
        device=box(world), item=item, at=THEN + timedelta(minutes=1)
    )
    assert kept[1] is None


def by_file() -> None:
    """Hand in a department's own tables of services and ratings, in national names."""
    names = f"{NAMES},userName,userProp,userPageType,certKey,mobile"
    who = f"{NAME},1,111,{CERTIFICATE},{PHONE}"
    when = "2026-10-14 11:00:00"
    tables = {
        "records": (names, f"{line('P1', serviceTime=when)},{who}"),
        "evaluations": (
            f"{RATINGS},userName,certKey,mobile",
            f"P1,1,1,1,2026-10-14 12:00:00,108,{WORDS},{NAME},{CERTIFICATE},{PHONE}",
        ),
    }
    for what, rows in tables.items():
        report = take("\n".join(rows), what)
        assert (report.accepted, report.refused) == (1, [])


def put_right() -> None:
    """Have a bad rating put right by somebody who writes the citizen's name everywhere."""
    order = orders.open_for(evaluation_id=rate(1), at=clock.now())
    ordered.Step.objects.create(
        order_id=order, move="rectify", state="answering", given={"measures": WORDS}, by=1, at=THEN
    )
    ordered.Order.objects.filter(pk=order).update(
        state=State.CLOSED, due_at=None, closed_at=THEN, upheld=True,
        satisfaction=Satisfaction.SATISFIED,
    )  # fmt: skip


def changed() -> None:
    """Follow up, and replace."""
    made = service()
    (stored,) = submit(given_rating(made, 1, rater=RATER, rated_at=THEN.isoformat()))
    submit(
        given_rating(made, 1, kind=Kind.FOLLOW_UP, words=WORDS, codes=[], rater=RATER,
                     rated_at=(THEN + timedelta(hours=1)).isoformat())
    )  # fmt: skip
    other = service()
    (stored,) = submit(given_rating(other, 1, rater=RATER, rated_at=THEN.isoformat()))
    assert stored.key is not None
    better = given_rating(other, 5, words=WORDS, rater=RATER, rated_at=THEN.isoformat())
    evaluations.replace(given=better, record_id=stored.key, by=0, at=clock.now())


def publish(two: tuple[int, int]) -> None:
    """Close the day, release the month, and hang every case that may be hung, in the very words that
    the office sees.
    """
    yesterday = clock.now() - timedelta(days=1)
    while feed.sequence(at=yesterday) or proofs.follow(at=yesterday):
        pass
    proofs.close_days(at=clock.now())
    ledger.publish(log_id=logs.logs()[0].pk, at=clock.now())
    proofs.prove_days(at=clock.now())
    made = actions.draft(period=OCTOBER, by=two[0], at=clock.now())
    actions.release(release_id=made.pk, by=two[1], at=clock.now())
    hung = 0
    for board in rules.Board:
        for story in queries.stories(board):
            for said, done in ((story.said, story.done), (WORDS, WORDS)):
                with contextlib.suppress(rules.Unfit):
                    case = actions.draft_case(
                        source=story.source, board=board, title="案例", said=said, done=done,
                        by=two[0], at=clock.now(),
                    )  # fmt: skip
                    actions.release_case(case_id=case.pk, by=two[1], at=clock.now())
                    hung += 1
                    break
    assert hung >= 2
    actions.seal(today=(clock.now() + timedelta(days=1)).date(), at=clock.now())


def test_no_public_byte_tells_who_rated(world: people.Place, tmp_path: Path) -> None:
    other = people.appointed("leader", "leader", name="领导", region=320000000000, at=clock.now())  # fmt: skip
    for _ in range(12):
        rate(5)
    rate(1)
    by_link()
    by_sms()
    by_telephone(world.users["agent"])
    by_tablet(world)
    by_file()
    put_right()
    changed()
    assert Evaluation.objects.count() >= 20
    assert FollowUp.objects.count() >= 2
    assert Replacement.objects.count() == 1
    publish((world.users["province"], other))
    folder = tmp_path / "site"
    assert mirror.export(folder) > 50
    kinds = {one.suffix for one in folder.rglob("*") if one.is_file()}
    assert {".html", ".csv", ".json", ".parquet", ".rows", ".said", ".xml"} <= kinds
    assert found_in(folder) == []
    cases = [one for one in folder.rglob("*.html") if "案例" in one.read_text()]
    assert cases


@pytest.mark.parametrize("word", [NAME, PHONE])
def test_the_search_finds_an_identity_however_it_stands(tmp_path: Path, word: str) -> None:
    for number, form in enumerate(spellings(word)):
        (tmp_path / f"{number}.csv").write_bytes(b"a," + form + b"\n")
    assert {form for _, form in found_in(tmp_path)} >= spellings(word)
