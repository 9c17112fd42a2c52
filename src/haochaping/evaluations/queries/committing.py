"""Ratings as the ledger commits to them: facts that never change, and nothing personal."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.conf import settings

from haochaping.evaluations.rules import REPLACED, handed_in
from haochaping.evaluations.rules import Kind as Which
from haochaping.feed.rules import Kind
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.db import rows
from haochaping.kernel.moments import begin_of
from haochaping.records import queries as records

# Figures are counted by columns that follow from others 派生列: whether they do is asked with the
# facts, so that no leaf has to commit to them.
_DAY = "({} AT TIME ZONE 'Asia/Shanghai')::date"
_FACTS = f"""
SELECT id, region, city, county, department_id, item_id, window_id, channel, level, codes, words,
       rated_at, received_at, origin, anonymous,
       sign = 1 AND day = {_DAY.format("rated_at")} AND (city, county, street)
         = (region / 100000000 * 100, region / 1000000, region / 1000) AS fits
  FROM evaluations_evaluation WHERE id = ANY($1::bigint[]) ORDER BY id
"""  # noqa: S608 - built from constants
_FOLLOW_UPS = f"""
SELECT follow.evaluation_id AS id, first.region, first.city, first.county, first.department_id,
       first.item_id, first.window_id, follow.channel, follow.level, follow.codes, follow.words,
       follow.rated_at, follow.received_at, first.origin, first.anonymous,
       follow.region = first.region AND follow.day = {_DAY.format("follow.rated_at")} AS fits
  FROM evaluations_followup AS follow
  JOIN evaluations_evaluation AS first ON first.id = follow.evaluation_id
 WHERE follow.evaluation_id = ANY($1::bigint[]) ORDER BY follow.evaluation_id
"""  # noqa: S608 - built from constants
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


_LATER = f"""
SELECT {Kind.FOLLOW_UP:d} AS kind, evaluation_id AS id FROM evaluations_followup WHERE day = $1
UNION ALL
SELECT {Kind.REPLACED:d}, evaluation_id FROM evaluations_replacement WHERE at >= $2 AND at < $3
 ORDER BY kind, id
"""  # noqa: S608 - built from constants


def said_later(day: date) -> list[dict[str, Any]]:
    """Return kind and key of the follow-ups of a day and of what was put in place of ratings on
    it.
    """
    return rows(_LATER, day, begin_of(day), begin_of(day + timedelta(days=1)))


_SERVICE = f"""(
    SELECT project_no, service_number FROM {records.SERVICES} AS service WHERE id = {{}} OFFSET 0
  )"""  # noqa: S608 - built from constants
_STAMPED = {
    Kind.RATING: f"""
SELECT rating.id, project_no, service_number, {Which.FIRST:d} AS kind, level,
       codes, words, channel, rated_at AS at, stamp
  FROM evaluations_evaluation AS rating
  LEFT JOIN LATERAL {_SERVICE.format("rating.id")} AS service ON true
 WHERE rating.id = ANY($1::bigint[])
""",  # noqa: S608 - built from constants
    Kind.FOLLOW_UP: f"""
SELECT evaluation_id AS id, project_no, service_number,
       {Which.FOLLOW_UP:d} AS kind, level, codes, words, channel, rated_at AS at, stamp
  FROM evaluations_followup AS rating
  LEFT JOIN LATERAL {_SERVICE.format("evaluation_id")} AS service ON true
 WHERE evaluation_id = ANY($1::bigint[])
""",  # noqa: S608 - built from constants
    Kind.REPLACED: f"""
SELECT evaluation_id AS id, NULL AS project_no, {REPLACED:d} AS kind, level, codes,
       words, channel, at, stamp
  FROM evaluations_replacement WHERE evaluation_id = ANY($1::bigint[])
""",  # noqa: S608 - built from constants
}


def unlike_handed_in(wanted: Mapping[int, Sequence[int]]) -> list[int]:
    """Return, of facts asked for by kind, the keys of ratings whose rows are not what a door handed
    in: somebody rewrote or invented them in the database, which does not hold the key of stamps.
    """
    keyring: Keyring = settings.KEYRING
    wrong = []
    for kind, sql in _STAMPED.items():
        for row in rows(sql, list(keys)) if (keys := wanted.get(kind)) else ():
            of = (row["project_no"], row["service_number"]) if row["project_no"] else (row["id"],)
            said = (row[name] for name in ("kind", "level", "codes", "words", "channel", "at"))
            if row["stamp"] != keyring.fingerprint(handed_in(of, *said)):
                wrong.append(row["id"])
    return wrong


_STANDING = """
SELECT aside.evaluation_id AS id, restored.evaluation_id IS NOT NULL AS restored
  FROM evaluations_setaside AS aside
  LEFT JOIN evaluations_restored AS restored ON restored.evaluation_id = aside.evaluation_id
 WHERE aside.evaluation_id = ANY($1::bigint[])
"""


def verdicts_to_commit(keys: Sequence[int]) -> dict[int, bool]:
    """Return the ratings that were set aside, and whether each was taken in again."""
    return {row["id"]: row["restored"] for row in rows(_STANDING, list(keys))} if keys else {}


# the keys of what ratings are and what befell them, each kind as the feed tells it, and which
# transaction wrote it, for who compares them with keys of its own in one statement
KEYS: Mapping[Kind, str] = {
    Kind.RATING: "(SELECT id, xmin FROM evaluations_evaluation)",
    Kind.FOLLOW_UP: "(SELECT evaluation_id AS id, xmin FROM evaluations_followup)",
    Kind.REPLACED: "(SELECT evaluation_id AS id, xmin FROM evaluations_replacement)",
    Kind.SET_ASIDE: "(SELECT evaluation_id AS id, xmin FROM evaluations_setaside)",
    Kind.RESTORED: "(SELECT evaluation_id AS id, xmin FROM evaluations_restored)",
}
_WRITTEN = " UNION ALL ".join(
    f"SELECT {kind:d} AS kind, id FROM {keys} AS fact WHERE age(xmin) <= $1 AND id >= $2"  # noqa: S608 - built from constants
    for kind, keys in KEYS.items()
)


def written_since(transactions: int, first: int) -> list[tuple[int, int]]:
    """Return kind and key, from a key on, of ratings and of what befell them whose rows were
    written within the last so many transactions, in whatever way: a row says so itself, and the
    application never changes one.
    """
    return [(row["kind"], row["id"]) for row in rows(_WRITTEN, transactions, first)]
