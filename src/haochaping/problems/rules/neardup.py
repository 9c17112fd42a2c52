"""Texts that repeat each other: exact digests, then MinHash candidates that are verified.

Equal people who repeat themselves are merged by the caller; different people with the same words
are kept and flagged 相似表述 (text design §8.2).
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from haochaping.problems.rules.groups import renumber
from haochaping.problems.rules.texts import digest
from haochaping.problems.rules.words import Ints, Matrix, runs

ALIKE = 0.65  # Jaccard similarity of the sets of 4-character runs
SHINGLE = 4
BANDS = 32
ROWS = 4  # minima per band: 128 in all; finds a pair of .65 with 1 - (1 - .65**4)**32 = 99.8 %
_BLOCK = 200_000  # runs at a time
_CROWD = 64  # a band's bucket of more is compared with its first member only
_SEED = 20_200_507

type Pairs = NDArray[np.int64]


def near_groups(texts: Sequence[str], alike: float = ALIKE) -> Ints:
    """Return a group for each text, numbered from 0 by first members: equal digests, and texts
    linked by pairs of `near_pairs`. Texts that stand alone are groups of one.
    """
    _, first, where = np.unique(
        [digest(text) for text in texts], return_index=True, return_inverse=True
    )
    pairs, _ = near_pairs([texts[row] for row in first], alike)
    size = len(first)
    link = sparse.coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), (size, size))
    _, labels = connected_components(link, directed=False)
    return renumber(labels[where].astype(np.int64))


def near_pairs(texts: Sequence[str], alike: float = ALIKE) -> tuple[Pairs, NDArray[np.float64]]:
    """Return the pairs (i < j) of texts whose 4-character runs have a Jaccard similarity of
    `alike` at least, sorted, (pairs, 2), and their similarities.
    """
    sets = shingles(texts)
    pairs = candidates(minima(sets))
    similar = jaccard(sets, pairs)
    kept = similar >= alike
    return pairs[kept], similar[kept]


def shingles(texts: Sequence[str]) -> Matrix:
    """Return the set of 4-character runs of each text as 0/1 rows over all runs that occur.

    A text shorter than a run has an empty row, and so resembles nothing.
    """
    owners, hashes = runs(texts, SHINGLE)
    seen, columns = np.unique(hashes, return_inverse=True)
    ones = np.ones(len(owners), np.float32)
    sets = sparse.coo_matrix((ones, (owners, columns)), (len(texts), max(len(seen), 1))).tocsr()
    sets.data[:] = 1
    return sets


def minima(sets: Matrix) -> NDArray[np.uint32]:
    """Return the MinHash signature of each row, (rows, 128): per function, the least hash of the
    row's runs (Broder 1997; multiply-shift hashes). Empty rows are all ones.
    """
    dice = np.random.default_rng(_SEED)
    factors = dice.integers(1, 2**63, BANDS * ROWS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    shifts = dice.integers(0, 2**63, BANDS * ROWS, dtype=np.uint64)
    least = np.full((sets.shape[0], BANDS * ROWS), 2**32 - 1, np.uint32)
    full = np.flatnonzero(np.diff(sets.indptr))
    starts = sets.indptr[:-1][full].astype(np.int64)
    for start, stop in _blocks(starts, len(sets.indices)):
        low = starts[start]
        high = starts[stop] if stop < len(starts) else len(sets.indices)
        ids = sets.indices[low:high].astype(np.uint64) + np.uint64(1)
        ids = (ids * np.uint64(0x9E3779B97F4A7C15)) ^ (ids << np.uint64(17))
        for number in range(BANDS * ROWS):
            hashed = ((ids * factors[number] + shifts[number]) >> np.uint64(32)).astype(np.uint32)
            least[full[start:stop], number] = np.minimum.reduceat(hashed, starts[start:stop] - low)
    return least


def _blocks(starts: Ints, total: int) -> list[tuple[int, int]]:
    """Return ranges of rows with about _BLOCK runs each."""
    edges = np.searchsorted(starts, np.arange(0, total, _BLOCK))
    marks = sorted({*edges.tolist(), len(starts)})
    return [(low, high) for low, high in pairwise(marks) if high > low]


def candidates(signatures: NDArray[np.uint32]) -> Pairs:
    """Return the pairs (i < j) of rows that agree on all minima of a band, once each, sorted."""
    count = len(signatures)
    filled = np.flatnonzero((signatures != 2**32 - 1).any(axis=1))
    found = []
    for band in range(BANDS):
        part = np.ascontiguousarray(signatures[filled, band * ROWS : (band + 1) * ROWS])
        _, bucket = np.unique(part.view([("", np.uint32)] * ROWS).ravel(), return_inverse=True)
        order = np.argsort(bucket, kind="stable")
        edges = np.flatnonzero(np.diff(bucket[order])) + 1
        crowds = [crowd for crowd in np.split(filled[order], edges) if len(crowd) > 1]
        found += [_pairs(crowd) * np.array([count, 1]) for crowd in crowds]
    keys = np.unique(np.concatenate(found).sum(axis=1)) if found else np.zeros(0, np.int64)
    return np.stack(np.divmod(keys, max(count, 1)), axis=1)


def _pairs(crowd: Ints) -> Pairs:
    if len(crowd) > _CROWD:
        return np.stack([np.full(len(crowd) - 1, crowd[0]), crowd[1:]], axis=1)
    left, right = np.triu_indices(len(crowd), 1)
    return np.stack([crowd[left], crowd[right]], axis=1)


def jaccard(sets: Matrix, pairs: Pairs) -> NDArray[np.float64]:
    """Return |A and B| / |A or B| of each pair of rows; 0 where both are empty."""
    sizes = np.diff(sets.indptr)
    common = np.zeros(len(pairs))
    for start in range(0, len(pairs), 50_000):
        part = pairs[start : start + 50_000]
        both = sets[part[:, 0]].multiply(sets[part[:, 1]])
        common[start : start + 50_000] = np.asarray(both.sum(axis=1)).ravel()
    union = sizes[pairs[:, 0]] + sizes[pairs[:, 1]] - common
    return np.asarray(common / np.maximum(union, 1), np.float64)
