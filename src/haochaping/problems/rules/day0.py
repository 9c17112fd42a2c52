"""The first days, when few texts have a label: labels from a lexicon teach the classifier, and the
labels of people outweigh them as they come (text design §3.2, cold start).
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from haochaping.problems.rules.classify import Model, train
from haochaping.problems.rules.reasons import Hit, Lexicon, matcher
from haochaping.problems.rules.texts import Cut, tokens

C = 0.1  # labels from a lexicon err: fit them loosely
LEAD = 0.4  # a label counts if it leads the next by this share of its score
OPENING = 30  # characters in which people come to the point: keywords there count twice
SURE = 0.7  # confidence below which a person looks, whatever the lexicon's labels promise
TRUST = 8.0  # times the weight of a label by a person


def day0(
    texts: Sequence[str],
    lexicon: Lexicon,
    cut: Cut = tokens,
    *,
    many: bool,
    people: Mapping[int, Sequence[str]] | None = None,
) -> Model:
    """Return a model taught by a lexicon on unlabelled texts, and by what people have labelled so
    far: `people` has their labels of a text by its position.

    The lexicon's labels stay, for texts chosen for review are the doubtful ones, and a model of
    those alone is poor (F1 .55 with 1 000 labels against .90 with both). Once the labels by people
    are many and of ordinary texts, `train` on them alone is better.

    `many` for short texts, which get every label that has a keyword; else a text gets the label
    that leads clearly, or none. Confidence is measured against the same labels: before people
    have labelled, it tells how sure the lexicon's label is, no more.
    """
    people = people or {}
    known = dict(enumerate(spoken(texts, lexicon, many=many))) | dict(people)
    rows = sorted(row for row, labels in known.items() if labels)
    given: list[str | Sequence[str]] = [known[row] if many else known[row][0] for row in rows]
    trust = [TRUST if row in people else 1.0 for row in rows]
    model = train([texts[row] for row in rows], given, cut, trust=trust, c=C)
    return replace(model, threshold=max(model.threshold, SURE))


def spoken(texts: Sequence[str], lexicon: Lexicon, *, many: bool) -> list[tuple[str, ...]]:
    """Return the labels that keywords speak for in each text: any number if `many`, else the one
    that leads, or none.
    """
    match = matcher(lexicon)
    hits = [match(text) for text in texts]
    if many:
        return [
            tuple(dict.fromkeys(name for hit in found for name in hit.labels)) for found in hits
        ]
    df = Counter(keyword for found in hits for keyword in {hit.keyword for hit in found})
    rarity = {keyword: float(np.log(len(texts) / df[keyword])) + 0.1 for keyword in df}
    return [leader(scores(found, rarity)) for found in hits]


def scores(hits: Sequence[Hit], rarity: Mapping[str, float]) -> dict[str, float]:
    """Return a score of each label: per keyword, (1 + ln times) * idf, twice that if it stands in
    the opening.
    """
    times = Counter(hit.keyword for hit in hits)
    total: dict[str, float] = defaultdict(float)
    for hit in {hit.keyword: hit for hit in reversed(hits)}.values():  # its first place
        weight = (1 + float(np.log(times[hit.keyword]))) * rarity[hit.keyword]
        for label in hit.labels:
            total[label] += weight * (2 if hit.start < OPENING else 1)
    return dict(total)


def leader(total: Mapping[str, float]) -> tuple[str, ...]:
    """Return the label of the highest score, if it leads clearly; else none."""
    ranked = sorted(total.items(), key=lambda item: (-item[1], item[0]))
    second = ranked[1][1] if len(ranked) > 1 else 0.0
    leads = bool(ranked) and ranked[0][1] - second > LEAD * ranked[0][1]
    return (ranked[0][0],) if leads else ()
