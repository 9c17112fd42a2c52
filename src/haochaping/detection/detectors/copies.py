"""D11: words that several people gave alike."""

import numpy as np

from haochaping.detection.rules.compare import Limits, Scored, compared, tally
from haochaping.detection.rules.detector import Detector, Unit
from haochaping.detection.rules.world import Flags, Ints, World
from haochaping.kernel.words import Words
from haochaping.problems.rules.neardup import shingles
from haochaping.problems.rules.words import Matrix

ALIKE = 0.8  # Jaccard similarity of the sets of 4-character runs
PEOPLE, FEWEST, MOST = 3, 8, 2000  # people, and texts of a window; more than MOST are sampled
LONG = 8  # characters


def score(world: World) -> Scored:
    """Count the ratings whose words, near-equal ones included, three or more people gave."""
    rated, texts = world.ratings, world.texts
    long = np.array([len(words) >= LONG for words in texts.words], bool)
    row = texts.row[long]
    window, key = rated.window[row], rated.id[row]
    who = np.where(rated.rater[row] != 0, rated.rater[row], -key)
    runs = shingles([words for words, enough in zip(texts.words, long, strict=True) if enough])
    copied = np.zeros(len(row), bool)
    order = np.argsort(window, kind="stable")
    for mine in np.split(order, np.flatnonzero(np.diff(window[order])) + 1):
        if len(mine) >= FEWEST:
            copied[mine[-MOST:]] = _copied(runs[mine[-MOST:]], who[mine[-MOST:]])
    units, k, n = tally(window, copied)
    limits = Limits(fewest=FEWEST, over=0.2)
    return compared(units, k, n, marked=(window[copied], key[copied]), limits=limits)


def _copied(runs: Matrix, who: Ints) -> Flags:
    """Return which texts of a window three or more people gave, near enough."""
    both = (runs @ runs.T).toarray()
    size = both.diagonal()
    alike = both >= ALIKE * np.maximum(size[:, None] + size[None, :] - both, 1)
    first = np.unique(who, return_inverse=True)[1]
    people = np.zeros((len(who), int(first.max()) + 1), bool)
    for person in range(people.shape[1]):
        people[:, person] = alike[:, first == person].any(axis=1)
    return np.asarray(people.sum(axis=1) >= PEOPLE)


DETECTOR = Detector(
    key="copies",
    code="D11",
    name=Words("文字雷同", "Words alike"),
    unit=Unit.WINDOW,
    definition=Words(
        "同一窗口内三人及以上文字相同或近似的评价占有文字评价的比例",
        "Ratings whose near-equal words three or more people gave "
        "at the window ÷ ratings with words",
    ),
    needs=Words("评价文字", "the words of ratings"),
    said=Words(
        "{n} 条有文字的评价中 {k} 条文字雷同（占 {share}，同类窗口通常 {expected}）",
        "{k} of {n} ratings with words say the same ({share}; peers: {expected})",
    ),
    honest=Words(
        "“很好”“满意”等短语人人会写；只比较八个字以上的",
        "short praise that everybody writes is left out: only "
        "eight characters and more are compared",
    ),
    score=score,
    fakes=True,
)
