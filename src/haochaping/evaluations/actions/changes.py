"""What becomes of a rating later: its citizen replaces it, or two persons set it aside.

The first rating stays whatever happens.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from haochaping.audit import actions as audit
from haochaping.evaluations import events, models, queries, rules
from haochaping.feed import actions as feed
from haochaping.feed.rules import Kind
from haochaping.indicators import queries as indicators
from haochaping.invitations import actions as invitations
from haochaping.kernel import outbox
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.db import one_at_a_time
from haochaping.kernel.masking import mask_text
from haochaping.notifications import actions as notifications
from haochaping.policies import queries as policies

# a rating is not replaced and set aside at the same moment: the figures tell them in order
_CHANGE = "change {}"


@transaction.atomic
def replace(*, given: rules.Given, record_id: int, by: int, at: datetime) -> None:
    """Replace a rating, once and within the policy's days (trust design §1.7): the last one counts,
    the first stays beside it.

    Raises AlreadyRated when it was replaced before, or BadRating.
    """
    rating = rules.accept(given, indicators.catalogue(), at)
    first = models.Evaluation.objects.filter(pk=record_id).first()
    if first is None:
        raise rules.refusal("record_unknown")
    if at > first.received_at + timedelta(days=policies.terms(first.region, at).change):
        raise rules.refusal("too_late_to_replace")
    one_at_a_time(_CHANGE.format(record_id))
    if models.SetAside.objects.filter(pk=record_id).exists():
        raise rules.refusal("set_aside")
    facts = {
        "region": first.region,
        "before": first.level,
        "level": rating.level,
        "codes": list(rating.codes),
        "words": (words := mask_text(rating.words, (rating.rater.name,))),
    }
    keyring: Keyring = settings.KEYRING
    said = rating.level, rating.codes, words, rating.channel, at
    stamp = keyring.fingerprint(rules.handed_in((record_id,), rules.REPLACED, *said))
    facts |= {"channel": rating.channel, "at": at, "stamp": stamp}
    _, made = models.Replacement.objects.get_or_create(evaluation_id=record_id, defaults=facts)
    if not made:
        raise rules.AlreadyRated(rules.REFUSALS["replaced_once"])
    feed.announce(kind=Kind.REPLACED, refs=[record_id])
    audit.record(
        subject="evaluation",
        subject_id=record_id,
        verb="replace",
        details={},
        region=first.region,
        by=by,
        at=at,
    )
    outbox.publish(events.RatingReplaced(record_id, first.level, rating.level))


@transaction.atomic
def restore(*, evaluation_id: int, ground: str = "", at: datetime) -> bool:
    """Take a rating in again that was set aside on a ground, because two persons upheld the appeal;
    say whether it counts again: not while it is set aside on another ground too. Once it does, it
    cannot be set aside again.
    """
    one_at_a_time(_CHANGE.format(evaluation_id))
    grounds = models.Ground.objects.filter(evaluation_id=evaluation_id)
    grounds.filter(ground=ground).delete()
    if grounds.exists():
        return False
    aside = models.SetAside.objects.filter(pk=evaluation_id).first()
    if aside is None:
        return False
    _, made = models.Restored.objects.get_or_create(
        evaluation_id=evaluation_id, defaults={"region": aside.region, "at": at}
    )
    if made:
        feed.announce(kind=Kind.RESTORED, refs=[evaluation_id])
    return made


@transaction.atomic
def set_aside(*, evaluation_ids: Sequence[int], ground: str = "", at: datetime) -> int:
    """Leave ratings out of the adjusted figures, because two persons upheld an objection to them or
    found them invalid 确认无效, which is the ground; return how many were not left out before. The
    raw ones keep them.
    """
    done = 0
    for key in sorted(evaluation_ids):
        one_at_a_time(_CHANGE.format(key))
        first = models.Evaluation.objects.filter(pk=key).only("region").first()
        if first is None:
            continue
        models.Ground.objects.get_or_create(evaluation_id=key, ground=ground)
        facts = {"region": first.region, "at": at}
        _, made = models.SetAside.objects.get_or_create(evaluation_id=key, defaults=facts)
        if made:
            feed.announce(kind=Kind.SET_ASIDE, refs=[key])
            done += 1
    return done


def trace(*, evaluation_id: int, network: str, at: datetime) -> None:
    """Note from which network and browser a citizen's own page was sent, keyed."""
    first = models.Evaluation.objects.filter(pk=evaluation_id).only("region").first()
    if first is not None:
        keyring: Keyring = settings.KEYRING
        facts = {"region": first.region, "network": keyring.fingerprint(network.encode()), "at": at}
        models.Trace.objects.get_or_create(evaluation_id=evaluation_id, defaults=facts)


def forget_traces(*, before: datetime) -> int:
    """Forget the traces from before a moment; return how many."""
    return models.Trace.objects.filter(at__lt=before).delete()[0]


def tell_citizen(
    *, evaluation_id: int, region: int, says: str, template: str = "progress", at: datetime
) -> None:
    """Tell the citizen who rated by SMS how things are, with a link to the progress.

    Nothing without a gateway or a phone.
    """
    if settings.SMS and (phone := queries.phone_of(evaluation_id)):
        token = invitations.invite(record_id=evaluation_id, for_rater=True, at=at)
        notifications.queue(
            template=template,
            phone=phone,
            values={"says": says, "link": f"{settings.PUBLIC_URL}/s/{token}"},
            record_id=evaluation_id,
            region=region,
            at=at,
        )
