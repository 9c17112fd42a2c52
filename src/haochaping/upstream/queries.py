"""Reading catalogues, and what is here to compare them with."""

from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from haochaping.directory import queries as directory
from haochaping.directory.rules import TABLES
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.headings import Columns
from haochaping.kernel.sealed import Sealed
from haochaping.regions import queries as regions
from haochaping.upstream import models, rules

HEADER = "upstream.secret"  # under which a header is sealed, bound to its row
SEALED = (Sealed("upstream_source", {"secret": lambda _: HEADER}, row=lambda row: row["id"]),)

_LISTS: Mapping[str, Callable[[tuple[int, int]], QuerySet[Any]]] = {
    "departments": directory.departments,
    "halls": directory.halls,
    "windows": directory.windows,
    "items": directory.items,
}


def sources(scope: tuple[int, int]) -> QuerySet[models.Source]:
    """Return the catalogues within a range of regions, with what of each waits for a person."""
    waiting = Count("change", filter=Q(change__decided_at=None))
    found = models.Source.objects.filter(region__range=scope).defer("secret")
    return found.annotate(waiting=waiting).order_by("region", "kind", "pk")


def source(source_id: int) -> models.Source | None:
    """Return one catalogue, with its secret."""
    return models.Source.objects.filter(pk=source_id).first()


def header(one: models.Source) -> dict[str, str]:
    """Return the header by which a catalogue knows us, opened."""
    keyring: Keyring = settings.KEYRING
    line = (keyring.open(one.secret, HEADER, one.pk) or "") if one.secret else ""
    name, _, value = line.partition(":")
    return {name.strip(): value.strip()} if value.strip() else {}


def waiting(source_id: int, what: int | None = None) -> QuerySet[models.Change]:
    """Return what of a catalogue waits for a person, perhaps of one way of differing."""
    found = models.Change.objects.filter(source=source_id, decided_at=None).order_by("what", "code")
    return found if what is None else found.filter(what=what)


def counts(source_id: int) -> dict[int, int]:
    """Return how many differences of each kind wait for a person."""
    found = waiting(source_id).order_by().values_list("what").annotate(n=Count("pk"))
    return dict(found)


def coming(source_id: int) -> QuerySet[models.Change]:
    """Return what was approved and waits for its day."""
    found = models.Change.objects.filter(source=source_id, approved=True, done_at=None)
    return found.order_by("effective_on", "pk")


def due(day: date) -> QuerySet[models.Change]:
    """Return what was approved for this day or an earlier one and is not yet in force."""
    found = models.Change.objects.filter(approved=True, done_at=None, effective_on__lte=day)
    return found.select_related("source").order_by("source", "pk")


def to_decide(scope: tuple[int, int], *, besides: int) -> int:
    """Return how many catalogues within a range hold something to decide or wait to be started,
    but for what somebody did themselves.
    """
    found = models.Source.objects.filter(region__range=scope)
    differ = Q(change__decided_at=None) & ~Q(change__proposed_by=besides)
    differ &= Q(change__isnull=False)
    idle = Q(stopped_at__isnull=False) & ~Q(changed_by=besides) & ~Q(url="")
    return found.filter(differ | idle).values("pk").distinct().count()


def names_of(kind: str) -> tuple[str, ...]:
    """Return the columns of a catalogue, its code first."""
    return tuple(rules.REGIONS) if kind == "regions" else TABLES[kind].columns


def columns(kind: str, fields: Mapping[str, str]) -> Columns:
    """Return what the heading of a catalogue may hold: our names, what people call them, and what
    this catalogue does.
    """
    called = {**rules.BESIDES, **(rules.REGIONS if kind == "regions" else {})}
    also = {word: name for name, words in called.items() for word in words}
    needed: list[Collection[str]] = [(name,) for name in rules.REGIONS]
    if kind != "regions":
        heading = TABLES[kind].heading
        needed, also = list(heading.needed), also | dict(heading.also)
    known = frozenset((*names_of(kind), *rules.BESIDES))
    return Columns(known, needed, also | dict(fields))


def here(kind: str, scope: tuple[int, int]) -> dict[str, rules.Here]:
    """Return what the platform has of a table within a range of regions, by code."""
    if kind == "regions":
        tree = regions.entries(scope)
        return {
            str(one.code): rules.Here(one.code, {"name": one.name}, one.valid_to is not None)
            for one in tree
        }
    found = _LISTS[kind](scope)
    still = found.filter(in_use=True) if kind == "windows" else directory.still_open(found)
    open_ = set(still.values_list("pk", flat=True))
    unsure: set[int] = set()
    if kind in ("departments", "items"):
        unsure = set(found.filter(confirmed=False).values_list("pk", flat=True))
    return {
        code: rules.Here(one.region, one.facts, one.id not in open_, one.id not in unsure)
        for code, one in directory.entries(kind, found)
    }
