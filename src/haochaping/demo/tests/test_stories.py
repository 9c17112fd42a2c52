"""The demonstration's problems are one problem each, whatever else people say that day."""

from random import Random

import numpy as np
import pytest

from haochaping.demo import phrases, stories
from haochaping.problems.rules import daily, groups, naming, words


@pytest.mark.parametrize("others", [30, 300])
@pytest.mark.parametrize(("told", "name"), [(stories.BROKEN, "取号机"), (stories.CODES, "验证码")])
def test_what_a_story_tells_is_one_problem(told: tuple[str, ...], name: str, others: int) -> None:
    for seed in range(8):
        dice = Random(seed)
        beside = [phrases.complaint(dice, dice.choice((207, 211, 212, 110))) for _ in range(others)]
        texts = [*beside, *told]
        space = words.learn(texts)
        vectors = words.vectors(space, [groups.matter("", text) for text in texts])
        found = groups.group(vectors, link=daily.SHORT.link, mean=daily.SHORT.mean)
        mine = found[others:]
        assert len(set(mine.tolist())) == 1
        assert not np.isin(mine[0], found[:others])
    assert name in naming.name(["" for _ in told], list(told))
