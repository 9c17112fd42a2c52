"""What the call-back desk announces."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CallWanted:
    """An agent wants to be put through to a citizen.

    The telephone system dials, the agent sees no number.
    """

    call_id: int
    agent_id: int
