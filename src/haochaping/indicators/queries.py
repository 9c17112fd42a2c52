"""Reading the catalogue. It is small and changes rarely, so a process keeps it for a minute."""

import time
from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from haochaping.indicators import models, rules
from haochaping.kernel import marks
from haochaping.kernel.db import Conversation, Row, rows
from haochaping.kernel.errors import NotFound
from haochaping.kernel.words import Words

_SQL = (
    "SELECT code, zh, en, core, applies, version, valid_to, scope::text AS scope "
    "FROM indicators_indicator ORDER BY code"
)
_KEEP_SECONDS = 60
_kept: tuple[float, dict[int, rules.Indicator]] | None = None


def load() -> Conversation[Mapping[int, rules.Indicator]]:
    """Read the whole catalogue by code, retired codes included."""
    return _built((yield _SQL, ()))


def read_now() -> dict[int, rules.Indicator]:
    """Return the whole catalogue by code as it is at this moment."""
    return _built(rows(_SQL))


def _built(found: Sequence[Row]) -> dict[int, rules.Indicator]:
    return {
        row["code"]: rules.Indicator(
            row["code"],
            Words(row["zh"], row["en"]),
            row["core"],
            rules.Applies(row["applies"]),
            row["version"],
            row["valid_to"] is None,
            msgspec.json.decode(row["scope"], type=rules.Scope),
        )
        for row in found
    }


def catalogue() -> dict[int, rules.Indicator]:
    """Return the whole catalogue by code, at most a minute old."""
    global _kept  # noqa: PLW0603 - a per-process cache of reference data
    if _kept is None or time.monotonic() - _kept[0] > _KEEP_SECONDS:
        found = read_now()
        if not found:
            return found
        _kept = time.monotonic(), found
    return _kept[1]


def by_item() -> bool:
    """Say whether any code in force is offered for some items only."""
    return any(one.in_force and one.scope.items for one in catalogue().values())


def forget() -> None:
    """Read the catalogue anew when it is asked for next."""
    global _kept  # noqa: PLW0603 - as above
    _kept = None


def editions() -> list[models.Edition]:
    """Return the versions, the newest first."""
    return list(models.Edition.objects.order_by("-number"))


def edition(edition_id: int) -> models.Edition | None:
    """Return a version."""
    return models.Edition.objects.filter(pk=edition_id).first()


def entries_of(edition_: models.Edition) -> list[rules.Entry]:
    """Return the codes of a version."""
    return msgspec.convert(edition_.entries, list[rules.Entry])


def previewed(edition_id: int) -> list[rules.Indicator]:
    """Return the codes of a version as they would be offered; raises NotFound."""
    found = edition(edition_id)
    if found is None:
        raise NotFound
    return [
        rules.Indicator(
            one.code, Words(one.zh, one.en), one.core, one.applies, found.number, True, one.scope
        )
        for one in entries_of(found)
    ]


def drafted(edition_: models.Edition) -> tuple[object, ...]:
    """Return what whoever keeps or decides on a draft looked at."""
    return edition_.entries, edition_.note, edition_.drafted_by


def mark_of(edition_: models.Edition) -> str:
    """Return the mark of that, for the forms of a version's page."""
    return marks.mark(*drafted(edition_))


def changes_of(edition_: models.Edition, other: models.Edition | None = None) -> rules.Changes:
    """Return what a version changes of another, or of what is in force now."""
    before = entries_of(other) if other else rules.in_force(read_now().values())
    return rules.changes(entries_of(edition_), before)


def validity() -> dict[int, tuple[date, date | None]]:
    """Return since when and until when each code is in force."""
    return {
        code: (since, until)
        for code, since, until in models.Indicator.objects.values_list(
            "code", "valid_from", "valid_to"
        )
    }
