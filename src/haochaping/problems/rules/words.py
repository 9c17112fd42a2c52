"""Words of a text, and sparse vectors of many texts: hashed, with frozen weights.

A vector is made of hashed words and hashed character sequences, so that no vocabulary is kept: the
only state is the `Space`, two arrays of weights learnt once from a background of texts. A new text
gets its vector without touching the old ones.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from haochaping.problems.rules.texts import Cut, normalise, tokens

type Floats = NDArray[np.float32]
type Ints = NDArray[np.int64]
type Matrix = Any  # scipy.sparse.csr_matrix of float32: scipy ships no types

WORD_BITS = 18  # 262 144 hashed words
CHAR_BITS = 20  # 1 048 576 hashed character sequences
WORD_SHARE = 0.6  # of a similarity; the characters have the rest
_CHUNK = 20_000  # texts at a time, so that memory does not grow with the number of texts


@dataclass(frozen=True)
class Space:
    """Frozen weights: the idf of each hashed word and, unless left out, each hashed sequence."""

    words: Floats  # (2**WORD_BITS,)
    chars: Floats | None  # (2**CHAR_BITS,), None for bulk: characters cost ten times the words


def word_counts(texts: Sequence[str], cut: Cut = tokens) -> Matrix:
    """Return how often each hashed word occurs in each text: (texts, 2**WORD_BITS), float32."""
    # three seconds that every process would wait for: only the worker reads texts
    from sklearn.feature_extraction import FeatureHasher  # noqa: PLC0415 - as above

    hasher = FeatureHasher(
        2**WORD_BITS, input_type="string", alternate_sign=False, dtype=np.float32
    )
    return hasher.transform(cut(text) for text in texts) if texts else _none(WORD_BITS)


def char_counts(texts: Sequence[str], shortest: int = 2, longest: int = 4) -> Matrix:
    """Return how often each hashed run of `shortest` to `longest` characters occurs in each text.

    Runs do not cross marks; spaces mean nothing in Chinese and are dropped. (texts, 2**CHAR_BITS)
    """
    parts = [
        _char_chunk(texts[start : start + _CHUNK], shortest, longest)
        for start in range(0, len(texts), _CHUNK)
    ]
    return sparse.vstack(parts, format="csr") if parts else _none(CHAR_BITS)


def _none(bits: int) -> Matrix:
    return sparse.csr_matrix((0, 2**bits), dtype=np.float32)


def runs(texts: Sequence[str], length: int) -> tuple[Ints, NDArray[np.uint64]]:
    """Return the text number and a 64-bit hash of every run of `length` characters, in order."""
    bare = ["".join(normalise(text).lower().split()) for text in texts]
    codes = np.frombuffer("\n".join([*bare, ""]).encode("utf-32-le"), np.uint32)
    owner = np.repeat(np.arange(len(bare)), [len(text) + 1 for text in bare])
    solid = _alnum(codes)
    count = max(len(codes) - length + 1, 0)
    mixed, whole = np.zeros(count, np.uint64), np.ones(count, bool)
    for offset in range(length):  # a polynomial, mixed at the end
        mixed = mixed * np.uint64(0x100000001B3) + codes[offset : offset + count]
        whole &= solid[offset : offset + count]
    mixed = (mixed[whole] + np.uint64(length)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return owner[:count][whole], mixed ^ (mixed >> np.uint64(32))


def _alnum(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Whether each code point is a letter, a digit or a Chinese character."""
    seen, where = np.unique(codes, return_inverse=True)
    return np.array([chr(code).isalnum() for code in seen], bool)[where]


def _char_chunk(texts: Sequence[str], shortest: int, longest: int) -> Matrix:
    found = [runs(texts, length) for length in range(shortest, longest + 1)]
    owners = np.concatenate([owner for owner, _ in found]).astype(np.int32)
    hashes = np.concatenate([(mixed >> np.uint64(64 - CHAR_BITS)) for _, mixed in found])
    ones = np.ones(len(owners), np.float32)
    shape = (len(texts), 2**CHAR_BITS)
    return sparse.coo_matrix((ones, (owners, hashes.astype(np.int32))), shape).tocsr()


def idf(counts: Matrix, most: float = 1.0) -> Floats:
    """Return ln((1 + n) / (1 + df)) + 1 for each column, 0 where df > `most` of the n texts.

    A column that no text has gets the weight of one that a single text has (Salton, smoothed).
    """
    total = counts.shape[0]
    df = np.bincount(counts.indices, minlength=counts.shape[1])
    weights = np.log((1 + total) / (1 + np.maximum(df, 1))) + 1
    weights[df > max(most * total, 1)] = 0
    return np.asarray(weights, np.float32)


def tfidf(counts: Matrix, weights: Floats) -> Matrix:
    """Return rows of (1 + ln tf) * idf, each of length 1 (or 0 where nothing is left)."""
    matrix = counts.astype(np.float32)
    matrix.data = (1 + np.log(matrix.data)) * weights[matrix.indices]
    return unit(matrix)


def unit(matrix: Matrix) -> Matrix:
    """Return the rows scaled to length 1; empty rows stay empty."""
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    squares = np.bincount(rows, matrix.data.astype(np.float64) ** 2, matrix.shape[0])
    lengths = np.sqrt(np.where(squares > 0, squares, 1))
    data = (matrix.data / lengths[rows]).astype(np.float32)
    scaled = sparse.csr_matrix((data, matrix.indices, matrix.indptr), matrix.shape)
    scaled.eliminate_zeros()
    return scaled


def learn(
    texts: Sequence[str], cut: Cut = tokens, *, chars: bool = True, most: float = 1.0
) -> Space:
    """Return the weights learnt from a background of texts; `most` drops words of more texts."""
    return Space(
        words=idf(word_counts(texts, cut), most),
        chars=idf(char_counts(texts), most) if chars else None,
    )


def vectors(space: Space, texts: Sequence[str], cut: Cut = tokens) -> Matrix:
    """Return one row per text, of length 1 at most, so that a dot product is a similarity 0…1:
    .6 of the words' cosine and .4 of the characters' (text design §3.5).
    """
    words = tfidf(word_counts(texts, cut), space.words)
    if space.chars is None:
        return words
    chars = tfidf(char_counts(texts), space.chars)
    shares = [words * np.float32(WORD_SHARE**0.5), chars * np.float32((1 - WORD_SHARE) ** 0.5)]
    return sparse.hstack(shares, format="csr")


def space_to_bytes(space: Space) -> bytes:
    """Return the weights as a compressed numpy archive, without pickle."""
    arrays = {"words": space.words} | ({} if space.chars is None else {"chars": space.chars})
    return to_npz(arrays)


def space_from_bytes(raw: bytes) -> Space:
    """Return the weights of `space_to_bytes`."""
    arrays = from_npz(raw)
    return Space(arrays["words"], arrays.get("chars"))


def to_npz(arrays: dict[str, NDArray[Any]]) -> bytes:
    """Return named arrays as one compressed numpy archive."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def from_npz(raw: bytes) -> dict[str, NDArray[Any]]:
    """Return the named arrays of `to_npz`; pickled objects are refused."""
    with np.load(io.BytesIO(raw), allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}
