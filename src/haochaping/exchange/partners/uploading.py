"""Sending a partner what waits for it, and comparing with it."""

from collections.abc import Mapping
from datetime import date

from haochaping.exchange import actions, models, queries, rules
from haochaping.exchange.partners import (
    drop,
    fujian,
    generic,
    national,
    shandong,
    webhooks,
    zhejiang,
)
from haochaping.exchange.partners.sending import Failed, Letter, Link, Outcome, Upload, carry, made
from haochaping.exchange.rules import Outward, Status, Told
from haochaping.identity import queries as identity
from haochaping.kernel import clock, outbound

_UPLOADS: Mapping[str, Upload] = {
    Outward.NATIONAL: national.upload,
    Outward.SHANDONG: shandong.upload,
    Outward.FUJIAN: fujian.upload,
    Outward.ZHEJIANG: zhejiang.upload,
    Outward.GENERIC: generic.upload,
    Outward.WEBHOOK: webhooks.upload,
}
_WITH_SERVICE = frozenset({Outward.SHANDONG, Outward.FUJIAN, Outward.ZHEJIANG})


def link_to(partner: models.Partner) -> Link:
    """Return how a partner is reached now; raises Failed where the key that we share has ended.

    After a rotation the old key signs until it ends, and then the newest.
    """
    secret, at = queries.secret_of(partner), clock.now()
    if partner.client_id is not None:
        kids = [one.kid for one in identity.keys_in_force(partner.client_id, at)]
        if not kids:
            raise Failed("密钥已停用 the key was revoked")
        if secret["kid"] not in kids:
            secret = {**secret, "kid": kids[0], "secret": identity.key_of(kids[0]).secret.decode()}
    return Link(partner.url, secret, at)


def send_round(partner_id: int) -> bool:
    """Send a partner what waits, once around; say whether it took anything, so that another round
    is worth it.
    """
    partner = queries.partner(partner_id)
    if partner is None or partner.stopped_at is not None:
        return False
    taken, groups = False, queries.to_send(partner, clock.now())
    if not groups:
        # what is due waits for what goes before it
        actions.rest(partner_id=partner.pk, at=clock.now())
    for group in groups:
        outcome = _send(partner, group)
        taken |= bool(outcome.told)
        if outcome.broken:
            actions.note_failure(
                partner_id=partner.pk,
                answer=outcome.broken,
                unreachable=outcome.unreachable,
                wait=outcome.wait,
                at=clock.now(),
            )
            return False
        if outcome.cut:
            break
    return taken and not partner.pace


def _send(partner: models.Partner, group: list[models.Delivery]) -> Outcome:
    """Send messages that go together and note what became of them."""
    with_service = partner.dialect in _WITH_SERVICE
    written = queries.documents(partner, group, with_service=with_service)
    told = {
        pk: Told("", Status.LEFT_OUT, one.reason)
        for pk, one in written.items()
        if isinstance(one, queries.LeftOut)
    }
    theirs = queries.theirs_of(partner.pk, {one.ref for one in group}) if with_service else {}
    letters: dict[str, tuple[int, Letter]] = {}
    for one in group:
        found = written[one.pk]
        if isinstance(found, queries.Written):
            message, family = rules.message_id(one.kind, one.ref), rules.OF_KIND[one.kind]
            letter = Letter(message, family, found.document, found.service, theirs.get(one.ref, ""))
            letters[message] = (one.pk, letter)
    outcome = _carried(partner, [letter for _, letter in letters.values()])
    told |= {letters[one.message][0]: one for one in outcome.told.values()}
    heard = not (outcome.unreachable or outcome.cut)
    if heard and (len(letters) == 1 or not outcome.broken):
        # nothing was said of it, though the partner answered: the fault may be its own
        silent = letters.keys() - outcome.told.keys()
        said = outcome.broken or "未答复 not answered"
        told |= {letters[one][0]: Told(one, Status.NEW, said) for one in silent}
    digests = {pk: rules.digest(letter.document) for pk, letter in letters.values()}
    actions.note_told(partner_id=partner.pk, sent=group, told=told, digests=digests, at=clock.now())
    return outcome


def _carried(partner: models.Partner, letters: list[Letter]) -> Outcome:
    if not letters:
        return Outcome()
    try:
        link = link_to(partner)
    except Failed as failed:
        return Outcome(broken=str(failed), unreachable=True)
    if partner.dialect == Outward.DROP:
        return drop.drop(letters, link)
    return carry(_UPLOADS[partner.dialect](letters, link))


def compare(partner: models.Partner, day: date, family: rules.Family) -> int:
    """Compare a day with what a partner has; return how many differences are new. Raises Failed or
    Unreachable.
    """
    begin = clock.now()  # what is sent from now on is looked at the next time
    told = queries.told(partner.pk, day, family)
    dialogue = national.reconcile(told.entries, day, family, link_to(partner))
    try:
        request = next(dialogue)
        while True:
            request = dialogue.send(made(request))
    except StopIteration as end:
        found, theirs, asked = end.value
    moving = queries.moving(partner.pk, [one.message for one in found], begin)
    found = [one for one in found if one.message not in moving]
    compared = models.Reconciled(
        partner=partner, day=day, family=family, ours=len(told.entries), theirs=theirs, asked=asked
    )
    return actions.note_compared(compared=compared, found=found, ids=told.ids, at=begin)


def compare_all(partner: models.Partner, *, every: bool = False) -> int:
    """Compare the days of a partner that are to be, or `every` day that it was told of; return how
    many were compared.
    """
    compared, wanted = 0, queries.to_compare(partner, clock.now(), every=every)
    actions.expect(partner_id=partner.pk, days=wanted)
    for day, family in wanted:
        try:
            compare(partner, day, family)
            compared += 1
        except (Failed, outbound.Unreachable) as away:
            said, at = str(away), clock.now()
            actions.note_unanswered(
                partner_id=partner.pk, day=day, family=family, answer=said, at=at
            )
            if isinstance(away, outbound.Unreachable):  # for any day
                actions.note_failure(
                    partner_id=partner.pk, answer=said, unreachable=True, wait=away.wait, at=at
                )
                break
    return compared
