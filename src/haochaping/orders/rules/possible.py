"""What can be done to an order now, and with what."""

from collections.abc import Collection, Mapping

from haochaping.identity.rules import Right
from haochaping.kernel.words import Words
from haochaping.orders.rules.case import Incomplete
from haochaping.orders.rules.moves import MOVES, ROWS
from haochaping.orders.rules.vocabulary import CHOICES, FACTS, Side, State


def says_of(verb: str) -> Words:
    """Return the words for a move or an event."""
    return ROWS[verb].says


def possible(verb: str, state: State, satisfaction: str | None, sides: Collection[Side]) -> bool:
    """Say whether the table allows a move now."""
    move = MOVES.get(verb)
    return (
        move is not None
        and state in move.sources
        and (move.after is None or satisfaction in move.after)
        and (move.beside is None or move.beside in sides)
        and (move.opens is None or move.opens not in sides)
        and (move.closes is None or move.closes in sides)
    )


def moves_from(
    state: State, rights: Collection[Right], satisfaction: str | None, sides: Collection[Side] = ()
) -> list[str]:
    """Return the moves to show as buttons."""
    return [
        verb
        for verb, move in MOVES.items()
        if move.button and move.right in rights and possible(verb, state, satisfaction, sides)
    ]


def check_facts(verb: str, given: Mapping[str, str]) -> dict[str, str]:
    """Return the facts of a move, stripped.

    Raises Incomplete naming what is missing, unknown or too long.
    """
    move = MOVES[verb]
    kept = {}
    for fact in (*move.needs, *move.may):
        value = given.get(fact, "").strip()
        label = FACTS[fact]
        if not value and fact in move.needs:
            raise Incomplete(Words(f"请填写{label.zh}。", f"{label.en} is missing."), field=fact)
        if value and fact in CHOICES and value not in CHOICES[fact]:
            raise Incomplete(Words(f"请选择{label.zh}。", f"Choose: {label.en}."), field=fact)
        if len(value) > 2000:  # noqa: PLR2004 - the form's own limit
            raise Incomplete(Words("内容最长 2000 字。", "At most 2000 characters."), field=fact)
        if value:
            kept[fact.value] = value
    return kept
