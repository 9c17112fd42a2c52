"""Taking ratings in.

One conversation for one rating from a phone, a group of the collector, a batch and a file.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from django.conf import settings

from haochaping.directory import queries as places
from haochaping.evaluations import rules
from haochaping.feed import actions as feed
from haochaping.feed.rules import Kind
from haochaping.identity.rules import OURSELVES, Client
from haochaping.indicators import queries as indicators
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.db import Conversation, Row, columns, talk, unnested
from haochaping.kernel.errors import Refusal
from haochaping.kernel.masking import mask_text
from haochaping.policies import queries as policies
from haochaping.records import queries as records

_COLUMNS = (
    ("project_no", "text"),
    ("service_number", "smallint"),
    ("follow_up", "bool"),
    ("level", "smallint"),
    ("codes", "text"),
    ("words", "text"),
    ("channel", "smallint"),
    ("rated_at", "timestamptz"),
    ("anonymous", "bool"),
    ("rater_name", "bytea"),
    ("rater_index", "bytea"),
    ("phone", "bytea"),
    ("digest", "bigint"),
    ("stamp", "bigint"),
)
_LOW, _HIGH, _CLIENT, _ALL, _DEPARTMENTS, _FIRST, _FOLLOW, _OWN = (
    f"${len(_COLUMNS) + place}" for place in range(1, 9)
)  # the same for every row


def _days(place: int, general: str) -> str:
    """Return SQL for the days of a window: the nearest region's own word, else what is general."""
    own = f"{_OWN}::jsonb"
    return f"""CASE WHEN {own} IS NULL THEN {general}::int ELSE COALESCE(
                  {own} -> record.region::text -> {place},
                  {own} -> (record.county::text || '000000') -> {place},
                  {own} -> (record.city::text || '000000') -> {place},
                  to_jsonb({general}::int)
                )::int END * interval '1 day'"""


_RATED_AT = "(SELECT rated_at FROM evaluations_evaluation AS first WHERE first.id = record.id)"

