"""What never reaches a log: the secrets that stand in addresses."""

import logging
import re
import traceback
from pathlib import Path


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


def where(error: Exception) -> str:
    """Return where something failed, and not with what: that may be somebody's words."""
    steps = traceback.extract_tb(error.__traceback__)
    ours = [step for step in steps if "haochaping" in step.filename] or steps
    if not ours:
        return type(error).__name__
    place = Path(ours[-1].filename)
    return f"{type(error).__name__} at {place.parent.name}/{place.name}:{ours[-1].lineno}"[:200]


def configuration(before: str) -> dict[str, object]:
    """Return the logging of every process, for logging.config; `before` as of WithoutSecrets."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
        "filters": {"secrets": {"()": "haochaping.kernel.logs.WithoutSecrets", "before": before}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["secrets"],
            }
        },
        "loggers": {
            "django.request": {"level": "ERROR"},  # a 4xx is the sender's mistake and was answered
            "django.security": {"level": "ERROR"},
            "django.security.RequestDataTooBig": {
                "level": "CRITICAL"
            },  # answered with 400; its traceback says nothing
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
    }
