"""Chinese by its sound: pages are found by pinyin, whole (chaping) or by initials (cp)."""

from functools import cache


@cache
def sounds(text: str) -> tuple[str, str]:
    """Return the pinyin of a text without tones and its initials, in lower case; what is not
    Chinese stays as it is.
    """
    # nearly a second to load, for the first who searches
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415

    whole = "".join(lazy_pinyin(text))
    first = "".join(lazy_pinyin(text, style=Style.FIRST_LETTER))
    return whole.lower(), first.lower()


def sounds_like(text: str, typed: str) -> bool:
    """Say whether a text holds what was typed: as characters, as pinyin or as initials."""
    wanted = "".join(typed.lower().split())
    if not wanted:
        return False
    plain = "".join(text.lower().split())
    return wanted in plain or (wanted.isascii() and any(wanted in sound for sound in sounds(plain)))
