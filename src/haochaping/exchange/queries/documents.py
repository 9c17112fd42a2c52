"""What partners are told of facts, many at once: a fixed number of statements however many."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import batched
from typing import Any

from haochaping.directory import queries as directory
from haochaping.evaluations import queries as evaluations
from haochaping.exchange import models, rules
from haochaping.feed.rules import Kind
from haochaping.orders import queries as orders
from haochaping.records import queries as records


@dataclass(frozen=True)
class Written:
    """A fact as a partner is told it, with its service where the dialect wants both at once."""

    document: rules.Document
    service: rules.Document


@dataclass(frozen=True)
class LeftOut:
    """A fact that is not told, and why."""

    reason: str


def documents(
    partner: models.Partner, deliveries: Iterable[models.Delivery], *, with_service: bool = False
) -> dict[int, Written | LeftOut]:
    """Return what a partner is told, by the id of the delivery: by its conventions, and no more
    than was granted it.
    """
    asked = list(deliveries)
    ways = rules.conventions(partner.dialect, partner.ways)
    facts = _services({one.record for one in asked}, personal=partner.personal)
    told = _ratings(asked, words=partner.words) | _steps(partner, asked)
    found: dict[int, Written | LeftOut] = {}
    for one in asked:
        fact, row = facts.get(one.record), told.get((one.kind, one.ref))
        if fact is None or (row is None and one.kind != Kind.RECORD):
            found[one.pk] = LeftOut("已删除 erased")
        elif ways["self_made"] == "no" and rules.self_made(fact["item_code"]):
            found[one.pk] = LeftOut("自编事项不上报 item made locally")
        else:
            document = _document(one.kind, fact, row or {}, ways)
            service = rules.of_service(fact, ways) if with_service else {}
            if document.get("anonymityFlag") == "1":  # in one document with who was served
                service = {name: told for name, told in service.items() if name not in _WHO}
            found[one.pk] = Written(document, service)
    return found


_TOLD_AT_ONCE = 1000
_WHO = frozenset(("userName", "mobile", "certKey", "certKeyGOV"))


def sent_ratings(
    partner: models.Partner, since: date, until: date
) -> dict[rules.filed.Case, rules.filed.Sent]:
    """Return the ratings that a partner was told of some days, as they are told now: of one that
    its citizen replaced the last, on the day of the first.
    """
    told = models.Delivery.objects.filter(partner=partner).exclude(status=rules.Status.LEFT_OUT)
    of_days = told.filter(day__range=(since, until), kind__in=[Kind.RATING, Kind.FOLLOW_UP])
    found: dict[rules.filed.Case, rules.filed.Sent] = {}
    for some in batched(of_days.order_by("pk").iterator(chunk_size=_TOLD_AT_ONCE), _TOLD_AT_ONCE):
        days = {one.ref: one.day for one in some if one.kind == Kind.RATING}
        later = told.filter(kind=Kind.REPLACED, ref__in=list(days))
        every = [*some, *later]
        written = documents(partner, every)
        for one in every:
            told_as = written[one.pk]
            if isinstance(told_as, Written):
                row = told_as.document
                day = days[one.ref] if one.kind == Kind.REPLACED else one.day
                found[rules.filed.case_of(row)] = rules.filed.Sent(
                    rules.message_id(one.kind, one.ref),
                    one.pk,
                    day,
                    row["satisfaction"],
                    rules.filed.codes_of(row.get("evalDetail", "")),
                )
    return found


def _document(
    kind: int, fact: Mapping[str, Any], row: Mapping[str, Any], ways: Mapping[str, str]
) -> rules.Document:
    if kind == Kind.RECORD:
        return rules.of_service(fact, ways)
    if kind == Kind.ORDER:
        return rules.of_step(fact, row, ways)
    return rules.of_rating(fact, row, kind, ways)


def _services(record_ids: set[int], *, personal: bool) -> dict[int, dict[str, Any]]:
    """Return services with the names of where, what and who."""
    facts = records.to_tell(record_ids, personal=personal)
    departments = directory.department_labels({one["department_id"] for one in facts.values()})
    items = directory.item_labels({one["item_id"] for one in facts.values()})
    staff = directory.staff_labels({one["staff_id"] for one in facts.values() if one["staff_id"]})
    for one in facts.values():
        one["uscc"], one["department"] = departments[one["department_id"]]
        one["item_code"], one["item"], one["task_type"] = items[one["item_id"]]
        # who served is a person as well
        known = staff.get(one["staff_id"], ("", "")) if personal else ("", "")
        one["staff"], one["staff_number"] = known
    return facts


# facts that tell a rating as it is now
_FROM: Mapping[int, Kind] = dict.fromkeys((Kind.SET_ASIDE, Kind.RESTORED, Kind.ERASED), Kind.RATING)


def _ratings(
    asked: Sequence[models.Delivery], *, words: bool
) -> dict[tuple[int, int], dict[str, Any]]:
    """Return ratings by kind and key, their words masked or left out."""
    wanted: dict[int, set[int]] = {}
    for one in asked:
        wanted.setdefault(_FROM.get(one.kind, one.kind), set()).add(one.ref)
        if one.kind in _FROM:  # as it is now: perhaps another was put in its place
            wanted.setdefault(Kind.REPLACED, set()).add(one.ref)
    found: dict[tuple[int, int], dict[str, Any]] = {}
    for kind, read, moment in (
        (Kind.RATING, evaluations.to_commit, "rated_at"),
        (Kind.FOLLOW_UP, evaluations.follow_ups_to_commit, "rated_at"),
        (Kind.REPLACED, evaluations.replacements_to_commit, "at"),
    ):
        for row in read(sorted(wanted.get(kind, ()))):
            found[kind, row["id"]] = {**row, "at": row[moment]}
    written = [key for key, row in found.items() if row["words"]]
    masked = (
        evaluations.masked_all([(key[1], found[key]["words"]) for key in written])
        if words and written
        else [""] * len(written)
    )
    for key, text in zip(written, masked, strict=True):
        found[key]["words"] = text
    for stands, source in _FROM.items():
        found |= {
            (stands, ref): found[source, ref] | _now(found.get((Kind.REPLACED, ref)))
            for ref in {one.ref for one in asked if one.kind == stands}
            if (source, ref) in found
        }
    return found


def _now(replaced: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what a citizen put in a rating's place: its own day stays."""
    return {name: replaced[name] for name in ("level", "codes", "words")} if replaced else {}


def _steps(
    partner: models.Partner, asked: Sequence[models.Delivery]
) -> dict[tuple[int, int], dict[str, Any]]:
    """Return steps of orders by kind and key, with the partner's own number of the order."""
    steps = orders.steps_to_tell([one.ref for one in asked if one.kind == Kind.ORDER])
    if not steps:
        return {}
    told = models.Received.objects.filter(
        partner=partner,
        record__in={step["record"] for step in steps},
        family=rules.Family.RECTIFICATION,
    )
    theirs = dict(told.order_by("-pk").values_list("record", "message"))  # the first of each
    wordless = {} if partner.words else dict.fromkeys(("finding", "measures", "reply"), "")
    return {
        (Kind.ORDER, step["id"]): {**step, "theirs": theirs.get(step["record"], ""), **wordless}
        for step in steps
    }
