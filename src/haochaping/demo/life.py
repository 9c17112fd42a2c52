"""The demonstration goes on by itself: people rate, tablets report, one city works on its orders in
a 12345 system of its own, three platforms are told what happens, and two systems call the
interface. A process beside the others, `hcp demo-life`.
"""

import json
import logging
import threading
import time
import urllib.error
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any

from django.conf import settings
from django.db import close_old_connections

from haochaping.calendar import queries as calendars
from haochaping.demo import beside, phrases, world
from haochaping.demo.load import store
from haochaping.demo.partners import Partners
from haochaping.demo.ratings import Simulator
from haochaping.demo.systems import Systems, send
from haochaping.devices import queries as devices
from haochaping.exchange import actions as exchange
from haochaping.exchange import queries as exchanged
from haochaping.feed import actions as feed
from haochaping.identity.rules import SYSTEM
from haochaping.indicators import queries as indicators
from haochaping.kernel import clock
from haochaping.kernel.moments import business_day
from haochaping.regions import queries as regions
from haochaping.regions.rules import scope

log = logging.getLogger(__name__)
HOTLINE_CITY = 320600000000  # Nantong, whose orders its own system works on
_DOOR = "/hooks/hotline"
_BREATH, _REPORT = 6.0, 60.0  # seconds between two people who rate, and two reports of a device
_USUAL = 0.25  # the scale of a world in which somebody rates at every breath
_HOPELESS = (409, 422)  # answers after which the same step is not said again
_BETWEEN = (20, 90)  # seconds between two steps of the city's system


_SAID_BY_OTHERS = {"reply": "finish", "dismiss": "rectify"}  # and how the city calls it


@dataclass
class CityOrder:
    """An order in the city's own system, and the steps that are still to be taken there."""

    number: str
    steps: deque[tuple[str, dict[str, str]]]
    due: datetime


@dataclass
class CitySystem:
    """The 12345 system of a city: hears of orders, works on them, and says what it did."""

    random: Random = field(default_factory=Random)
    orders: list[CityOrder] = field(default_factory=list)

    def __post_init__(self) -> None:
        city = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                city.hear(message)
                answer = b'{"outcome": "done"}'
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        exchange.connect_hotline(
            region=HOTLINE_CITY,
            url=f"http://127.0.0.1:{self.server.server_port}/exchange",
            by=SYSTEM,
            at=clock.now(),
        )

    def hear(self, message: dict[str, Any]) -> None:
        """Take up an order, and skip what others did to it meanwhile."""
        kind = _SAID_BY_OTHERS.get(message["kind"], message["kind"])
        if kind == "create":
            self.orders.append(self.begin(message))
        for order in [one for one in self.orders if one.number == message.get("order")]:
            kinds = [name for name, _ in order.steps]
            if kind in kinds:
                order.steps = deque(list(order.steps)[kinds.index(kind) + 1 :])
            if not order.steps:
                self.orders.remove(order)

    def begin(self, message: dict[str, Any]) -> CityOrder:
        """Return an order with all its steps."""
        done, facts = phrases.measure(self.random), message["facts"]
        finding = phrases.finding(self.random, true=True)
        steps: list[tuple[str, dict[str, str]]] = [
            ("dispatch", {"department": facts["department"]}),
            ("sign", {}),
            ("uphold", {"finding": finding}),
            ("rectify", {"measures": done}),
            ("finish", {"reply": phrases.reply(self.random, done)}),
            ("call_back", {"satisfaction": "satisfied"}),
            ("close", {}),
        ]
        return CityOrder(message["order"], deque(steps), self._later(clock.now()))

    def _later(self, at: datetime) -> datetime:
        return at + timedelta(seconds=self.random.uniform(*_BETWEEN))

    def work(self, at: datetime) -> None:
        """Take the steps that are due and tell the platform."""
        for order in [one for one in self.orders if one.due <= at]:
            kind, facts = order.steps[0]
            if self._say({"kind": kind, "order": order.number, "facts": facts}, at):
                order.steps.popleft()
            order.due = self._later(at)
            if not order.steps:
                self.orders.remove(order)

    def _say(self, message: dict[str, Any], at: datetime) -> bool:
        (link,) = exchanged.hotlines(scope(HOTLINE_CITY))
        body = json.dumps({"seq": link.hotline.heard + 1, **message}, ensure_ascii=False).encode()
        try:
            told = send(f"{settings.PUBLIC_URL}{_DOOR}", body, link.hotline.kid, at)
            return bool(json.loads(told)["outcome"] == "done")
        except urllib.error.HTTPError as refused:
            log.warning("the platform refused a step of the city: %s", refused.code)
            return refused.code in _HOPELESS
        except OSError:
            return False


def main(seed: int, scale: float) -> None:
    """Live until the supervisor ends it; what fails is tried again at the next breath. In a small
    world fewer people rate.
    """
    offices, _ = world.imagine(Random(seed))
    simulator, city = (
        Simulator(offices, calendars.current(), seed, business_day(clock.now())),
        CitySystem(),
    )
    partners = Partners.begin(clock.now())
    systems = Systems(simulator, clock.now())
    reported = rated = float("-inf")
    while True:
        try:
            at = clock.now()
            if time.monotonic() - rated >= min(_USUAL / scale, 10) * _BREATH:
                store([simulator.now(at)], regions.tree(), indicators.catalogue(), at)
                feed.rouse()
                rated = time.monotonic()
            city.work(at)
            partners.tend(at)
            systems.tend(at)
            if time.monotonic() - reported >= _REPORT:
                known = devices.devices(scope(320000000000), at)
                alive = [line.id for line in known if line.version == "demo" and not line.disabled]
                beside.report(alive, at)
                reported = time.monotonic()
        except Exception as trouble:  # noqa: BLE001 - a demonstration goes on
            log.warning("life pauses: %s", type(trouble).__name__)
        close_old_connections()
        time.sleep(_BREATH)
