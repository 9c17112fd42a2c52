"""Everything that is written about problems."""

from haochaping.problems.actions.campaigns import answer, close, hand_off
from haochaping.problems.actions.finding import group, learn, pull, seed
from haochaping.problems.actions.judging import judge, rename, set_keywords
