"""The Merkle tree of RFC 6962 and RFC 9162: hashes, proofs, and how they are checked.

A node is named by level and index: level 0 holds the leaves, and node (l, i) covers the leaves
from i << l on, 1 << l of them. Only whole subtrees are ever stored: they never change.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence

HASH = 32  # bytes of SHA-256
EMPTY = hashlib.sha256(b"").digest()  # the root of a tree without leaves

type NodeAt = Callable[[int, int], bytes]  # the hash of a whole subtree by level and index


class BadProof(ValueError):
    """A proof does not prove what it claims."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256(0x00 | entry), RFC 9162 §2.1.1."""
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256(0x01 | left | right), RFC 9162 §2.1.1."""
    return hashlib.sha256(b"\1" + left + right).digest()


def extend(frontier: list[bytes], size: int, leaves: Iterable[bytes]) -> int:
    """Append leaf hashes to the frontier of a tree, in place; return the new size.

    The frontier holds the hashes of the whole subtrees that the leaves fall into, the largest
    first: at most 64, and all that a tree must remember to grow.
    """
    for leaf in leaves:
        node, left = leaf, size
        while left & 1:
            node = hashlib.sha256(b"\1" + frontier.pop() + node).digest()
            left >>= 1
        frontier.append(node)
        size += 1
    return size


def root_of(frontier: Sequence[bytes]) -> bytes:
    """Return the root of a tree by its frontier."""
    if not frontier:
        return EMPTY
    root = frontier[-1]
    for node in reversed(frontier[:-1]):
        root = node_hash(node, root)
    return root


def root(leaves: Iterable[bytes]) -> bytes:
    """Return the root over leaf hashes."""
    frontier: list[bytes] = []
    extend(frontier, 0, leaves)
    return root_of(frontier)


def frontier_at(size: int, at: NodeAt) -> list[bytes]:
    """Return the frontier of the tree of the first `size` leaves, from stored nodes."""
    found, begin = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            found.append(at(level, begin >> level))
            begin += 1 << level
    return found


def _hash_of(begin: int, end: int, at: NodeAt) -> bytes:
    """Return the hash over the leaves from `begin` (a multiple of a power of two that is not below
    their number) to before `end`.
    """
    level = (end - begin).bit_length() - 1
    if end - begin == 1 << level:
        return at(level, begin >> level)
    middle = begin + (1 << level)
    return node_hash(_hash_of(begin, middle, at), _hash_of(middle, end, at))


def _split(number: int) -> int:
    """Return the largest power of two below a number."""
    return 1 << (number - 1).bit_length() - 1


def inclusion(index: int, size: int, at: NodeAt) -> list[bytes]:
    """Return the proof that a leaf is in the tree of a size, from the leaf's sibling up (RFC 9162
    §2.1.3.1).

    Raises ValueError for a leaf that is not in it.
    """
    if not 0 <= index < size:
        raise ValueError(index, size)
    path, begin, end = [], 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(_hash_of(middle, end, at))
            end = middle
        else:
            path.append(_hash_of(begin, middle, at))
            begin = middle
    return path[::-1]


def consistency(old: int, size: int, at: NodeAt) -> list[bytes]:
    """Return the proof that the tree of `size` leaves begins with that of `old` (RFC 9162
    §2.1.4.1).

    Raises ValueError where it cannot. Nothing need be proved for an empty tree or the same.
    """
    if not 0 <= old <= size:
        raise ValueError(old, size)
    path: list[bytes] = []
    begin, end, whole = 0, size, True
    if old in (0, size):
        return path
    while old != end:
        middle = begin + _split(end - begin)
        if old <= middle:
            path.append(_hash_of(middle, end, at))
            end = middle
        else:
            path.append(_hash_of(begin, middle, at))
            begin, whole = middle, False
    if not whole:
        path.append(_hash_of(begin, end, at))
    return path[::-1]


def check_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], expected: bytes
) -> None:
    """Check that a leaf hash is in the tree with this root (RFC 9162 §2.1.3.2); raises BadProof."""
    if not 0 <= index < size or any(len(node) != HASH for node in (leaf, expected, *path)):
        raise BadProof("the leaf is not in a tree of this size")
    found, place, last = leaf, index, size - 1
    for node in path:
        if last == 0:
            raise BadProof("the proof is too long")
        if place & 1 or place == last:
            found = node_hash(node, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, node)
        place, last = place >> 1, last >> 1
    if last or found != expected:
        raise BadProof("the proof leads to another root")


def check_consistency(
    old: int, size: int, path: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Check that one tree is the beginning of another (RFC 9162 §2.1.4.2); raises BadProof.

    A tree without leaves is the beginning of every tree, which proves nothing: it is refused.
    """
    if 0 < old == size:
        if path or old_root != new_root:
            raise BadProof("trees of one size have one root")
        return
    if not 0 < old < size or any(len(node) != HASH for node in (old_root, new_root, *path)):
        raise BadProof("no proof between trees of these sizes")
    nodes = list(path)
    if old & (old - 1) == 0:
        nodes.insert(0, old_root)
    if not nodes:
        raise BadProof("the proof is empty")
    place, last = old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    _walk(nodes, place, last, old_root, new_root)


def _walk(nodes: list[bytes], place: int, last: int, old_root: bytes, new_root: bytes) -> None:
    """Follow a consistency proof up to both roots; raises BadProof."""
    before = after = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            raise BadProof("the proof is too long")
        if place & 1 or place == last:
            before, after = node_hash(node, before), node_hash(node, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, node)
        place, last = place >> 1, last >> 1
    if last or before != old_root or after != new_root:
        raise BadProof("the proof leads to other roots")
