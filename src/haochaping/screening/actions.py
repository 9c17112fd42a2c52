"""Screening ratings and releasing those that were held."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.directory import queries as directory
from haochaping.evaluations import actions as evaluations
from haochaping.evaluations import queries as ratings
from haochaping.evaluations import rules as rating
from haochaping.feed import actions as feed
from haochaping.feed.rules import Kind
from haochaping.identity import queries as identity
from haochaping.identity.rules import Right
from haochaping.kernel import outbox
from haochaping.kernel.errors import Conflict, NotFound, Refusal
from haochaping.kernel.ids import receipt_number
from haochaping.kernel.words import Words
from haochaping.notifications import actions as notifications
from haochaping.notifications.rules import Telling, Topic
from haochaping.records import queries as records
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM, above
from haochaping.screening import events, models, queries, rules


def pull(*, at: datetime) -> int:
    """Screen the next ratings of the feed; return how many facts were read."""
    return feed.follow(name=queries.CURSOR, effect=lambda facts: _pull(facts, at))


def _pull(facts: Sequence[tuple[int, int]], at: datetime) -> None:
    _screen([ref for kind, ref in facts if kind == Kind.RATING], at)
    for key in ratings.bad_follow_ups([ref for kind, ref in facts if kind == Kind.FOLLOW_UP]):
        outbox.publish(events.BadFollowUp(key))


def _screen(keys: Sequence[int], at: datetime) -> None:
    found = ratings.to_screen(keys)
    windows = directory.window_facts({row["window_id"] for row in found if row["window_id"]})
    services = records.numbers_of({row["project_no"] for row in found if row["service_number"] > 1})
    holds = []
    for row in found:
        window = windows.get(row["window_id"])
        hours = window.hours(row["rated_at"]) if window else _DOORS
        reasons = rules.findings(
            rules.Facts(
                rated_at=row["rated_at"],
                received_at=row["received_at"],
                accepted_at=row["accepted_at"],
                on_site=row["channel"] in rating.ON_SITE,
                online=row["online"],
                window_code=row["window_code"],
                window_known=window is not None,
                window_in_use=window is not None and window.in_use_at(row["rated_at"]),
                opens=hours[0],
                closes=hours[1],
                service_number=row["service_number"],
                services_known=services.get(row["project_no"], frozenset()),
            )
        )
        if reasons:
            holds.append(
                models.Hold(
                    evaluation_id=row["id"],
                    region=row["region"],
                    level=row["level"],
                    reasons=reasons,
                    held_at=at,
                )
            )
        elif rating.is_bad(row["level"]) and not _is_history(row):
            outbox.publish(events.BadRatingCleared(row["id"]))
    models.Hold.objects.bulk_create(holds, ignore_conflicts=True)
    notifications.tell(tellings=[_telling(hold) for hold in holds if _hides(hold)], at=at)


def _is_history(row: Mapping[str, Any]) -> bool:
    """Say whether a rating was imported long after it was given: it opens no live order."""
    late: timedelta = row["received_at"] - row["rated_at"]
    return late > rating.HISTORY


_DOORS = (time(7, 0), time(21, 0))  # where the window is not known


def _hides(hold: models.Hold) -> bool:
    """Say whether somebody near the window may have made the hold: they set its hours."""
    of_hours = {rules.Reason.OFF_HOURS, rules.Reason.WINDOW_CLOSED} & set(hold.reasons)
    return bool(of_hours) and rating.is_bad(hold.level)


def _telling(hold: models.Hold) -> Telling:
    """Return what the office above is told, so that no office keeps its bad ratings to itself."""
    return Telling(
        office=above(hold.region)[-2:][0],
        right=Right.SCREEN,
        department_id=None,
        topic=Topic.HELD,
        subject_id=hold.evaluation_id,
        label=receipt_number(hold.evaluation_id),
    )


class NoteMissing(Refusal):
    """A release needs its reason."""

    code = "note_missing"
    says = Words("请填写核实情况后再放行。", "Say what you found before you release the rating.")


class AlreadyReleased(Conflict):
    """Somebody else was faster."""

    code = "already_released"
    says = Words("该评价已被其他人员放行。", "Somebody else has released this rating.")


class OtherOffice(Conflict):
    """A bad rating is found invalid by two offices, and by nobody twice."""

    code = "other_office"
    says = Words(
        "确认无效须由另一人复核；差评须由另一单位的人复核。",
        "Another person must agree; for a bad rating one of another office.",
    )


class NotOfThose(Conflict):
    """What two people found, two others take back."""

    code = "not_of_those"
    says = Words(
        "恢复须由两人办理，且都不是确认无效的人。",
        "Two people take it in again, neither of whom found it invalid.",
    )


@transaction.atomic
def release(*, hold_id: int, note: str, by: int, at: datetime) -> bool:
    """Release a held rating: it is what it seems. A bad one goes on to be put right. One that was
    found invalid counts again 申诉恢复 once two others say so; say whether it is released now.
    Raises NotOfThose, NoteMissing or AlreadyReleased.
    """
    hold = _held(hold_id, note, by)
    if hold.refuted_at is not None:
        if by in (hold.doubted_by, hold.refuted_by, hold.restoring_by):
            raise NotOfThose
        if hold.restoring_by is None:
            hold.restoring_at, hold.restoring_by = at, by
            hold.save(update_fields=["restoring_at", "restoring_by"])
            _record(hold, "propose_restore", note.strip()[:500], by, at)
            return False
    hold.released_at, hold.released_by, hold.note = at, by, note.strip()[:500]
    hold.save(update_fields=["released_at", "released_by", "note"])
    restored = hold.refuted_at is not None
    if restored:
        evaluations.restore(evaluation_id=hold.evaluation_id, ground="hold", at=at)
    _record(hold, "restore" if restored else "release", hold.note, by, at)
    if rating.is_bad(hold.level):
        outbox.publish(events.BadRatingCleared(hold.evaluation_id))
    return True


@transaction.atomic
def refute(*, hold_id: int, note: str, by: int, at: datetime) -> bool:
    """Say that a held rating is none of a citizen's; say whether it is decided, which takes two:
    then the adjusted figures leave it out. Raises OtherOffice, NoteMissing or AlreadyReleased.
    """
    hold = _held(hold_id, note, by)
    if hold.refuted_at is not None:
        raise AlreadyReleased
    if hold.doubted_by is None:
        hold.doubted_at, hold.doubted_by, hold.doubt = at, by, note.strip()[:500]
        hold.save(update_fields=["doubted_at", "doubted_by", "doubt"])
        _record(hold, "doubt", hold.doubt, by, at)
        return False
    offices = {identity.office_of(one) for one in (by, hold.doubted_by)}
    if by == hold.doubted_by or (rating.is_bad(hold.level) and len(offices) == 1):
        raise OtherOffice
    hold.refuted_at, hold.refuted_by = at, by
    hold.save(update_fields=["refuted_at", "refuted_by"])
    evaluations.set_aside(evaluation_ids=[hold.evaluation_id], ground="hold", at=at)
    _record(hold, "refute", note.strip()[:500], by, at)
    return True


def _held(hold_id: int, note: str, by: int) -> models.Hold:
    """Return a hold that somebody may decide, locked."""
    hold = models.Hold.objects.select_for_update().filter(pk=hold_id).first()
    if hold is None:
        raise NotFound
    identity.require(by, Right.SCREEN, within=hold.region)
    if hold.released_at is not None:
        raise AlreadyReleased
    if not note.strip():
        raise NoteMissing
    return hold


def _record(hold: models.Hold, verb: str, note: str, by: int, at: datetime) -> None:
    audit.record(
        subject="evaluation",
        subject_id=hold.evaluation_id,
        verb=verb,
        details={"reasons": list(hold.reasons), "note": note},
        region=hold.region,
        by=by,
        at=at,
    )


@transaction.atomic
def change_word(*, text: str, category: str, remove: bool, by: int, at: datetime) -> str:
    """Add a word to the list of sensitive ones, or take it off; return it as it is kept. The list
    is the province's. Raises BadWord.
    """
    identity.require(by, Right.SCREEN, within=PROVINCE_OF_THE_PLATFORM)
    word, kind = rules.word(text, category)
    before = models.SensitiveWord.objects.filter(pk=word).values("category", "removed").first()
    facts = {"category": kind, "removed": remove, "by": by, "at": at}
    models.SensitiveWord.objects.update_or_create(word=word, defaults=facts)
    audit.record(
        subject="sensitive",
        subject_id=0,
        verb="remove" if remove else "add",
        details={"word": word, "category": kind, "before": before},
        region=PROVINCE_OF_THE_PLATFORM,
        by=by,
        at=at,
    )
    queries.forget_words()
    return word
