"""Names of problems: a clause of the citizens' own words, and keywords (text design §4).

Clauses are only cut, never put together, so that a name cannot say what nobody said. Places stay
in it.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from math import log

from haochaping.kernel.words import chinese
from haochaping.problems.rules.texts import Cut, normalise, tokens

IDEAL = 14  # characters that a manager reads at a glance
LONGEST = 24
_SAMPLE = 200  # texts of a problem that are read
_PHRASE = range(2, 11)  # characters

_ACTS = chinese(
    "投诉|举报|反映|咨询|请问|询问|关于|有关|建议|请求|恳求|恳请|希望|质疑|求助|呼吁|控诉|要求|敬请"
    "|请"
)
_BEFORE = chinese("强烈|再次|实名|紧急|第.次|对|就|一下|有关部门|领导|政府")
_OPENING = re.compile(rf"^(?:(?:{_BEFORE})*(?:{_ACTS}))+")
_ENDING = re.compile(
    chinese(
        r"(?:的?(?:相关|一些|几个|有关)?(?:问题|投诉|举报|咨询|建议|情况|请求|疑问|反映|信|求助|诉求)|"
        r"[吗呢吧啊了]|怎么办|谢谢)+$"
    )
)
_MARKS = re.compile(r"[。！？!?;；,，\n…~]+")
_EDGES = " .、:：-—_·\"'“”‘’（）()《》【】[]"


def name(titles: Sequence[str], texts: Sequence[str]) -> str:
    """Return the name of a problem from its texts, in the order of their ids: of all clauses the
    one with the two phrases that most texts share, and then nearest to 14 characters.
    """
    said = [clauses(title, text) for title, text in zip(titles, texts, strict=True)][:_SAMPLE]
    every = list(dict.fromkeys(clause for one in said for clause in one))
    if not every:
        return ""
    top = phrases(["\n".join(one) for one in said])
    order = {clause: place for place, clause in enumerate(every)}
    return min(every, key=lambda clause: (*_rank(clause, top), order[clause]))


def _rank(clause: str, top: Sequence[tuple[str, float]]) -> tuple[float, int]:
    covered = sum(score for phrase, score in top if phrase in clause)
    return -covered, abs(len(clause) - IDEAL)


def clauses(title: str, text: str) -> list[str]:
    """Return the clauses of a title, or of a text without one, that may serve as a name, without
    the words that only say that someone complains: 投诉…, 关于…的问题.
    """
    found = [_bare(part) for part in _MARKS.split(normalise(title or text[:200]))]
    fitting = [part for part in found if len(part) >= 4]  # noqa: PLR2004 - 排队太久
    return [part[:LONGEST] for part in fitting or found if part]


def _bare(part: str) -> str:
    bare = _OPENING.sub("", part.strip(_EDGES))
    return _ENDING.sub("", bare.strip(_EDGES)).strip(_EDGES)


def phrases(texts: Sequence[str], count: int = 2) -> list[tuple[str, float]]:
    """Return the phrases that texts share, of 2 to 10 characters, the weightiest first, with their
    weights: texts * (characters - 1). None overlaps a weightier one; what one text says is none.
    """
    shared: Counter[str] = Counter()
    for text in texts:
        runs = (text[at : at + size] for size in _PHRASE for at in range(len(text) - size + 1))
        shared.update({run for run in runs if "\n" not in run and " " not in run})
    least = max(2, len(texts) // 5)
    weights = {run: seen * (len(run) - 1.0) for run, seen in shared.items() if seen >= least}
    top: list[tuple[str, float]] = []
    for run, weight in sorted(weights.items(), key=lambda item: (-item[1], item[0])):
        if len(top) == count:
            break
        if not any(_overlap(run, other) for other, _ in top):
            top.append((run, weight))
    return top


def _overlap(one: str, other: str) -> bool:
    return any(one[at : at + 2] in other for at in range(len(one) - 1))


def keywords(
    problems: Mapping[int, Sequence[str]], count: int = 4, cut: Cut = tokens
) -> dict[int, tuple[str, ...]]:
    """Return the words that set each problem's texts apart: the highest c-TF-IDF,
    tf / words of the problem * ln(1 + mean words per problem / tf in all) (Grootendorst 2022),
    ties in the order of the words. Single characters and bare numbers are left out.
    """
    told = {problem: Counter(_words(texts, cut)) for problem, texts in problems.items()}
    overall: Counter[str] = Counter()
    for words in told.values():
        overall.update(words)
    mean = overall.total() / max(len(told), 1)
    return {problem: _best(words, overall, mean, count) for problem, words in told.items()}


def _words(texts: Sequence[str], cut: Cut) -> list[str]:
    words = [word for text in texts for word in set(cut(text))]
    return [word for word in words if len(word) > 1 and not word.isdigit()]


def _best(words: Counter[str], overall: Counter[str], mean: float, count: int) -> tuple[str, ...]:
    weight = {word: seen * log(1 + mean / overall[word]) for word, seen in words.items()}
    return tuple(sorted(weight, key=lambda word: (-weight[word], word))[:count])
