"""Problems from day to day: assign, found, merge. Ids never change except by a merge, and then the
older one wins (text design §5).

The state is the texts of a window with their problems. It holds nothing that stored rows (text,
problem, day) and `words.vectors` could not bring back. An id is older if it is smaller.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from haochaping.problems.rules.groups import LINK, MEAN, group, sums
from haochaping.problems.rules.words import Ints, Matrix

WINDOW = 400  # days that a text keeps its problem open
JOIN = 0.12  # mean similarity to a problem's texts from which a new text belongs to it
_CHUNK = 256  # new texts or changed problems at a time: bounds memory on a day of many


@dataclass(frozen=True)
class Bounds:
    """How alike texts of one problem are: see `groups` for link and mean."""

    link: float = LINK
    join: float = JOIN
    mean: float = MEAN
    window: int = WINDOW


LETTERS = Bounds()
SHORT = Bounds(link=0.30, join=0.16, mean=0.16)  # reviews of a sentence, which resemble sooner


@dataclass(frozen=True)
class Known:
    """Texts with their problems, one row each, sorted by day and text."""

    texts: Ints  # ids
    problems: Ints  # ids
    days: Ints  # ordinals, as `date.toordinal` counts them
    vectors: Matrix  # (texts, columns), unit rows

    def only(self, rows: Ints) -> "Known":
        """Return these rows."""
        return Known(self.texts[rows], self.problems[rows], self.days[rows], self.vectors[rows])


@dataclass(frozen=True)
class Step:
    """What a day brought: the state after it, and what to store."""

    known: Known
    assigned: dict[int, int]  # text → problem, of the new texts, after the night's merges
    merged: dict[int, int]  # problem → the older problem that it went into
    next_id: int


def empty(columns: int) -> Known:
    """Return the state of a block without texts; `columns` is the width of its vectors."""
    none = np.zeros(0, np.int64)
    return Known(none, none, none, sparse.csr_matrix((0, columns), dtype=np.float32))


def known(texts: Ints, problems: Ints, days: Ints, vectors: Matrix) -> Known:
    """Return the state rebuilt from stored rows in any order."""
    rows = np.lexsort((texts, days))
    return Known(texts, problems, days, vectors).only(rows)


def advance(
    before: Known, today: int, texts: Ints, vectors: Matrix, next_id: int, bounds: Bounds = LETTERS
) -> Step:
    """Return what a day's texts do to a block: each joins a problem or founds one, then problems
    that have grown together merge. `today` is an ordinal; new ids count up from `next_id`.
    """
    order = np.argsort(texts, kind="stable")
    texts, vectors = texts[order], vectors[order]
    before = before.only(np.flatnonzero(before.days > today - bounds.window))
    problems = assign(before, vectors, bounds.link, bounds.join)
    problems, next_id = found(problems, vectors, next_id, bounds)
    after = Known(
        np.concatenate([before.texts, texts]),
        np.concatenate([before.problems, problems]),
        np.concatenate([before.days, np.full(len(texts), today)]),
        sparse.vstack([before.vectors, vectors], format="csr"),
    )
    merged = merges(after, np.unique(problems), bounds.link, bounds.mean)
    after = replace(after, problems=renamed(after.problems, merged))
    new = renamed(problems, merged)
    return Step(after, dict(zip(texts.tolist(), new.tolist(), strict=True)), merged, next_id)


def assign(before: Known, vectors: Matrix, link: float = LINK, join: float = JOIN) -> Ints:
    """Return a problem for each new row, or -1: among the problems with a text of similarity
    >= `link`, the one with the highest average link, if that is >= `join`; ties to the older.
    """
    starts = range(0, vectors.shape[0], _CHUNK)
    parts = [_assign(before, vectors[start : start + _CHUNK], link, join) for start in starts]
    return np.concatenate([np.zeros(0, np.int64), *parts])


def _assign(before: Known, vectors: Matrix, link: float, join: float) -> Ints:
    problems = np.full(vectors.shape[0], -1, np.int64)
    near = (before.vectors @ vectors.T.tocsr()).tocoo()
    close = near.data >= link
    olds, news = before.problems[near.row[close]], near.col[close]
    if not len(olds):
        return problems
    ids, rank = np.unique(olds, return_inverse=True)
    rows = np.flatnonzero(np.isin(before.problems, ids))
    total, size = sums(before.vectors[rows], np.searchsorted(ids, before.problems[rows]), len(ids))
    every = (total @ vectors.T.tocsr()).toarray() / size[:, None]
    mean = np.zeros(every.shape)
    mean[rank, news] = every[rank, news]
    best = mean.argmax(axis=0)
    fits = mean.max(axis=0) >= join
    problems[fits] = ids[best[fits]]
    return problems


def found(
    problems: Ints, vectors: Matrix, next_id: int, bounds: Bounds = LETTERS
) -> tuple[Ints, int]:
    """Return the problems with new ids, grouped among themselves, in place of -1; the next id."""
    left = np.flatnonzero(problems < 0)
    if not len(left):
        return problems, next_id
    groups = group(vectors[left], link=bounds.link, mean=bounds.mean)
    problems = problems.copy()
    problems[left] = next_id + groups
    return problems, next_id + int(groups.max()) + 1


def merges(state: Known, touched: Ints, link: float = LINK, mean: float = MEAN) -> dict[int, int]:
    """Return which problems went into which older ones: while a touched problem and another have
    an average link >= `mean` and two texts of similarity >= `link`, the closest two merge.

    A problem merges once a night, so that one night cannot roll up a block of short texts that all
    resemble each other a little; what is left merges on a later night, if it still should.
    """
    merged: dict[int, int] = {}
    problems = state.problems
    close = _close(state.vectors, problems, sorted(set(touched.tolist())), mean)
    while close:
        pair = min(close, key=lambda pair: (-close[pair], pair))
        if not _linked(state.vectors, problems, pair, link):
            del close[pair]
            continue
        old, young = pair
        merged[young] = old
        close = {two: near for two, near in close.items() if not {old, young} & set(two)}
    return dict(sorted(merged.items()))


def _close(
    vectors: Matrix, problems: Ints, changed: Sequence[int], mean: float
) -> dict[tuple[int, int], float]:
    """Return the average link of (older, younger) where it is >= `mean` and one has changed."""
    ids, where = np.unique(problems, return_inverse=True)
    sizes = np.bincount(where)
    close: dict[tuple[int, int], float] = {}
    for start in range(0, len(changed), _CHUNK):
        part = np.asarray(changed[start : start + _CHUNK])
        rows = np.flatnonzero(np.isin(problems, part))
        total, size = sums(vectors[rows], np.searchsorted(part, problems[rows]), len(part))
        links = np.zeros((len(ids), len(part)))
        np.add.at(links, where, (vectors @ total.T.tocsr()).toarray())
        links /= sizes[:, None] * size[None, :]
        links[np.searchsorted(ids, part), np.arange(len(part))] = 0  # with itself
        for row, column in zip(*np.nonzero(links >= mean), strict=True):
            old, young = sorted((int(ids[row]), int(part[column])))
            close[old, young] = float(links[row, column])
    return close


def _linked(vectors: Matrix, problems: Ints, pair: tuple[int, int], link: float) -> bool:
    """Whether some text of one problem is a neighbour of some text of the other."""
    old, young = (vectors[np.flatnonzero(problems == problem)] for problem in pair)
    near = old @ young.T.tocsr()
    return bool(near.nnz and near.data.max() >= link)


def renamed(problems: Ints, merged: dict[int, int]) -> Ints:
    """Return the problems after these merges."""
    if not merged:
        return problems
    young = np.array(sorted(merged))
    old = np.array([merged[int(problem)] for problem in young])
    at = np.minimum(np.searchsorted(young, problems), len(young) - 1)
    return np.where(young[at] == problems, old[at], problems)
