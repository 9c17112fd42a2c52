"""What every way to send an SMS has in common.

Its shape, and how it says that something went wrong.
"""

from typing import Protocol

from haochaping.notifications.actions import Outgoing


class Passing(Exception):
    """The gateway would not take the message now, and surely has not sent it: try again later."""


class Final(Exception):
    """The gateway will never take this message."""


class Sender(Protocol):
    """A way to send.

    Whoever implements it is told a message several times when answers are lost; `Outgoing.id` stays
    the same.
    """

    def send(self, message: Outgoing) -> str:
        """Hand the message over and return the gateway's id for it; raises Passing or Final."""

    def listen(self) -> None:
        """Keep a connection for receipts and replies, where they come that way."""
