"""Telling the 12345 systems of cities that a rating was erased, and blanking what was said of it
in both directions (PIPL 47: whoever was handed personal data is told).
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings

from haochaping.exchange import events, models
from haochaping.exchange.actions.serving import say
from haochaping.kernel import outbox
from haochaping.kernel.crypto import Keyring
from haochaping.orders import queries as orders

# of a message that waits: what names nobody and quotes nobody
_KEPT = ("state", "due_at", "level", "codes", "item", "department", "region", "opened_at")


def tell_erased(*, evaluation_ids: Iterable[int], at: datetime) -> int:
    """Tell the hotlines that worked on orders of these ratings; return how many were told. Within
    the transaction of who follows the feed.
    """
    told = 0
    for key in evaluation_ids:
        order = orders.of_rating(key)
        hotline = (
            models.Hotline.objects.select_for_update().filter(region=orders.desk_of(order)).first()
            if order
            else None
        )
        if order is None or hotline is None:
            continue
        heard_of = _blank_said(hotline, order.number, order.opened_at)
        heard_of += _blank_heard(hotline, order.number, order.opened_at)
        if heard_of:
            message = {"kind": "erase", "order": order.number, "facts": {}}
            say(hotline=hotline, message=message, at=at)
            outbox.publish(events.HotlineAnswered(hotline.pk))
            told += 1
    return told


def _blank_said(hotline: models.Hotline, order: str, since: datetime) -> int:
    """Blank what was said of an order; what still waits goes without words and numbers."""
    keyring: Keyring = settings.KEYRING
    found = 0
    said = models.Outgoing.objects.filter(hotline=hotline, made_at__gte=since)
    for one in said.exclude(body=b"").iterator():
        whose = f"{hotline.pk}/{one.seq}"
        message: dict[str, Any] = json.loads(keyring.open(one.body, "hotline.out", whose) or "{}")
        if message.get("order") != order:
            continue
        found += 1
        body = b""
        if one.due_at is not None:
            facts = {name: message["facts"][name] for name in _KEPT if name in message["facts"]}
            text = json.dumps({**message, "facts": facts}, ensure_ascii=False)
            body = keyring.seal(text, "hotline.out", whose) or b""
        models.Outgoing.objects.filter(pk=one.pk).update(body=body)
    return found


def _blank_heard(hotline: models.Hotline, order: str, since: datetime) -> int:
    """Blank what the hotline said of an order and was acted on."""
    keyring: Keyring = settings.KEYRING
    found = 0
    acted = models.Incoming.objects.filter(hotline=hotline, at__gte=since)
    for one in acted.exclude(body=b"").exclude(done_at=None).iterator():
        opened = keyring.open(one.body, "hotline.in", f"{hotline.pk}/{one.seq}") or "{}"
        if json.loads(opened).get("order") == order:
            models.Incoming.objects.filter(pk=one.pk).update(body=b"")
            found += 1
    return found
