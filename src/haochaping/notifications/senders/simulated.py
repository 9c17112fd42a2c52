"""Sends nothing: the carrier of a demonstration, `simulated://`.

It takes each message and brings its receipt after a moment, as a real one does.
"""

import logging
import queue
import threading
import time
from urllib.parse import SplitResult

from django.conf import settings
from django.db import connection

from haochaping.kernel import clock
from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words
from haochaping.notifications import actions
from haochaping.notifications.actions import Outgoing
from haochaping.notifications.rules import Fate

log = logging.getLogger(__name__)
_SECONDS = 3.0  # until the receipt comes


class OnlyInDemonstrations(Refusal):
    """On a real site nobody would get a message, and all would look as if they did."""

    code = "only_in_demonstrations"
    says = Words(
        "simulated:// 不会真正发送短信，只能在演示中使用；请在 HCP_SMS 中填写真实短信网关。",
        "simulated:// sends nothing and is for demonstrations only; name a real gateway in "
        "HCP_SMS.",
    )


class Simulated:
    """Takes everything; one thread brings the receipts."""

    def __init__(self, _address: SplitResult) -> None:
        if not settings.DEMO:
            raise OnlyInDemonstrations
        self.taken: queue.SimpleQueue[tuple[float, str]] = queue.SimpleQueue()
        threading.Thread(target=self._deliver, name="carrier", daemon=True).start()

    def send(self, message: Outgoing) -> str:
        """Take the message; its receipt comes by itself."""
        provider_id = f"sim{message.id}"
        self.taken.put((time.monotonic() + _SECONDS, provider_id))
        return provider_id

    def listen(self) -> None:
        """Nothing comes over a connection."""

    def _deliver(self) -> None:
        while True:
            due, provider_id = self.taken.get()
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                actions.take_receipt(
                    provider_id=provider_id,
                    message_id=None,
                    fate=Fate.DELIVERED,
                    why="",
                    at=clock.now(),
                )
            except Exception as away:  # noqa: BLE001 - a receipt may fail to come
                log.warning("no receipt for %s: %s", provider_id, type(away).__name__)
            if self.taken.empty():
                connection.close()
