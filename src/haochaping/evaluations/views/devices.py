"""Where devices hand in the ratings that they kept (`/k/ratings`).

Each rating is signed as it is given; sending it again is harmless.
"""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from haochaping.devices import queries as devices
from haochaping.devices.rules import NotUnderstood
from haochaping.evaluations import actions, rules
from haochaping.invitations import actions as invitations
from haochaping.kernel import clock, crypto, qr
from haochaping.kernel.errors import Refusal, Unauthorised
from haochaping.kernel.ids import key_of_receipt
from haochaping.kernel.limits import Limits
from haochaping.kernel.moments import parse_moment
from haochaping.kernel.words import Words

# ratings a minute from one device: a tablet that was offline for a week has caught up soon
_PER_DEVICE = Limits(600)
_ITEMS = 50  # ratings in one delivery


class Item(msgspec.Struct, frozen=True):
    """One rating as a device sends it.

    `sig` is HMAC-SHA256 over seq, key, at and body, one per line.
    """

    seq: int
    key: str
    at: str
    body: str
    sig: str


class Delivery(msgspec.Struct, frozen=True):
    """Ratings that a device kept."""

    kid: str
    items: list[Item]


@csrf_exempt
@require_POST
def ratings(request: HttpRequest) -> JsonResponse:
    """Take the ratings that a device kept, each once; one answer for each in order.

    What is refused the device puts aside and shows.
    """
    try:
        delivery = msgspec.json.decode(request.body, type=Delivery)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise NotUnderstood from None
    device = devices.device(delivery.kid)
    if device is None:
        raise Unauthorised(
            Words(
                "设备未配对或已停用，请重新配对。",
                "The device is not paired or was taken out of use; pair it again.",
            ),
            code="device_unknown",
        )
    if len(delivery.items) > _ITEMS:
        raise NotUnderstood
    _PER_DEVICE.spend(delivery.kid, clock.now(), max(1, len(delivery.items)))
    return JsonResponse(
        {"items": [_take(device, item) for item in delivery.items]},
        json_dumps_params={"ensure_ascii": False},
    )


def _take(device: devices.DeviceKey, item: Item) -> dict[str, Any]:
    signed = "\n".join((str(item.seq), item.key, item.at, item.body))
    text = signed.encode("utf-8", "surrogatepass")
    try:
        if not crypto.same(crypto.signature(device.key.secret, "sha256", text), item.sig.lower()):
            raise Unauthorised(
                Words("签名不符。", "The signature does not match."), code="bad_signature"
            )
        given = msgspec.json.decode(item.body, type=rules.DeviceGiven)
        claimed = parse_moment(item.at)
        if (
            not 0 < item.seq < 1 << 53
            or not 8 <= len(item.key) <= 64  # noqa: PLR2004 - documented bounds
            or not (item.key.isascii() and item.key.isprintable())
        ):
            raise NotUnderstood
        kept = actions.FromDevice(item.seq, item.key, given, claimed)
        receipt, refusal = actions.take_from_device(device=device, item=kept, at=clock.now())
    except msgspec.MsgspecError:
        receipt, refusal = "", NotUnderstood()
    except Refusal as refused:
        receipt, refusal = "", refused
    if refusal is not None:
        return {"seq": item.seq, **refusal.problem()}
    return {"seq": item.seq, "receipt": receipt, **_to_take_along(receipt, claimed)}


_AT_THE_DEVICE = timedelta(minutes=2)  # in which who rated still stands before it


def _to_take_along(receipt: str, rated_at: datetime | None) -> dict[str, str]:
    """Return the QR code with which who just rated follows it up on a phone of their own."""
    at, key = clock.now(), key_of_receipt(receipt)
    if key is None or rated_at is None or not abs(at - rated_at) <= _AT_THE_DEVICE:
        return {}
    token = invitations.invite(record_id=key, for_rater=True, at=at)
    return {"qr": qr.data_address(f"{settings.PUBLIC_URL}{reverse('portal:short', args=[token])}")}
