"""Reading ratings. Words come masked; names are read to be masked in them, phones to be called."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Max, QuerySet

from haochaping.devices import queries as devices
from haochaping.evaluations import models, rules
from haochaping.indicators import queries as indicators
from haochaping.indicators.rules import BAD
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.db import rows
from haochaping.kernel.ids import first_key, key_of_receipt, moment_of, receipt_number
from haochaping.kernel.masking import mask_text
from haochaping.kernel.sealed import Sealed
from haochaping.kernel.words import Words
from haochaping.records import queries as records
from haochaping.records.rules import Origin

# big tables, cut by month (kernel/partitions.py), with their partition column
PARTITIONED = {"evaluations_evaluation": "id", "evaluations_followup": "evaluation_id"}

# What other rooms' SQL may read of ratings; PostgreSQL looks through it.
RATINGS = """(
  SELECT id, sign, region, city, county, day, service_day, department_id, item_id, window_id,
         staff_id, channel, level, rated_at, received_at, origin
    FROM evaluations_evaluation
)"""


_TO_SCREEN = f"""
SELECT evaluation.id, evaluation.region, evaluation.level, evaluation.channel, evaluation.rated_at,
       evaluation.received_at, evaluation.window_id, record.window_code, record.online,
       record.accepted_at, record.service_number, record.project_no
  FROM unnest($1::bigint[]) AS given (id)
  JOIN evaluations_evaluation AS evaluation ON evaluation.id = given.id
  JOIN {records.SERVICES} AS record ON record.id = given.id
 WHERE evaluation.origin <> {Origin.SYNTHETIC:d}
"""  # noqa: S608 - built from constants


def to_screen(keys: Sequence[int]) -> list[dict[str, Any]]:
    """Return what screening asks of ratings and their services; synthetic tests are left out."""
    return rows(_TO_SCREEN, list(keys))


def last_received(scope: tuple[int, int], since: datetime) -> dict[int, datetime]:
    """Return when each channel last brought a rating of a service given since then."""
    found = models.Evaluation.objects.filter(pk__gte=first_key(since), region__range=scope)
    found = found.exclude(origin=Origin.SYNTHETIC)
    return dict(found.values_list("channel").annotate(last=Max("received_at")))


_ARRIVED = f"""
SELECT city, count(*) AS n FROM evaluations_evaluation
 WHERE id >= $1 AND region BETWEEN $2 AND $3 AND received_at >= $4 AND received_at < $5
   AND origin <> {Origin.SYNTHETIC:d} GROUP BY city
"""  # noqa: S608 - built from constants


def arrived(scope: tuple[int, int], since: datetime, until: datetime) -> dict[int, int]:
    """Return how many ratings of each city arrived between two moments, of services of these
    hours.
    """
    first = first_key(since - timedelta(hours=6))
    return {row["city"]: row["n"] for row in rows(_ARRIVED, first, *scope, since, until)}


_LATE = f"""
SELECT (rated_at AT TIME ZONE 'Asia/Shanghai')::date AS day, count(*) AS n
  FROM evaluations_evaluation
 WHERE id >= $1 AND region BETWEEN $2 AND $3 AND rated_at >= $4 AND rated_at < $5
   AND received_at > rated_at + $6::interval AND origin <> {Origin.SYNTHETIC:d}
 GROUP BY 1
"""  # noqa: S608 - built from constants
_LONGEST_WAIT = timedelta(days=100)  # from a service to its rating: a link's life, and some


def late(
    scope: tuple[int, int], since: datetime, until: datetime, by: timedelta
) -> dict[date, int]:
    """Return how many ratings of each day, by China's, arrived later than so."""
    found = rows(_LATE, first_key(since - _LONGEST_WAIT), *scope, since, until, by)
    return {row["day"]: row["n"] for row in found}


def unrated_at_windows(limit: int) -> list[tuple[int, int]]:
    """Return (key, department) of services at windows that nobody has rated, newest first."""
    found = rows(_UNRATED_AT_WINDOWS, limit)
    return [(row["id"], row["department_id"]) for row in found]


_UNRATED_AT_WINDOWS = f"""
SELECT record.id, record.department_id FROM {records.SERVICES} AS record
 WHERE record.window_id IS NOT NULL
   AND NOT EXISTS (SELECT 1 FROM evaluations_evaluation AS rated WHERE rated.id = record.id)
 ORDER BY record.id DESC LIMIT $1
"""  # noqa: S608 - built from constants


@dataclass(frozen=True)
class Complaint:
    """A bad rating with words, and a blind key of who gave it: its own where nobody can tell."""

    id: int
    region: int
    city: int
    day: date
    department_id: int
    item_id: int
    window_id: int | None
    words: str  # masked
    person: str


