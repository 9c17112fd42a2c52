"""Words of the trail: each room says what its subjects and verbs are called."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from haochaping.kernel.words import Words


class Subject(NamedTuple):
    """A kind of thing to which something is done, and what is done to it."""

    says: Words
    verbs: Mapping[str, Words]


type Trail = Mapping[str, Subject]  # by the name under which it is recorded

TRAIL: Trail = {
    "platform": Subject(
        Words("平台", "platform"),
        {
            "demo_begin": Words("开始装入演示", "Began the demonstration"),
            "demo": Words("装入演示数据", "Loaded the demonstration"),
        },
    )
}


def merged(trails: Iterable[Trail]) -> dict[str, Subject]:
    """Return the words of all rooms.

    Two rooms may speak of one subject, each with verbs of its own; raises ValueError where both
    claim the same verb.
    """
    whole: dict[str, Subject] = {}
    for trail in trails:
        for name, subject in trail.items():
            known = whole.get(name, Subject(subject.says, {}))
            if both := known.verbs.keys() & subject.verbs.keys():
                raise ValueError(name, both)
            whole[name] = Subject(known.says, {**known.verbs, **subject.verbs})
    return whole
