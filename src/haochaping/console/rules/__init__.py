"""The handbook 操作手册: what each entry of the menu is for, and how its work is done. Everybody
reads the chapters of the pages that they may open, so that each role has its own.
"""

from collections.abc import Mapping

from haochaping.console.rules.chapters import Chapter
from haochaping.console.rules.keeping import KEEPING
from haochaping.console.rules.working import WORKING

HANDBOOK: Mapping[str, Chapter] = {**WORKING, **KEEPING}