_COMPLAINTS = f"""
SELECT rating.id, rating.region, rating.city, rating.day, rating.department_id, rating.item_id,
       rating.window_id, COALESCE(replaced.words, rating.words) AS words,
       COALESCE(encode(substr(COALESCE(rating.rater_index, whom.phone_index), 1, 16), 'hex'),
                'e' || rating.id) AS person
  FROM unnest($1::bigint[]) AS given (id)
  JOIN evaluations_evaluation AS rating ON rating.id = given.id
  LEFT JOIN LATERAL {records.served_whom("rating")} AS whom ON true
  LEFT JOIN evaluations_replacement AS replaced ON replaced.evaluation_id = rating.id
 WHERE rating.origin <> {Origin.SYNTHETIC:d}
   AND COALESCE(replaced.level, rating.level) = ANY($2::smallint[])
   AND COALESCE(replaced.words, rating.words) <> ''
   AND (NOT EXISTS (SELECT FROM evaluations_setaside AS aside WHERE aside.evaluation_id = rating.id)
        OR EXISTS (SELECT FROM evaluations_restored AS back WHERE back.evaluation_id = rating.id))
 ORDER BY rating.id
"""  # noqa: S608 - built from constants


def bad_with_words(keys: Sequence[int]) -> list[Complaint]:
    """Return those of these ratings that are bad by their citizen's last word, say why, and were
    not set aside.
    """
    return [Complaint(**row) for row in rows(_COMPLAINTS, list(keys), list(BAD))] if keys else []


_WORDS = """
SELECT given.id, COALESCE(replaced.words, rating.words) AS words
  FROM unnest($1::bigint[]) AS given (id)
  JOIN evaluations_evaluation AS rating ON rating.id = given.id
  LEFT JOIN evaluations_replacement AS replaced ON replaced.evaluation_id = rating.id
"""


def words_of(keys: Sequence[int]) -> dict[int, str]:
    """Return the words of ratings by key: as stored, and so masked."""
    return {row["id"]: row["words"] for row in rows(_WORDS, list(keys))}


def all_bad() -> list[tuple[int, datetime, int]]:
    """Return key, time and department of every bad rating, oldest first."""
    found = models.Evaluation.objects.filter(level__in=BAD).order_by("pk")
    return list(found.values_list("pk", "rated_at", "department_id"))


@dataclass(frozen=True)
class Rated:
    """A rating as other rooms and pages see it."""

    id: int
    receipt: str
    level: int
    codes: tuple[tuple[int, Words], ...]
    words: str
    channel: rules.Channel
    rated_at: datetime
    received_at: datetime
    region: int
    county: int
    city: int
    department_id: int
    item_id: int
    window_id: int | None
    staff_id: int | None
    anonymous: bool

    @property
    def served_at(self) -> datetime:
        """The second of the service: the key begins with it."""
        return moment_of(self.id)

    @property
    def is_bad(self) -> bool:
        """Whether it must be put right."""
        return rules.is_bad(self.level)


def any_bad(evaluation_ids: Collection[int]) -> bool:
    """Say whether a bad one is among ratings."""
    return models.Evaluation.objects.filter(pk__in=evaluation_ids, level__in=rules.BAD).exists()


def rated(evaluation_ids: set[int]) -> dict[int, Rated]:
    """Return ratings by key."""
    found = models.Evaluation.objects.filter(pk__in=evaluation_ids)
    return {rating.id: rating for rating in shown(found.defer("rater_index", "phone"))}


def shown(found: Iterable[models.Evaluation]) -> list[Rated]:
    """Return ratings as pages see them: who rated is masked in their own words, too."""
    rows_ = list(found)
    spoken = {row.pk for row in rows_ if row.words}
    names = records.names_of(spoken) if spoken else {}
    keyring: Keyring = settings.KEYRING
    ratings = []
    for row in rows_:
        known = set(names.get(row.pk, ()))
        if row.words and row.rater_name is not None:
            known.add(keyring.open(row.rater_name, "evaluation.name", row.digest) or "")
        ratings.append(_rated(row, known))
    return ratings


def masked_for(evaluation_id: int, text: str) -> str:
    """Return a text about a rating for whoever must not know who gave it."""
    return masked({evaluation_id: text})[evaluation_id]


def masked(texts: Mapping[int, str]) -> dict[int, str]:
    """Return texts about ratings, by key, for whoever must not know who gave them."""
    return dict(zip(texts, masked_all(list(texts.items())), strict=True))


def masked_all(texts: Sequence[tuple[int, str]]) -> list[str]:
    """Return texts, each about the rating of a key, for whoever must not know who gave it."""
    keyring: Keyring = settings.KEYRING
    keys = {key for key, _ in texts}
    names = {key: set(known) for key, known in records.names_of(keys).items()} if keys else {}
    ratings = models.Evaluation.objects.filter(pk__in=keys, rater_name__isnull=False)
    for key, name, digest in ratings.values_list("pk", "rater_name", "digest"):
        names.setdefault(key, set()).add(keyring.open(name, "evaluation.name", digest) or "")
    return [mask_text(text, names.get(key, ())) for key, text in texts]


