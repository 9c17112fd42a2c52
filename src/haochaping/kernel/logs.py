"""What never reaches a log: the secrets that stand in addresses."""

import logging
import re


class WithoutSecrets(logging.Filter):
    """Blacks out the secret part of addresses in every message of a handler.

    `before` is a regular expression of what stands before it.
    """

    def __init__(self, before: str) -> None:
        super().__init__()
        self.secret = re.compile(rf"({before})[^/\s?\"']+")

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record's message; let everything through."""
        message = record.getMessage()
        if self.secret.search(message):
            record.msg, record.args = self.secret.sub(r"\1***", message), ()
        return True