# One statement: find the service, refuse what its record forbids, store the rating, put it on the
# feed, and tell what became of each row.
# What comes back neither fresh nor refused was there before, or was committed by somebody else a
# moment ago; KNOWN tells which.
SUBMIT = f"""
WITH given AS (
  SELECT * FROM {unnested(_COLUMNS)}
), found AS MATERIALIZED (
  SELECT ord, follow_up, given.level, given.codes, given.words, given.channel, given.rated_at,
         given.anonymous, given.rater_name, given.rater_index, given.phone, given.digest,
         given.stamp, record.*,
         (given.rated_at AT TIME ZONE 'Asia/Shanghai')::date AS day, {_CLIENT}::int AS client_id,
         CASE WHEN record.id IS NULL THEN 'record_unknown'
              WHEN record.region NOT BETWEEN {_LOW}::bigint AND {_HIGH}::bigint THEN 'outside_scope'
              WHEN NOT {_ALL}::bool AND record.registered_by <> COALESCE({_CLIENT}::int, 0)
                THEN 'not_yours'
              WHEN {_DEPARTMENTS}::text[] IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM {places.DEPARTMENTS} AS department
                 WHERE department.id = record.department_id
                   AND department.uscc = ANY({_DEPARTMENTS}::text[])
              ) THEN 'outside_scope'
              WHEN given.rated_at < record.served_at THEN 'rated_before_service'
              WHEN NOT follow_up AND given.rated_at > record.served_at + {_days(0, _FIRST)}
                THEN 'too_late'
              WHEN follow_up AND given.rated_at < {_RATED_AT} THEN 'follow_up_before_first'
              WHEN follow_up AND given.rated_at > {_RATED_AT} + {_days(1, _FOLLOW)}
                THEN 'too_late_to_follow_up'
              END AS refused
    FROM given LEFT JOIN LATERAL {records.matching("given")} AS record ON true
), firsts AS (
  INSERT INTO evaluations_evaluation (
    id, region, city, county, street, day, service_day, department_id, item_id, window_id, staff_id,
    channel, level, codes, words, rated_at, anonymous, rater_name, rater_index, phone, digest,
    stamp, client_id, origin
  )
  SELECT id, region, city, county, street, day, service_day, department_id, item_id, window_id,
         staff_id, channel, level, string_to_array(codes, ',')::smallint[], words, rated_at,
         anonymous, rater_name, rater_index, phone, digest, stamp, client_id,
         origin
    FROM found WHERE refused IS NULL AND NOT follow_up
   ORDER BY id ON CONFLICT (id) DO NOTHING RETURNING id
), follows AS (
  INSERT INTO evaluations_followup (
    evaluation_id, region, day, channel, level, codes, words, rated_at, digest, stamp,
    client_id
  )
  SELECT found.id, found.region, found.day, found.channel, found.level,
         string_to_array(found.codes, ',')::smallint[], found.words, found.rated_at, found.digest,
         found.stamp, found.client_id
    FROM found JOIN evaluations_evaluation AS first ON first.id = found.id
   WHERE found.refused IS NULL AND found.follow_up
   ORDER BY found.id ON CONFLICT (evaluation_id) DO NOTHING RETURNING evaluation_id AS id
), announced AS (
  {feed.announcement(kind=Kind.RATING, facts="firsts")}
), announced_too AS (
  {feed.announcement(kind=Kind.FOLLOW_UP, facts="follows")}
)
SELECT found.ord, found.id, found.refused, found.region,
       COALESCE(firsts.id, follows.id) IS NOT NULL AS fresh
  FROM found LEFT JOIN firsts ON firsts.id = found.id AND NOT found.follow_up
  LEFT JOIN follows ON follows.id = found.id AND found.follow_up
"""  # noqa: S608 - built from constants
# The content of what another door brought is compared with nothing: who may ask whether it is the
# same finds a level in five questions.
KNOWN = """
SELECT ord, given.id, first.digest AS rated,
       CASE WHEN given.follow_up THEN more.digest ELSE first.digest END AS digest,
       CASE WHEN given.follow_up THEN more.client_id ELSE first.client_id END
         IS NOT DISTINCT FROM $4::int AS own
  FROM unnest($1::int[], $2::bigint[], $3::bool[]) AS given (ord, id, follow_up)
  LEFT JOIN evaluations_evaluation AS first ON first.id = given.id
  LEFT JOIN evaluations_followup AS more ON more.evaluation_id = given.id AND given.follow_up
"""
PARK = """
WITH given AS (
  SELECT * FROM unnest($1::text[], $2::smallint[], $3::smallint[], $4::bytea[], $5::bigint[])
    WITH ORDINALITY AS given (project_no, service_number, kind, parcel, digest, ord)
), fresh AS (
  INSERT INTO evaluations_waiting (
    project_no, service_number, kind, parcel, digest, client_id, low, high
  )
  SELECT project_no, service_number, kind, parcel, digest, coalesce($6::int, 0), $7::bigint,
         $8::bigint
    FROM given ORDER BY project_no, service_number, kind
      ON CONFLICT DO NOTHING RETURNING project_no, service_number, kind
)
SELECT given.ord, COALESCE(known.digest, given.digest) IN (0, given.digest) AS same
  -- one's own alone: nobody learns what another system has handed in, nor takes its place
  FROM given LEFT JOIN evaluations_waiting AS known
    ON (known.project_no, known.service_number, known.kind, known.client_id)
       = (given.project_no, given.service_number, given.kind, coalesce($6::int, 0))
"""
_TRIES = 5


class Stored(msgspec.Struct, frozen=True):
    """The outcome for one rating: stored (then `key` is set) or refused with the reason."""

    key: int | None
    outcome: rules.Outcome | None
    refusal: Refusal | None = None

    @property
    def id(self) -> int:
        """The key of what is stored."""
        if self.key is None:
            raise LookupError
        return self.key


def submit(
    *, ratings: Sequence[rules.Rating], client: Client, windows: policies.Windows | None = None
) -> Conversation[list[Stored]]:
    """Store ratings, each at most once; return an outcome for each in order. A refused or repeated
    row never fails its neighbours. `windows` of the policies are asked for where not given.
    """
    results: dict[int, Stored] = {}
    windows = windows or (yield from policies.rating_windows())
    waiting = list(range(len(ratings)))
    asked = (*_whose(client), windows.first, windows.follow_up, windows.own)
    keyring = _keyring()
    tries = 0
    while waiting:
        one_each = _first_of_each(ratings, waiting)
        rows = [_row(ratings[number], keyring) for number in one_each]
        there: list[tuple[int, int, bool]] = []
        parked: dict[int, rules.Rating] = {}
        for row in (yield SUBMIT, [*columns(rows, len(_COLUMNS)), *asked]):
            number = one_each[row["ord"] - 1]
            if row["fresh"]:
                results[number] = Stored(row["id"], rules.Outcome.ACCEPTED)
            elif row["refused"] == "record_unknown" and ratings[number].wait:
                parked[number] = ratings[number]
            elif row["refused"]:
                results[number] = _refused(row)
            else:
                there.append((number, row["id"], ratings[number].kind is rules.Kind.FOLLOW_UP))
        for row in (yield KNOWN, [*columns(there, 3), client.id]) if there else ():
            known = _known(row, ratings[row["ord"]])
            if known is not None:
                results[row["ord"]] = known
        if parked:
            results |= yield from _park(parked, client)
        left = [number for number in waiting if number not in results]
        tries = tries + 1 if len(left) == len(waiting) else 0
        if tries > _TRIES:
            raise RuntimeError("a rating is neither stored nor there")
        waiting = left
    return [results[number] for number in range(len(ratings))]


