"""Releases and cases."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec
from django.db.models import Q, QuerySet

from haochaping.directory import queries as directory
from haochaping.evaluations import queries as evaluations
from haochaping.evaluations.rules import BAD
from haochaping.kernel.errors import NotFound
from haochaping.kernel.moments import business_day
from haochaping.ledger import queries as logs
from haochaping.orders import queries as orders
from haochaping.proofs import queries as proofs
from haochaping.proofs.rules import canonical
from haochaping.publication import models, rules
from haochaping.screening import queries as screening


def releases() -> list[models.Release]:
    """Return every release, the newest month and version first."""
    return list(models.Release.objects.defer("results").order_by("-period", "-version"))


def released() -> list[models.Release]:
    """Return the release in force of each month, the newest first."""
    found: dict[date, models.Release] = {}
    for one in releases():
        if one.state == rules.State.RELEASED:
            found.setdefault(one.period, one)
    return list(found.values())


def latest() -> models.Release | None:
    """Return the release of the newest month."""
    return next(iter(released()), None)


def asked_for(period: str) -> models.Release | None:
    """Return the release in force of a month such as 2026-10, or of the newest for none; None where
    there is none yet. Raises Withdrawn, or NotFound for a month that was never released.
    """
    found = released()
    if not period:
        return next(iter(found), None)
    for one in found:
        if f"{one.period:%Y-%m}" == period:
            return one
    for one in releases():
        if f"{one.period:%Y-%m}" == period and one.state == rules.State.WITHDRAWN:
            raise rules.Withdrawn.because(one.withdrawn_reason or one.reason)
    raise NotFound


def before(release: models.Release) -> models.Release | None:
    """Return beside what a draft is looked at: what is in force of its month, or else of the last
    month before it.
    """
    return next((one for one in released() if one.period <= release.period), None)


def results_of(release: models.Release) -> rules.Results:
    """Return what a release holds; raises Altered where it is not what its leaf commits to."""
    draft = release.state == rules.State.DRAFT
    said = None if draft else tuple(said_of(release).items())
    return _held(release.sha256, release.leaf, said)


@lru_cache(maxsize=24)  # two years: every public page looks into some, and none ever changes
def _held(
    sha256: str, leaf: int | None, said: tuple[tuple[str, object], ...] | None
) -> rules.Results:
    if said is not None and proofs.said_at(leaf or 0, dict(said)) is None:
        raise rules.Altered
    row = models.Release.objects.filter(sha256=sha256).values_list("results", flat=True)
    data = bytes(row[0])
    if hashlib.sha256(data).hexdigest() != sha256:
        raise rules.Altered
    return msgspec.json.decode(data, type=rules.Results)


def altered() -> list[str]:
    """Return the releases, by month and version, that are not, or no longer, what their leaves
    commit to: other results, no row where a leaf stands, or taken back without one that says so.
    """
    found, last = list[str](), dict[str, int]()
    gone = {_named(said) for said in proofs.statements("withdrawal")}
    stated = {_named(said) for said in proofs.statements("release")}
    for period, version in stated:
        last[period] = max(version, last.get(period, 0))
    for one in models.Release.objects.exclude(state=rules.State.DRAFT):
        name = f"{one.period:%Y-%m}", one.version
        stated.discard(name)
        same = hashlib.sha256(bytes(one.results)).hexdigest() == one.sha256
        ends = name in gone or one.version < last.get(name[0], 0)
        in_force = one.state == rules.State.RELEASED
        if not same or proofs.said_at(one.leaf or 0, said_of(one)) is None or in_force == ends:
            found.append(str(one))
    return found + [f"{period} v{version}" for period, version in sorted(stated)]


def _named(said: Mapping[str, Any]) -> tuple[str, int]:
    return said["period"], said["version"]


def said_of(release: models.Release) -> dict[str, object]:
    """Return what the leaf of a release says."""
    said = {"v": 1, "kind": "release", "period": f"{release.period:%Y-%m}"}
    return {**said, "version": release.version, "sha256": release.sha256}


def said_of_day(day: date, sha256: str) -> dict[str, object]:
    """Return what the leaf of a day's figures says."""
    return {"v": 1, "kind": "figures", "day": str(day), "sha256": sha256}


def day_holds(day: date, figures: bytes, leaf: int) -> bool:
    """Say whether a day's figures are what their leaf commits to."""
    said = said_of_day(day, hashlib.sha256(figures).hexdigest())
    return proofs.said_at(leaf, said) is not None


def is_stated(day: date) -> bool:
    """Say whether a leaf holds figures of a day already."""
    return proofs.is_said("figures", f'"day":"{day}"')


def altered_days() -> list[models.Sealed]:
    """Return the days whose figures are no longer what their leaf commits to, of those that pages
    and the next day's figures are made of.
    """
    lately = models.Sealed.objects.order_by("-day")[:_LATELY]
    return [
        one
        for one in lately
        if (is_stated(one.day) if one.leaf is None else not _day_stands(one, one.leaf))
    ]


def _day_stands(one: models.Sealed, leaf: int) -> bool:
    return day_holds(one.day, bytes(one.figures), leaf)


_LATELY = 31


def is_proved(release: models.Release) -> bool:
    """Say whether a signed checkpoint covers a release."""
    no = release.leaf or 0
    log_id = proofs.said_at(no, said_of(release))
    return log_id is not None and logs.covering(log_id, no) is not None


def proof_of(release: models.Release) -> str | None:
    """Return the proof that the ledger holds a release, with what its leaf says; None where no
    signed checkpoint covers it yet.
    """
    said = said_of(release)
    log_id = proofs.said_at(release.leaf or 0, said)
    return logs.prove(log_id, release.leaf or 0, canonical(said)) if log_id is not None else None


