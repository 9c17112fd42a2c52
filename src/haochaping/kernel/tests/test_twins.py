"""Names that stand twice."""

import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as some

from haochaping.kernel.twins import Twice, once, twin


@dataclass(frozen=True)
class Made:
    """JSON, and whether it holds an object with a name that stands twice."""

    text: str
    twice: bool


NAMES = some.sampled_from(["a", "b", '":', "c\\", "名"])
COLONS = some.sampled_from([":", ": ", " :", "\t: ", "\n:"])
LEAVES = some.sampled_from([1, None, "a", '":', "a:b", '"b" : ']).map(
    lambda value: Made(json.dumps(value), twice=False)
)


def array(items: list[Made]) -> Made:
    """Return an array."""
    return Made(f"[{', '.join(one.text for one in items)}]", any(one.twice for one in items))


def an_object(pairs: list[tuple[str, Made]], colon: str, *, escaped: bool) -> Made:
    """Return an object of pairs."""
    names = [name for name, _ in pairs]
    text = ",".join(
        f"{json.dumps(name, ensure_ascii=escaped)}{colon}{one.text}" for name, one in pairs
    )
    return Made(f"{{{text}}}", any(one.twice for _, one in pairs) or len(set(names)) < len(names))


def objects(inner: some.SearchStrategy[Made]) -> some.SearchStrategy[Made]:
    """Return objects with such values."""
    pairs = some.lists(some.tuples(NAMES, inner), max_size=3)
    return some.builds(an_object, pairs, COLONS, escaped=some.booleans())


VALUES = some.recursive(
    objects(LEAVES), lambda inner: objects(inner) | some.lists(inner, max_size=2).map(array)
)


@given(some.lists(VALUES, max_size=4).map(array))
def test_a_name_that_stands_twice_is_found_wherever_it_is_and_none_else(made: Made) -> None:
    json.loads(made.text)
    assert (twin(made.text.encode()) is not None) == made.twice


def test_the_name_that_stands_twice_is_told() -> None:
    assert twin(b'[{"a": 1, "b": 2}, {"c": {"b": 3, "\\u0062": 4}}]') == "b"
    assert once([("a", 1), ("b", 2)]) == {"a": 1, "b": 2}
    with pytest.raises(Twice):
        once([("a", 1), ("a", 1)])
