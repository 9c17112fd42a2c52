"""What messages announce."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MessageQueued:
    """A message waits to be sent."""

    message_id: int


@dataclass(frozen=True)
class ReplyReceived:
    """Somebody answered a message."""

    reply_id: int
