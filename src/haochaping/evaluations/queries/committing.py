"""Ratings as the ledger commits to them: facts that never change, and nothing personal."""

from collections.abc import Mapping, Sequence
from typing import Any

from haochaping.feed.rules import Kind
from haochaping.kernel.db import rows

_FACTS = """
SELECT id, region, city, county, department_id, item_id, window_id, channel, level, codes, words,
       rated_at, received_at, origin
  FROM evaluations_evaluation WHERE id = ANY($1::bigint[]) ORDER BY id
"""
_FOLLOW_UPS = """
SELECT follow.evaluation_id AS id, first.region, first.city, first.county, first.department_id,
       first.item_id, first.window_id, follow.channel, follow.level, follow.codes, follow.words,
       follow.rated_at, follow.received_at, first.origin
  FROM evaluations_followup AS follow
  JOIN evaluations_evaluation AS first ON first.id = follow.evaluation_id
 WHERE follow.evaluation_id = ANY($1::bigint[]) ORDER BY follow.evaluation_id
"""
_REPLACEMENTS = """
SELECT evaluation_id AS id, before, level, codes, words, channel, at
  FROM evaluations_replacement WHERE evaluation_id = ANY($1::bigint[]) ORDER BY evaluation_id
"""


def to_commit(keys: Sequence[int]) -> list[dict[str, Any]]:
    """Return the facts of first ratings by key."""
    return rows(_FACTS, list(keys)) if keys else []


def follow_ups_to_commit(keys: Sequence[int]) -> list[dict[str, Any]]:
    """Return the facts of follow-ups by the key of the rating."""
    return rows(_FOLLOW_UPS, list(keys)) if keys else []


def replacements_to_commit(keys: Sequence[int]) -> list[dict[str, Any]]:
    """Return what citizens put in place of ratings, by the key of the rating."""
    return rows(_REPLACEMENTS, list(keys)) if keys else []


_STANDING = """
SELECT aside.evaluation_id AS id, restored.evaluation_id IS NOT NULL AS restored
  FROM evaluations_setaside AS aside
  LEFT JOIN evaluations_restored AS restored ON restored.evaluation_id = aside.evaluation_id
 WHERE aside.evaluation_id = ANY($1::bigint[])
"""


def verdicts_to_commit(keys: Sequence[int]) -> dict[int, bool]:
    """Return the ratings that were set aside, and whether each was taken in again."""
    return {row["id"]: row["restored"] for row in rows(_STANDING, list(keys))} if keys else {}


_WRITTEN = "SELECT id FROM evaluations_evaluation WHERE age(xmin) <= $1 AND id >= $2"


def written_since(transactions: int, first: int) -> list[int]:
    """Return the keys, from one on, of ratings whose rows were written within the last so many
    transactions, in whatever way: a row says so itself, and the application never changes one.
    """
    return [row["id"] for row in rows(_WRITTEN, transactions, first)]


# the keys of what ratings are and what befell them, each kind as the feed tells it, and which
# transaction wrote it, for who compares them with keys of its own in one statement
KEYS: Mapping[Kind, str] = {
    Kind.RATING: "(SELECT id, xmin FROM evaluations_evaluation)",
    Kind.FOLLOW_UP: "(SELECT evaluation_id AS id, xmin FROM evaluations_followup)",
    Kind.REPLACED: "(SELECT evaluation_id AS id, xmin FROM evaluations_replacement)",
    Kind.SET_ASIDE: "(SELECT evaluation_id AS id, xmin FROM evaluations_setaside)",
    Kind.RESTORED: "(SELECT evaluation_id AS id, xmin FROM evaluations_restored)",
}
