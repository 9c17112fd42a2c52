"""Sensitive words 敏感词 in what citizens write: shown to people who read it, and kept off public
pages. A rating counts whatever words it holds.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import ahocorasick_rs

from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words, chinese, storable

LONGEST = 20  # characters of a word


class Category(StrEnum):
    """What a word speaks for."""

    THREAT = "threat"
    HARM = "harm"
    CROWD = "crowd"
    ABUSE = "abuse"
    ADVERT = "advert"


CATEGORIES: Mapping[Category, Words] = {
    Category.THREAT: Words("威胁", "threats"),
    Category.HARM: Words("轻生自伤", "harm to oneself"),
    Category.CROWD: Words("聚集煽动", "calls to gather"),
    Category.ABUSE: Words("辱骂", "abuse"),
    Category.ADVERT: Words("广告代办", "advertising"),
}
# what every list begins with; an office adds to it and takes away from it
STARTER: Mapping[Category, Sequence[str]] = {
    Category.THREAT: chinese("弄死 砍死 炸了 同归于尽 泼汽油 堵你家 报复 等着瞧").split(),
    Category.HARM: chinese("自杀 跳楼 不想活 活不下去 轻生 割腕").split(),
    Category.CROWD: chinese("上街 拉横幅 集体上访 堵门 围堵 静坐").split(),
    Category.ABUSE: chinese("傻逼 王八蛋 狗东西 滚蛋 他妈的 畜生 混蛋 白痴 垃圾人").split(),
    Category.ADVERT: chinese("加微信 加我微信 代办包过 包办证 代开发票 低价办证 扫码领").split(),
}
_BETWEEN = re.compile(r"[\s·•.*_\-—~|/\\、，。,]+")  # what people put between the characters of one


class BadWord(Refusal):
    """A word of a list is one to twenty characters."""

    code = "bad_word"
    says = Words(
        f"请填写 1 至 {LONGEST} 个字的词，并选择类别。",
        f"Give a word of up to {LONGEST} characters and its category.",
    )


def plain(text: str) -> str:
    """Return a text as it is compared: one width, small letters, nothing between."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text).casefold())


def word(text: str, category: str) -> tuple[str, Category]:
    """Return a word of the list as it is kept; raises BadWord."""
    found = plain(text)
    if not found or len(found) > LONGEST or not storable(found) or category not in Category:
        raise BadWord
    return found, Category(category)


@dataclass(frozen=True)
class Found:
    """A word of the list that a text holds."""

    word: str
    category: Category


class Finder:
    """Finds the words of a list in texts (Aho–Corasick: in one pass, however long the list)."""

    def __init__(self, words: Mapping[str, Category]) -> None:
        self.words = list(words.items())
        patterns = [one for one, _ in self.words]
        longest = ahocorasick_rs.MatchKind.LeftmostLongest
        self._automaton = ahocorasick_rs.AhoCorasick(patterns, matchkind=longest)

    def find(self, text: str) -> list[Found]:
        """Return the words that a text holds, each once, in order."""
        hits = self._automaton.find_matches_as_indexes(plain(text)) if self.words else ()
        return [Found(*self.words[at]) for at in dict.fromkeys(hit[0] for hit in hits)]
