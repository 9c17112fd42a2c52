"""A classifier of texts over any set of labels: word and character TF-IDF into a linear SVM for
each label, with calibrated confidence (text design §3.2).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit

from haochaping.problems.rules.texts import Cut, tokens
from haochaping.problems.rules.words import (
    CHAR_BITS,
    WORD_BITS,
    Floats,
    Matrix,
    char_counts,
    from_npz,
    idf,
    tfidf,
    to_npz,
    word_counts,
)

C = 1.0
FOLDS = 5
ACCURACY = 0.98  # that what is assigned without a person is to reach
_SEED = 20_200_507

type Grid = NDArray[np.float64]  # (texts, labels)


@dataclass(frozen=True)
class Model:
    """A trained classifier: arrays only, see `to_bytes`."""

    labels: tuple[str, ...]
    many: bool  # a text may have several labels: then each has its own confidence
    words: Floats  # (2**WORD_BITS,) idf, 0 where unused
    chars: Floats  # (2**CHAR_BITS,) idf, 0 where unused
    weights: Floats  # (columns, labels)
    offsets: Floats  # (labels,)
    slope: Grid  # of the calibration: of each label if `many`, else (1,), of the best one's lead
    shift: Grid  # as above: confidence = sigmoid(slope * score + shift)
    threshold: float  # a confidence from which no person need look


@dataclass(frozen=True)
class Verdict:
    """What the classifier says of a text."""

    label: str
    confidence: float  # 0…1, calibrated
    second: str  # the next best label, for a person to choose from
    automatic: bool
    labels: tuple[str, ...]  # all with a confidence of half at least, and the best


def train(
    texts: Sequence[str],
    labels: Sequence[str | Sequence[str]],
    cut: Cut = tokens,
    *,
    trust: Sequence[float] | None = None,
    c: float = C,
) -> Model:
    """Return a model of these texts and their labels: one each, or a sequence of labels each.

    `trust` weighs each text, 1 unless given. The same texts in another order give the same model:
    they are sorted first. Confidence and threshold come from 5 folds, each judged by a model that
    has not seen it.
    """
    many = any(not isinstance(label, str) for label in labels)
    sets = [(label,) if isinstance(label, str) else tuple(sorted(label)) for label in labels]
    weigh = [1.0] * len(texts) if trust is None else list(trust)
    rows = sorted(range(len(texts)), key=lambda row: (texts[row], sets[row], weigh[row]))
    names = tuple(sorted({name for given in sets for name in given}))
    truth = _truth([sets[row] for row in rows], names)
    words, chars, features = _learn([texts[row] for row in rows], cut)
    weight = np.array([weigh[row] for row in rows])
    weights, offsets = fit(features, truth, weight, c)
    margins = _unseen(features, truth, weight, c)
    scores = margins if many else gaps(margins)
    slope, shift = calibrate(scores, truth if many else _right(margins, truth))
    shares = expit(scores * slope + shift)
    right = _right(shares if many else margins, truth)[:, 0]
    threshold = least_confidence(shares.max(axis=1), right)
    return Model(names, many, words, chars, weights, offsets, slope, shift, threshold)


def _truth(sets: Sequence[Sequence[str]], names: Sequence[str]) -> Grid:
    truth = np.zeros((len(sets), len(names)))
    for row, given in enumerate(sets):
        truth[row, [names.index(name) for name in given]] = 1
    return truth


def _right(scores: Grid, truth: Grid) -> Grid:
    """Return 1 where the best label of a row is a true one, (texts, 1)."""
    return np.take_along_axis(truth, scores.argmax(axis=1)[:, None], axis=1)


def _learn(texts: Sequence[str], cut: Cut) -> tuple[Floats, Floats, Matrix]:
    counts = word_counts(texts, cut), char_counts(texts, 1, 3)
    words, chars = (_idf_of_shared(part) for part in counts)
    return words, chars, _stack(counts[0], counts[1], words, chars)


def _idf_of_shared(counts: Matrix) -> Floats:
    """Return the idf of columns that two texts have at least, 0 for the others."""
    df = np.bincount(counts.indices, minlength=counts.shape[1])
    return np.where(df > 1, idf(counts), 0).astype(np.float32)


def _stack(word: Matrix, char: Matrix, words: Floats, chars: Floats) -> Matrix:
    return sparse.hstack([tfidf(word, words), tfidf(char, chars)], format="csr")


def features_of(model: Model, texts: Sequence[str], cut: Cut = tokens) -> Matrix:
    """Return the rows that a model judges texts by: words and characters, each of length 1."""
    return _stack(word_counts(texts, cut), char_counts(texts, 1, 3), model.words, model.chars)


def fit(features: Matrix, truth: Grid, weight: Grid, c: float = C) -> tuple[Floats, Floats]:
    """Return weights (columns, labels) and offsets (labels,) of a linear SVM for each label
    against the rest, each text weighed by `weight`. A label that all texts have is always right,
    one that none has never.
    """
    from sklearn.svm import LinearSVC  # noqa: PLC0415 - three seconds: see `words.word_counts`

    weights = np.zeros((features.shape[1], truth.shape[1]), np.float32)
    offsets = np.where(truth.mean(axis=0) > 0.5, 1, -1).astype(np.float32)  # noqa: PLR2004 - half
    used = np.flatnonzero(np.bincount(features.indices, minlength=features.shape[1]))
    compact = features[:, used].astype(np.float64)
    for label in range(truth.shape[1]):
        if 0 < truth[:, label].sum() < len(truth):
            svm = LinearSVC(C=c, random_state=_SEED)
            svm.fit(compact, truth[:, label], sample_weight=weight)
            weights[used, label] = svm.coef_[0]
            offsets[label] = svm.intercept_[0]
    return weights, offsets


def margins_of(model: Model, texts: Sequence[str], cut: Cut = tokens) -> Grid:
    """Return the SVMs' margins, (texts, labels)."""
    margins = features_of(model, texts, cut) @ model.weights + model.offsets
    return np.asarray(margins, np.float64)


