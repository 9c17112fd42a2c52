"""What may be agreed anew with a partner that is connected."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from haochaping.exchange import models, rules
from haochaping.exchange.actions._partner import check_departments, grant, halt, locked, note
from haochaping.exchange.queries.uploading import CONNECTED, secret_of
from haochaping.identity import queries as people
from haochaping.identity.rules import Right
from haochaping.kernel.crypto import Keyring
from haochaping.kernel.errors import Refusal
from haochaping.kernel.webhooks import new_secret
from haochaping.kernel.words import Words

_BATCHES, _PACES = range(1, 1001), range(100_000)
_BOTH = timedelta(hours=72)  # for which a webhook is signed with its old secret beside the new


class BadTerms(Refusal):
    """Numbers that nobody can keep."""

    code = "bad_terms"
    says = Words(
        "每批 1 至 1000 条；每秒条数为 0（不限）至 99999。",
        "A batch holds 1 to 1,000 messages; the pace is 0 (no limit) to 99,999 a second.",
    )


class NoSecret(Refusal):
    """A partner whose key is kept among the systems and keys."""

    status = 409
    code = "no_secret_here"
    says = Words(
        "该对接方用我方发放的密钥签名，请在“应用与密钥”中轮换。",
        "This partner's key is one of ours: rotate it under Systems and keys.",
    )


@dataclass(frozen=True)
class Terms:
    """What a partner may know, and how fast it is told."""

    words: bool
    personal: bool
    batch: int
    pace: int
    departments: Sequence[str] = ()  # credit codes; none: all of its region

    def widens(self, before: "Terms") -> bool:
        """Say whether a partner is to know more than before."""
        more = before.departments and not set(self.departments) <= set(before.departments)
        more = more or (before.departments and not self.departments)
        return bool(
            more or (self.words and not before.words) or (self.personal and not before.personal)
        )


@transaction.atomic
def agree(*, partner_id: int, terms: Terms, by: int, at: datetime) -> None:
    """Agree on other terms. Where a partner is to know more than before, another person starts the
    exchange again. Raises BadTerms.
    """
    partner = locked(partner_id, by)
    if terms.batch not in _BATCHES or terms.pace not in _PACES:
        raise BadTerms
    check_departments(terms.departments)
    before = Terms(
        partner.words, partner.personal, partner.batch, partner.pace, partner.departments
    )
    if terms.widens(before):
        people.require(by, Right.KEEP_KEYS, within=partner.region)
        halt(partner, by, at)
    for name, value in asdict(terms).items():
        setattr(partner, name, value)
    partner.save(update_fields=[*asdict(terms), "stopped_at", "changed_by"])
    if partner.stopped_at is None:
        grant(partner, by, at)
    note(partner, "agree", {"before": asdict(before), "after": asdict(terms)}, by, at)


@transaction.atomic
def follow_successor(*, code: str, successor: str, by: int, at: datetime) -> int:
    """Have every partner that is told of a department, or of the one that took over from it, be
    told of both; return how many.
    """
    changed = 0
    partners = models.Partner.objects.select_for_update().filter(ended_at=None)
    for partner in partners.exclude(departments=[]):
        had = set(partner.departments)
        if had & {code, successor} and not had >= {code, successor}:
            partner.departments = sorted(had | {code, successor})
            partner.save(update_fields=["departments"])
            note(partner, "follow_successor", {"departments": [code, successor]}, by, at)
            changed += 1
    return changed


@transaction.atomic
def renew(*, partner_id: int, given: Mapping[str, str], by: int, at: datetime) -> dict[str, str]:
    """Exchange the secret of a partner: for what it gave us, or for a new one of a webhook, which
    is returned to be shown once and holds beside the old one for three days.

    Raises NoSecret for a partner that signs with a key of ours, NeedsMore.
    """
    partner = locked(partner_id, by)
    people.require(by, Right.KEEP_KEYS, within=partner.region)
    if partner.dialect in rules.SIGNED:
        raise NoSecret
    shown: dict[str, str] = {}
    if partner.dialect == rules.Outward.WEBHOOK:
        shown, ends = {"secret": new_secret()}, (at + _BOTH).isoformat()
        secret = {**shown, "before": secret_of(partner)["secret"], "before_until": ends}
    else:
        rules.check_secret(rules.Outward(partner.dialect), given)
        secret = dict(given)
    keyring: Keyring = settings.KEYRING
    partner.secret = keyring.seal(json.dumps(secret), CONNECTED, partner.pk)
    partner.save(update_fields=["secret"])
    note(partner, "renew", {}, by, at)
    return shown
