"""What somebody looked at when they decided: whoever confirms confirms that, and nothing that was
put in its place since (time of check, time of use).
"""

import hashlib
import json

from haochaping.kernel.errors import Conflict
from haochaping.kernel.words import Words


class ChangedMeanwhile(Conflict):
    """It is no longer what the page showed."""

    code = "changed_meanwhile"
    says = Words(
        "您查看之后内容已变更，请重新打开页面核对后再决定。",
        "It has changed since you looked at it: open the page again and check before you decide.",
    )


def mark(*facts: object) -> str:
    """Return a mark of facts, for the form that confirms them."""
    return hashlib.sha256(json.dumps(facts, default=str, sort_keys=True).encode()).hexdigest()[:16]


def check(shown: str | None, *facts: object) -> None:
    """Raise ChangedMeanwhile where what was shown is not what is there; None was shown nothing."""
    if shown is not None and shown != mark(*facts):
        raise ChangedMeanwhile
