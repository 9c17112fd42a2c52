"""Texts of an office: kept and offered within it."""

import people
import pytest
from people import NOON

from haochaping.audit import queries as audit
from haochaping.identity.queries import person
from haochaping.kernel.errors import NotAllowed, NotFound
from haochaping.texts import actions, queries
from haochaping.texts.rules import NothingWritten


def kept(world: people.Place, who: str = "handler", **facts: str) -> int:
    """Keep a text."""
    given = {"fact": "reply", "title": " 致歉 ", "text": " 对不起 ", **facts}
    return actions.keep(by=world.users[who], at=NOON, **given)


def test_a_text_is_offered_to_its_own_office_until_it_is_retired(world: people.Place) -> None:
    made = kept(world)
    (text,) = queries.of_office(person(world.users["handler"]))
    assert (text.pk, text.title, text.text) == (made, "致歉", "对不起")
    assert not queries.of_office(person(world.users["foreign"])).exists()
    with pytest.raises(NotFound):
        actions.retire(text_id=made, by=world.users["foreign"], at=NOON)
    actions.retire(text_id=made, by=world.users["handler"], at=NOON)
    with pytest.raises(NotFound):
        actions.retire(text_id=made, by=world.users["handler"], at=NOON)
    assert [entry.verb for entry in audit.of("text", made)] == ["keep", "retire"]


@pytest.mark.parametrize("facts", [{"fact": "title"}, {"title": " "}, {"text": ""}])
def test_a_text_has_a_kind_a_title_and_says_something(
    world: people.Place, facts: dict[str, str]
) -> None:
    with pytest.raises(NothingWritten):
        kept(world, **facts)


def test_long_titles_and_texts_are_cut_and_only_handlers_keep_them(world: people.Place) -> None:
    made = kept(world, title="题" * 41, text="文" * 1001)
    (text,) = queries.of_office(person(world.users["handler"]))
    assert (text.pk, len(text.title), len(text.text)) == (made, 40, 1000)
    with pytest.raises(NotAllowed):
        kept(world, "agent")
