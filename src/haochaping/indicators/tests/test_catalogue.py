"""The national codes: forty in force, thirty-two retired, and which are offered where."""

from collections import Counter
from datetime import date

import pytest

from haochaping.indicators import actions, queries, rules
from haochaping.indicators.rules import Applies, Indicator
from haochaping.kernel.db import talk
from haochaping.kernel.words import Words

pytestmark = pytest.mark.django_db


def test_both_national_tables_are_there_and_loading_them_again_changes_nothing() -> None:
    assert actions.seed() == 72
    found = talk(queries.load())
    assert len(found) == 72
    in_force = [code for code, indicator in found.items() if indicator.in_force]
    assert len(in_force) == 40
    assert Counter(code // 100 for code in in_force) == Counter(dict.fromkeys(range(1, 6), 8))
    assert found == queries.catalogue()


@pytest.mark.parametrize("level", range(1, 6))
def test_each_code_says_something_in_both_languages_and_belongs_to_its_level(level: int) -> None:
    offered = rules.offered(list(queries.catalogue().values()))
    assert offered[level]
    assert all(indicator.level == level for indicator in offered[level])
    assert all(indicator.says.zh and indicator.says.en for indicator in offered[level])


def test_retired_codes_explain_old_ratings_and_are_not_offered() -> None:
    catalogue, validity = queries.catalogue(), queries.validity()
    offered = {i.code for group in rules.offered(list(catalogue.values())).values() for i in group}
    for code, indicator in catalogue.items():
        since, until = validity[code]
        assert (until is None) == indicator.in_force == (code in offered)
        assert since == (date(2020, 1, 1) if indicator.in_force else date(2019, 10, 9))
        assert until in (None, date(2020, 1, 1))


def test_core_codes_come_first_and_what_does_not_apply_is_left_out() -> None:
    says = Words("甲", "a")
    made = [
        Indicator(512, says, False, Applies.BOTH, 2, True),
        Indicator(511, says, True, Applies.ONLINE, 2, True),
        Indicator(510, says, True, Applies.ON_SITE, 2, True),
        Indicator(509, says, True, Applies.BOTH, 1, False),
    ]

    def codes(online: bool | None) -> list[int]:
        return [indicator.code for indicator in rules.offered(made, online=online)[5]]

    assert codes(None) == [510, 511, 512]
    assert codes(True) == [511, 512]
    assert codes(False) == [510, 512]


def test_the_five_levels_have_their_national_names() -> None:
    assert {level: words.zh for level, words in rules.LEVELS.items()} == {
        5: "非常满意",
        4: "满意",
        3: "基本满意",
        2: "不满意",
        1: "非常不满意",
    }
    assert rules.BAD == (1, 2)
