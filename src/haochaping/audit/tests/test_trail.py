"""The trail: what was done stays, in order, and is read within a range of regions."""

import people
import pytest
from people import CITY, ELSEWHERE, NOON

from haochaping.audit import actions, queries
from haochaping.audit.rules import Subject, merged
from haochaping.kernel.words import Words
from haochaping.policies import actions as policies

pytestmark = pytest.mark.django_db
SAYS = Words("单", "order")


def note(number: int, verb: str = "sign", region: int = CITY, subject: str = "order") -> None:
    """Write an entry."""
    actions.record(
        subject=subject,
        subject_id=number,
        verb=verb,
        details={"n": number},
        region=region,
        by=7,
        at=NOON,
    )


def test_entries_are_read_newest_first_within_a_range_and_from_one_on() -> None:
    for number in (1, 2, 3):
        note(number)
    note(4, region=ELSEWHERE)
    note(5, verb="close")
    note(6, subject="policy")
    scope = (CITY, CITY + 10**8 - 1)
    assert [row.subject_id for row in queries.latest(scope, queries.Asked())] == [6, 5, 3, 2, 1]
    assert [row.subject_id for row in queries.latest(scope, queries.Asked(subject="order"))] == [
        5,
        3,
        2,
        1,
    ]
    assert [row.subject_id for row in queries.latest(scope, queries.Asked(verb="close"))] == [5]
    third = queries.of("order", 3)[0]
    assert [row.subject_id for row in queries.latest(scope, queries.Asked(), before=third.pk)] == [
        2,
        1,
    ]
    assert (third.by, third.at, third.details) == (7, NOON, {"n": 3})
    assert queries.happened("order", "close")
    assert not queries.happened("policy", "close")


def test_many_are_written_at_once_and_one_things_history_is_oldest_first() -> None:
    entries = [("order", 9, verb, {}, CITY) for verb in ("dispatch", "sign", "close")]
    actions.record_many(entries=entries, by=0, at=NOON)
    assert [row.verb for row in queries.of("order", 9)] == ["dispatch", "sign", "close"]
    assert queries.of("order", 10) == []


def test_two_rooms_may_speak_of_one_subject_but_not_with_the_same_verb() -> None:
    one = {"order": Subject(SAYS, {"a": SAYS})}
    two = {"order": Subject(Words("别", "other"), {"b": SAYS}), "text": Subject(SAYS, {})}
    whole = merged([one, two])
    assert set(whole) == {"order", "text"}
    assert set(whole["order"].verbs) == {"a", "b"}
    assert whole["order"].says == SAYS
    with pytest.raises(ValueError, match="order"):
        merged([one, one])


def test_a_room_calls_a_detail_of_its_own_as_it_does(world: people.Place) -> None:
    policies.propose(
        region=CITY,
        values={"contact": 1},
        source="连政务〔2026〕9 号",
        valid_from=NOON.date(),
        redate=False,
        by=world.users["city"],
        at=NOON,
    )
    page = people.signed_in(world.users["auditor"]).get("/admin/audit?subject=policy")
    assert "派单、签收（首次联系） 1" in page.text
    assert "联系人" not in page.text.partition("<tbody>")[2]


def test_a_post_is_in_the_trail() -> None:
    (entry,) = queries.of("user", people.appointed("sun", "city"))
    assert (entry.verb, entry.region, entry.details["role"]) == ("appoint", CITY, "city")