def rate_one(*, given: rules.Given, client: Client = OURSELVES, at: datetime) -> Stored:
    """Store one rating and return its outcome, whose key is set.

    The same content again is a duplicate. Raises BadRating, AlreadyRated or why its service cannot
    be rated: every door that takes one rating goes through here and refuses alike.
    """
    rating = rules.accept(given, indicators.catalogue(), at)
    (stored,) = talk(submit(ratings=[rating], client=client))
    feed.rouse()
    if stored.refusal is not None or stored.key is None:
        raise stored.refusal or rules.AlreadyRated()
    return stored


def _whose(client: Client) -> tuple[object, ...]:
    """Return what SUBMIT asks of the client."""
    reach, departments = client.reach, sorted(client.departments) or None
    return reach.low, reach.high, client.id, client.everybodys, departments


def _park(ratings: Mapping[int, rules.Rating], client: Client) -> Conversation[dict[int, Stored]]:
    """Keep ratings whose service is not registered yet; the same content again is kept once."""
    keyring, numbers = _keyring(), list(ratings)
    kept = [
        (
            *rating.natural_key,
            rating.kind,
            keyring.seal(
                msgspec.json.encode(rating).decode(),
                "evaluation.waiting",
                digest := keyring.fingerprint(rating.content),
            ),
            digest,
        )
        for rating in ratings.values()
    ]
    found = yield PARK, [*columns(kept, 5), client.id, client.reach.low, client.reach.high]
    waiting, other = Stored(None, rules.Outcome.WAITING), Stored(None, None, rules.AlreadyRated())
    return {numbers[row["ord"] - 1]: waiting if row["same"] else other for row in found}


def _first_of_each(ratings: Sequence[rules.Rating], waiting: Sequence[int]) -> list[int]:
    """Return one rating of each service.

    A statement takes one, so a first rating and its follow-up in one file go one after the other.
    """
    firsts: dict[tuple[str, int], int] = {}
    for number in waiting:
        firsts.setdefault(ratings[number].natural_key, number)
    return list(firsts.values())


def _refused(row: Row) -> Stored:
    refusal = rules.refusal(row["refused"])
    refusal.region = row["region"]
    return Stored(None, None, refusal)


def _known(row: Row, rating: rules.Rating) -> Stored | None:
    if row["digest"] is not None:
        same = row["own"] and row["digest"] == _keyring().fingerprint(rating.content)
        if same or row["digest"] == 0:
            return Stored(row["id"], rules.Outcome.DUPLICATE)
        return Stored(None, None, rules.AlreadyRated())
    if rating.kind is rules.Kind.FOLLOW_UP and row["rated"] is None:
        return Stored(None, None, rules.refusal("no_first_rating"))
    return None


def _row(rating: rules.Rating, keyring: Keyring) -> tuple[object, ...]:
    rater = rating.rater
    digest = keyring.fingerprint(rating.content)
    told = rater.name or rater.cert_key or rater.phone
    sealed = _sealed(rater, digest, keyring) if told else _NOTHING_SEALED
    # nobody is ever shown more of it: what cannot be read out of a dump does not lie in it
    words = mask_text(rating.words, (rater.name,)) if rating.words else ""
    return (
        rating.project_no,
        rating.service_number,
        rating.kind is rules.Kind.FOLLOW_UP,
        rating.level,
        ",".join(map(str, rating.codes)) if rating.codes else "",
        words,
        rating.channel,
        rating.rated_at,
        rater.anonymous,
        *sealed,
        digest,
        keyring.fingerprint(
            rules.handed_in(
                rating.natural_key,
                rating.kind,
                rating.level,
                rating.codes,
                words,
                rating.channel,
                rating.rated_at,
            )
        ),
    )


_NOTHING_SEALED = (None, None, None)


def _sealed(
    rater: rules.Rater, digest: int, keyring: Keyring
) -> tuple[bytes | None, bytes | None, bytes | None]:
    """Return the sealed facts of who rated, bound to the digest that stands beside them."""
    return (
        keyring.seal(rater.name, "evaluation.name", digest) if rater.name else None,
        keyring.blind(rater.cert_key, "cert") if rater.cert_key else None,
        keyring.seal(rater.phone, "evaluation.phone", digest) if rater.phone else None,
    )


def _keyring() -> Keyring:
    keyring: Keyring = settings.KEYRING
    return keyring