def follow_up(evaluation_id: int) -> models.FollowUp | None:
    """Return the follow-up of a rating, its words masked."""
    row = models.FollowUp.objects.filter(pk=evaluation_id).first()
    if row is not None and row.words:
        row.words = masked_for(evaluation_id, row.words)
    return row


def settled(client_id: int, since: int, limit: int = 1000) -> list[models.Settled]:
    """Return what became of a client's waiting ratings, from the number after `since` on."""
    found = models.Settled.objects.filter(client_id=client_id, pk__gt=since)
    return list(found.order_by("pk")[:limit])


def bad_follow_ups(keys: Sequence[int]) -> list[int]:
    """Return those of these ratings whose follow-up is bad."""
    return list(
        models.FollowUp.objects.filter(pk__in=keys, level__in=BAD).values_list("pk", flat=True)
    )


def names_of(evaluation_id: int) -> list[str]:
    """Return the names that are held with a rating, in clear: for the copy of whoever rated."""
    keyring: Keyring = settings.KEYRING
    known = set(records.names_of({evaluation_id}).get(evaluation_id, ()))
    own = models.Evaluation.objects.filter(pk=evaluation_id, rater_name__isnull=False)
    known |= {
        keyring.open(name, "evaluation.name", digest) or ""
        for name, digest in own.values_list("rater_name", "digest")
    }
    return sorted(known - {""})


def phone_of(evaluation_id: int) -> str:
    """Return the number to reach a citizen at, in clear.

    The one left with the rating, else the service's own as it was when it was rated. For a call, a
    message or a proof only. A service that nobody rated has its own.
    """
    keyring: Keyring = settings.KEYRING
    rating = models.Evaluation.objects.filter(pk=evaluation_id)
    facts = rating.values_list("phone", "received_at", "digest").first()
    left, rated_at, digest = facts or (None, None, 0)
    return keyring.open(left, "evaluation.phone", digest) or records.phones_of(
        {evaluation_id}, until=rated_at
    ).get(evaluation_id, "")


@dataclass(frozen=True)
class Replaced:
    """What a citizen put in place of a rating."""

    before: int
    level: int
    codes: tuple[tuple[int, Words], ...]
    words: str
    at: datetime


def replacement(evaluation_id: int) -> Replaced | None:
    """Return what a rating was replaced by, with the words masked."""
    row = models.Replacement.objects.filter(pk=evaluation_id).first()
    if row is None:
        return None
    catalogue = indicators.catalogue()
    codes = tuple((code, catalogue[code].says) for code in row.codes if code in catalogue)
    return Replaced(row.before, row.level, codes, masked_for(evaluation_id, row.words), row.at)


def of_facts(keys: Sequence[int]) -> QuerySet[models.Evaluation]:
    """Return the rows of these keys, without personal data, for readers of the feed."""
    return models.Evaluation.objects.filter(pk__in=keys).defer("rater_name", "rater_index", "phone")


def _rated(row: models.Evaluation, names: Iterable[str]) -> Rated:
    catalogue = indicators.catalogue()
    return Rated(
        id=row.pk,
        receipt=receipt_number(row.pk),
        level=row.level,
        codes=tuple((code, catalogue[code].says) for code in row.codes if code in catalogue),
        words=mask_text(row.words, names),
        channel=rules.Channel(row.channel),
        rated_at=row.rated_at,
        received_at=row.received_at,
        region=row.region,
        county=row.county,
        city=row.city,
        department_id=row.department_id,
        item_id=row.item_id,
        window_id=row.window_id,
        staff_id=row.staff_id,
        anonymous=row.anonymous,
    )


def _plain(code: str) -> str:
    return code.upper().replace("-", "").replace(" ", "")


def key_of_raters_code(code: str) -> int | None:
    """Return the key of the rating whose rater has these twelve characters from a device: it opens
    the progress, as the QR code beside it does. None when there is none.
    """
    code = _plain(code)
    if len(code) != 12 or not code.isascii() or not code.isalnum():  # noqa: PLR2004 - as shown
        return None
    answer = devices.answer_of_tracking(code[:8], code[8:])
    return key_of_receipt(answer) if answer else None


def key_of_tracking(code: str) -> int | None:
    """Return the key of the rating behind the eight characters that a device showed, None when
    there is none.
    """
    code = _plain(code)
    answer = (
        devices.answer_of_tracking(code)
        # As devices make them.
        if len(code) == 8 and code.isascii() and code.isalnum()  # noqa: PLR2004
        else None
    )
    return key_of_receipt(answer) if answer else None


SEALED = (
    Sealed(
        "evaluations_evaluation",
        {"rater_name": lambda _: "evaluation.name", "phone": lambda _: "evaluation.phone"},
        row=lambda row: row["digest"],
        needs=("digest",),
    ),
)
