"""What never reaches a log.

The secrets that stand in addresses (links of citizens, gateways' hooks, partners' paths).
"""

import logging
import re

_SECRET = re.compile(r"(/(?:e|s)/|/hooks/sms/|/dialects/(?:zj|ah)/)[^/\s?\"']+")


class WithoutSecrets(logging.Filter):
    """Blacks out the secret part of addresses in every message of a handler."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record's message; let everything through."""
        message = record.getMessage()
        if _SECRET.search(message):
            record.msg, record.args = _SECRET.sub(r"\1***", message), ()
        return True