def version(period: str, number: int) -> models.Release | None:
    """Return a version of a month such as 2026-10, whatever became of it."""
    found = models.Release.objects.filter(version=number)
    return next((one for one in found if f"{one.period:%Y-%m}" == period), None)


def earlier(period: date, version: int) -> list[tuple[int, rules.Results]]:
    """Return all versions of a month that were released before one, the newest first: what was read
    once stays read.
    """
    before = models.Release.objects.filter(period=period, version__lt=version)
    found = before.exclude(state=rules.State.DRAFT).order_by("-version")
    return [(one.version, results_of(one)) for one in found]


def cases(state: str, search: str = "", board: rules.Board | None = None) -> QuerySet[models.Case]:
    """Return cases in a state, the newest first, of one board or of all."""
    found = models.Case.objects.filter(state=state)
    if board is not None:
        found = found.filter(board=board)
    if search:
        within = Q(title__icontains=search) | Q(said__icontains=search)
        found = found.filter(within | Q(department__icontains=search) | Q(item__icontains=search))
    last = "-withdrawn_at" if state == rules.State.WITHDRAWN else "-released_at"
    return found.order_by(last, "-pk")


def rating_of(case: models.Case) -> int | None:
    """Return the rating that a case tells of."""
    if case.board == rules.Board.PRAISE:
        return case.source
    order = orders.briefly(case.source)
    return order.evaluation_id if order else None


def public_case(key: int) -> models.Case:
    """Return a case that was released; raises Withdrawn with why it was taken back, or NotFound."""
    found = models.Case.objects.filter(pk=key, released_at__isnull=False).first()
    if found is None:
        raise NotFound
    if found.state == rules.State.WITHDRAWN:
        raise rules.Withdrawn.because(found.reason)
    return found


@dataclass(frozen=True)
class Story:
    """An order or a rating that could be published, with its words masked already."""

    board: rules.Board
    source: int
    number: str
    region: int
    department: str
    item: str
    month: date
    said: str
    done: str
    rating: int
    department_id: int


def stories(board: rules.Board, limit: int = 20) -> list[Story]:
    """Return what could hang on a board and of which nobody has drafted a case, the newest first:
    orders put right to the citizen's satisfaction, orders found true, or good ratings with words.
    """
    turned_down = Q(state=rules.State.WITHDRAWN, released_at=None)
    hung = models.Case.objects.filter(board=board).exclude(turned_down)
    known = set(hung.order_by("-pk").values_list("source", flat=True)[:_LATEST])
    if board is rules.Board.PRAISE:
        praised = evaluations.praised(limit + len(known))
        clean = _unsuspected([one for one in praised if one.id not in known])
        return _praises(clean[:limit])
    found = _still(board, _ORDERS[board](limit + len(known)))
    return _told(board, [one for one in found if one.pk not in known][:limit])


_ORDERS = {rules.Board.RIGHT: orders.put_right, rules.Board.COMPLAINT: orders.found_true}
_LATEST = 500  # cases: what was drafted before them is older than what is looked at


def story_of(board: rules.Board, source: int) -> Story | None:
    """Return an order, or on the board of praise a rating, as a story; None where it is none that
    may hang there, now.
    """
    if board is rules.Board.PRAISE:
        return next(iter(_praises(_unsuspected(evaluations.praised(1, source)))), None)
    found = [one for one in _ORDERS[board](1, source) if not proofs.is_erased(one.evaluation_id)]
    return next(iter(_told(board, _still(board, found))), None)


def _still(board: rules.Board, several: Sequence[orders.Order]) -> list[orders.Order]:
    """Return the orders whose citizens are still dissatisfied, on the board of complaints: who
    changed a rating to a good one complains no more.
    """
    if board is not rules.Board.COMPLAINT:
        return list(several)
    replaced = evaluations.replacements_to_commit([one.evaluation_id for one in several])
    content = {row["id"] for row in replaced if row["level"] not in BAD}
    return [one for one in several if one.evaluation_id not in content]


def _unsuspected(several: Sequence[evaluations.Rated]) -> list[evaluations.Rated]:
    """Return ratings that screening does not hold."""
    held = screening.held({one.id for one in several})
    return [one for one in several if one.id not in held]


def _praises(several: Sequence[evaluations.Rated]) -> list[Story]:
    names = directory.department_names({one.department_id for one in several})
    items = directory.item_names({one.item_id for one in several})
    return [
        Story(
            rules.Board.PRAISE,
            one.id,
            one.receipt,
            one.region,
            names.get(one.department_id, ""),
            items.get(one.item_id, ""),
            business_day(one.rated_at).replace(day=1),
            one.words,
            "",
            one.id,
            one.department_id,
        )
        for one in several
    ]


def _told(board: rules.Board, several: Sequence[orders.Order]) -> list[Story]:
    """Return orders as stories, with a fixed number of look-ups however many they are."""
    said = evaluations.words_of([one.evaluation_id for one in several])
    done = orders.measures_of([one.pk for one in several])
    masked = evaluations.masked({one.evaluation_id: done.get(one.pk, "") for one in several})
    names = directory.department_names({one.rated_department_id for one in several})
    items = directory.item_names({one.item_id for one in several})
    return [
        Story(
            board,
            one.pk,
            one.number,
            one.region,
            names.get(one.rated_department_id, ""),
            items.get(one.item_id, ""),
            business_day(one.opened_at).replace(day=1),
            said.get(one.evaluation_id, ""),
            masked[one.evaluation_id],
            one.evaluation_id,
            one.rated_department_id,
        )
        for one in several
    ]