def _unseen(features: Matrix, truth: Grid, weight: Grid, c: float) -> Grid:
    """Return the margin of every text by a model that was trained without it."""
    margins = np.zeros(truth.shape)
    fold = np.empty(len(truth), np.int64)
    order = np.argsort(truth @ 2.0 ** np.arange(truth.shape[1]), kind="stable")
    fold[order] = np.arange(len(truth)) % FOLDS  # each fold has its share of each label
    for number in range(FOLDS):
        inside, outside = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        if len(inside) and len(outside):
            weights, offsets = fit(features[inside], truth[inside], weight[inside], c)
            margins[outside] = features[outside] @ weights + offsets
    return margins


def calibrate(scores: Grid, truth: Grid) -> tuple[Grid, Grid]:
    """Return the slope and the shift of each column such that sigmoid(slope * score + shift) is
    how likely the truth is 1 (Platt 1999). A slight pull to slope 2 and shift 0 keeps few calm.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - slow, as above all of sklearn

    columns = scores.shape[1]

    def loss(params: Grid) -> tuple[float, Grid]:
        slope, shift = params[:columns], params[columns:]
        logits = scores * slope + shift
        cost = np.logaddexp(0, np.where(truth > 0, -logits, logits)).sum()
        error = expit(logits) - truth
        pull = np.concatenate([slope - 2, shift])
        steep = np.concatenate([(error * scores).sum(axis=0), error.sum(axis=0)])
        return float(cost + (pull**2).sum() / 2), steep + pull

    start = np.concatenate([np.full(columns, 2.0), np.zeros(columns)])
    best = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return best[:columns], best[columns:]


def gaps(margins: Grid) -> Grid:
    """Return how far the best label is ahead of the second best, (texts, 1): of several measures
    of doubt, the one that ranks errors best (see the bench).
    """
    if margins.shape[1] == 1:
        return np.abs(margins)
    best = np.sort(margins, axis=1)
    return best[:, -1:] - best[:, -2:-1]


def least_confidence(best: Grid, right: Grid, accuracy: float = ACCURACY) -> float:
    """Return the lowest confidence such that the texts at or above it reach `accuracy`; above 1
    where no threshold does.
    """
    order = np.argsort(-best, kind="stable")
    reached = np.cumsum(right[order]) / np.arange(1, len(order) + 1) >= accuracy
    last = np.flatnonzero(reached)
    return float(best[order][last[-1]]) if len(last) else 1.01


def predict(model: Model, texts: Sequence[str], cut: Cut = tokens) -> list[Verdict]:
    """Return a verdict for each text."""
    margins = margins_of(model, texts, cut)
    shares = expit((margins if model.many else gaps(margins)) * model.slope + model.shift)
    ranks = np.argsort(-(shares if model.many else margins), axis=1, kind="stable")
    return [_verdict(model, row, rank) for row, rank in zip(shares, ranks, strict=True)]


def _verdict(model: Model, shares: Grid, rank: NDArray[np.int64]) -> Verdict:
    best = float(shares.max())
    more = [label for label in rank[1:] if model.many and shares[label] >= 0.5]  # noqa: PLR2004
    return Verdict(
        label=model.labels[rank[0]],
        confidence=best,
        second=model.labels[rank[min(1, len(rank) - 1)]],
        automatic=best >= model.threshold,
        labels=tuple(model.labels[label] for label in [rank[0], *more]),
    )


def to_review(
    model: Model, ids: Sequence[int], texts: Sequence[str], count: int = 50, cut: Cut = tokens
) -> list[int]:
    """Return the ids of the texts that a person's label would teach the most: those with the
    smallest margin between the two best labels (Scheffer 2001), ties by id.
    """
    doubt = gaps(margins_of(model, texts, cut))[:, 0]
    ranked = sorted(range(len(ids)), key=lambda row: (round(float(doubt[row]), 9), ids[row]))
    return [ids[row] for row in ranked[:count]]


def to_bytes(model: Model) -> bytes:
    """Return a model as a compressed numpy archive without pickle: only columns in use."""
    used = np.flatnonzero(np.concatenate([model.words, model.chars]))
    facts = {"labels": model.labels, "many": model.many, "threshold": model.threshold}
    arrays: dict[str, NDArray[Any]] = {
        "facts": np.frombuffer(json.dumps(facts).encode(), np.uint8),
        "used": used.astype(np.int32),
        "idf": np.concatenate([model.words, model.chars])[used],
        "weights": model.weights[used],
        "offsets": model.offsets,
        "slope": model.slope,
        "shift": model.shift,
    }
    return to_npz(arrays)


def from_bytes(raw: bytes) -> Model:
    """Return the model of `to_bytes`."""
    held = from_npz(raw)
    facts = json.loads(held["facts"].tobytes())
    columns = np.zeros(2**WORD_BITS + 2**CHAR_BITS, np.float32)
    columns[held["used"]] = held["idf"]
    weights = np.zeros((len(columns), len(facts["labels"])), np.float32)
    weights[held["used"]] = held["weights"]
    return Model(
        labels=tuple(facts["labels"]),
        many=facts["many"],
        words=columns[: 2**WORD_BITS],
        chars=columns[2**WORD_BITS :],
        weights=weights,
        offsets=held["offsets"],
        slope=held["slope"],
        shift=held["shift"],
        threshold=facts["threshold"],
    )
