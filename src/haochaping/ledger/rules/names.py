"""Names of the logs, and words of the audit trail about them."""

import re

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words

_YEAR = re.compile(r"(audit-)?\d{4}")


class LogSound(Refusal):
    """A log that signs is not given up."""

    code = "log_sound"
    says = Words(
        "该账本没有冻结，或已有账本接续，不能放弃。先看 hcp ledger status。",
        "This log is not frozen, or another goes on in its place: it is not given up. See hcp "
        "ledger status.",
    )


class LogEnded(Refusal):
    """A log in whose place another goes on is written no more."""

    code = "log_ended"
    says = Words(
        "该账本已终止，由另一本接续，不再写入或恢复签名。见 hcp ledger status。",
        "This log has ended and another goes on in its place: nothing is written to it. See hcp "
        "ledger status.",
    )


def year_of(name: str) -> str:
    """Return the name of the first log of a year, of one that goes on in its place: 2026 of 2026-2,
    audit-2026 of audit-2026-3.
    """
    found = _YEAR.match(name)
    return found[0] if found else name


TRAIL: Trail = {
    "ledger": Subject(
        Words("存证账本", "ledger"),
        {
            "freeze": Words("冻结签名", "Froze"),
            "succeed": Words("放弃账本，另开一本接续", "Gave up for another that goes on"),
            "thaw": Words("恢复签名", "Signs again"),
            "rotate_key": Words("更换签名密钥", "Changed the key"),
        },
    )
}
