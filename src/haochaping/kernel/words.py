"""Words in the two languages of the platform.

Both are written side by side, so neither can be forgotten (ADR 0005).
"""

import re
from typing import NamedTuple


class Words(NamedTuple):
    """One text in Chinese and in English."""

    zh: str
    en: str

    def in_language(self, language: str | None) -> str:
        """Return the text for a language code such as `zh-hans` or `en`.

        Chinese unless English is asked for.
        """
        return self.en if (language or "").startswith("en") else self.zh

    def with_values(self, **values: object) -> "Words":
        """Return the same words with `{name}` places filled."""
        return Words(self.zh.format(**values), self.en.format(**values))


_UNSTORABLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def storable(text: str) -> bool:
    """Say whether a text can be held and shown: no half of a surrogate pair, which UTF-8 cannot
    hold, nothing that is no character and no XML holds, and no control character, of eight bits
    neither (PostgreSQL cannot hold NUL, and others rewrite terminals and logs), but tab and ends of
    lines.
    """
    if text.isascii() and text.isprintable():  # known in no time, and what most fields are
        return True
    return _UNSTORABLE.search(text) is None


def trimmed(text: str) -> str:
    """Return a text without the white space around it, or whole if it cannot be stored: Python
    takes form feeds and separators for white space, and what is refused must not vanish unsaid.
    """
    return text.strip() if storable(text) else text


def printable(text: str) -> str:
    """Return a text that can be shown and stored, with a sign in place of what cannot."""
    return text if storable(text) else _UNSTORABLE.sub("\ufffd", text)


def chinese(text: str) -> str:
    """Return a text that is Chinese alone, because it becomes part of a record or is sent by SMS.

    Whatever a page shows is Words; a contract finds Chinese that is neither.
    """
    return text
