"""Systems of departments that call the interface, as an integrator's would: one that does all that
the checklist asks, and one whose maker has some way to go.
"""

import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from urllib.parse import urlsplit

import msgspec
from django.conf import settings

from haochaping.demo.ratings import Made, Simulator
from haochaping.identity import actions as identity
from haochaping.identity import queries as keys
from haochaping.identity.rules import SYSTEM, SignedRequest, signed
from haochaping.kernel.moments import business_day

_EVERY = timedelta(seconds=45)  # between two batches of a system
_BATCH = 3
# name -> region, who answers for it, and whether its maker has come to the end
SYSTEMS: Mapping[str, tuple[int, str, bool]] = {
    "连云港市一窗受理系统": (320700000000, "王工 0518-5550132", True),
    "苏州市不动产登记系统": (320500000000, "李工 0512-5550177", False),
}


@dataclass
class System:
    """One of them: its key, and what it did last."""

    kid: str
    region: int
    whole: bool
    called_at: datetime
    asked_on: date | None = None  # day of its last own check


class Systems:
    """All of them."""

    def __init__(self, simulator: Simulator, at: datetime) -> None:
        self.simulator, self.random = simulator, Random(at.timestamp())
        self.systems = [
            System(_key(name, region, contact, at), region, whole, at)
            for name, (region, contact, whole) in SYSTEMS.items()
        ]

    def tend(self, at: datetime) -> None:
        """Have each that is due hand in a batch; a faulty one hands in what is refused, too."""
        for number, one in enumerate(self.systems, 1):
            if at - one.called_at < _EVERY:
                continue
            one.called_at = at
            # moments of its own, for a service is numbered by its moment
            moments = [at - timedelta(milliseconds=100 * number + n) for n in range(_BATCH)]
            made = [self._made(one.region, moment) for moment in moments]
            services = [msgspec.to_builtins(each.record) for each in made]
            if not one.whole and self.random.random() < 0.5:  # noqa: PLR2004 - every other time
                services[0]["item_code"] = services[0]["item_code"][:-1]
            self._call(one, "records/batch", services, at)
            ratings = [msgspec.to_builtins(each.rating) for each in made if each.rating]
            self._call(one, "evaluations/batch", ratings, at)
            if one.whole and one.asked_on != business_day(at):
                one.asked_on = business_day(at)
                self._call(one, "outcomes", {"since": 0}, at)
                self._call(one, "changes", {"cursor": ""}, at)

    def _made(self, region: int, at: datetime) -> Made:
        offices = [one for one in self.simulator.offices if one.region == region]
        return self.simulator.now(at, self.random.choice(offices))

    def _call(self, one: System, operation: str, content: object, at: datetime) -> None:
        with suppress(OSError):  # a refusal stands in the log of calls; the next batch is another
            body = msgspec.json.encode(content)
            send(f"{settings.COLLECTOR_URL}/api/v1/{operation}", body, one.kid, at)


def send(address: str, body: bytes, kid: str, at: datetime) -> bytes:
    """Post to an address of our own as the holder of a key, and return the answer; raises OSError,
    for a refusal HTTPError.
    """
    request = SignedRequest("POST", urlsplit(address).path, "", body, {})
    headers = signed(request, keys.key_of(kid), at)
    asked = urllib.request.Request(address, data=body, headers=headers, method="POST")  # noqa: S310
    with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310 - our own address
        told: bytes = answer.read()
    return told


def _key(name: str, region: int, contact: str, at: datetime) -> str:
    """Return the key of a system, which is connected the first time."""
    known = [key for key in keys.every_key() if key.client.name == name]
    if known:
        return known[0].kid
    kid, _ = identity.issue_key(client=name, region=region, by=SYSTEM, at=at)
    client_id = keys.client_of(kid)
    identity.limit_client(
        client_id=client_id, contact=contact, networks="", per_minute="", by=SYSTEM, at=at
    )
    return kid
