"""Everything that is written about problems.

`finding`, which reads texts with numpy and scipy, is loaded by whom it works for: the worker.
"""

from haochaping.problems.actions.campaigns import answer, close, hand_off, remind
from haochaping.problems.actions.judging import judge, rename, set_keywords
