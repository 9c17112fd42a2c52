"""Problems among texts: a thresholded graph of nearest neighbours, then average link inside.

Everything here is for one block (one reason of one office, say): a complaint about another
office's problem is another problem. The graph keeps it sparse; the rising threshold keeps any one
component small, however many short texts resemble each other (text design §3.5).
"""

from collections.abc import Sequence

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from sparse_dot_topn import sp_matmul_topn

from haochaping.problems.rules.texts import normalise
from haochaping.problems.rules.words import Floats, Ints, Matrix

LINK = 0.25  # two texts are neighbours from this similarity on
MEAN = 0.14  # two groups are one from this mean similarity of their members on
NEIGHBOURS = 20
CAP = 800  # members of a component before its threshold rises
STEP = 0.04
BODY = 200  # characters of a text that tell its problem


def matter(title: str, body: str) -> str:
    """Return what a text's problem is judged by: its title twice, then the first characters."""
    title = normalise(title)
    return "\n".join(part for part in (title, title, normalise(body)[:BODY]) if part)


def group(
    vectors: Matrix,
    *,
    link: float = LINK,
    mean: float = MEAN,
    cap: int = CAP,
    graph: Matrix | None = None,
) -> Ints:
    """Return the group of each row, numbered from 0 by each group's first row.

    Rows are unit vectors (`words.vectors`), sorted by id: ties then fall the same way every time.
    """
    count = vectors.shape[0]
    graph = neighbours(vectors, link) if graph is None else graph
    groups, taken = np.zeros(count, np.int64), 0
    for members in components(graph, link, cap):
        inside = average_link(vectors[members], mean, cap)
        groups[members] = taken + inside
        taken += int(inside.max()) + 1
    return renumber(groups)


def neighbours(vectors: Matrix, link: float = LINK, nearest: int = NEIGHBOURS) -> Matrix:
    """Return a symmetric matrix of the similarities >= `link` of each row's nearest rows."""
    if not vectors.shape[0]:
        return sparse.csr_matrix((0, 0), dtype=np.float32)
    best = sp_matmul_topn(vectors, vectors.T.tocsr(), nearest + 1, threshold=link)
    best.setdiag(0)
    best.eliminate_zeros()
    return best.maximum(best.T).tocsr()


def components(graph: Matrix, link: float = LINK, cap: int = CAP) -> list[Ints]:
    """Return the row numbers of each component, each at most `cap` rows where texts differ at all.

    Too large a component is cut again with the threshold raised by STEP, as often as it takes.
    """
    done, open_ = [], [(np.arange(graph.shape[0]), link)]
    while open_:
        rows, least = open_.pop()
        part = graph[rows][:, rows]
        part.data = np.where(part.data >= least, part.data, 0)
        part.eliminate_zeros()
        _, labels = connected_components(part, directed=False)
        order = np.argsort(labels, kind="stable")
        for members in np.split(rows[order], np.flatnonzero(np.diff(labels[order])) + 1):
            if len(members) > cap and least + STEP < 1:
                open_.append((members, least + STEP))
            else:
                done.append(members)
    return sorted(done, key=lambda members: int(members[0])) if graph.shape[0] else []


def average_link(vectors: Matrix, mean: float = MEAN, cap: int = CAP) -> Ints:
    """Return a group number from 0 for each row: agglomerative average link (UPGMA), cut where
    the mean similarity between two groups falls below `mean`.

    More than `cap` rows are one group: `components` leaves so many only if they are all alike.
    """
    count = vectors.shape[0]
    if count == 1 or count > cap:
        return np.zeros(count, np.int64)
    distance = 1 - np.clip((vectors @ vectors.T).toarray().astype(np.float64), 0, 1)
    np.fill_diagonal(distance, 0)
    # these take a second to load, also for who only numbers groups
    from scipy.cluster.hierarchy import fcluster, linkage  # noqa: PLC0415
    from scipy.spatial.distance import squareform  # noqa: PLC0415

    tree = linkage(squareform((distance + distance.T) / 2, checks=False), "average")
    return np.asarray(fcluster(tree, 1 - mean, "distance"), np.int64) - 1


def renumber(groups: Ints) -> Ints:
    """Return the same groups, numbered from 0 in the order of their first rows."""
    _, first, where = np.unique(groups, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return rank[where]


def sums(vectors: Matrix, groups: Ints, count: int) -> tuple[Matrix, Floats]:
    """Return the sum of each group's rows (count, columns), and how many rows each has.

    The dot product of two sums, divided by both sizes, is the two groups' average link.
    """
    rows = np.arange(len(groups))
    member = sparse.csr_matrix(
        (np.ones(len(groups), np.float32), (groups, rows)), (count, len(groups))
    )
    return (member @ vectors).tocsr(), np.bincount(groups, minlength=count).astype(np.float32)


def carry(old: Sequence[int], new: Sequence[int]) -> dict[int, int]:
    """Return which old id each new group keeps after a deliberate re-fit: the assignment with the
    most texts in common (Hungarian). `old` and `new` name the problem of the same texts, in order.
    """
    olds, old_at = np.unique(np.asarray(old), return_inverse=True)
    news, new_at = np.unique(np.asarray(new), return_inverse=True)
    shared = np.zeros((len(news), len(olds)))
    np.add.at(shared, (new_at, old_at), 1)
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - as above

    picked = zip(*linear_sum_assignment(shared, maximize=True), strict=True)
    return {int(news[row]): int(olds[column]) for row, column in picked if shared[row, column] > 0}
