"""Reading whole numbers that people and systems send."""

from collections.abc import Iterable

ID, KEY = 9, 18  # digits of an id in a small table, and of a fact's key or a feed's number


def whole(text: str | None, *, digits: int = ID) -> int | None:
    """Return the whole number that a text of ASCII digits holds.

    None when it holds none, or one of more digits than asked for. A sign, a space or a digit of
    another script makes it no number.
    """
    if not text or len(text) > digits or not (text.isascii() and text.isdigit()):
        return None
    return int(text)


def wholes(texts: Iterable[str], *, digits: int = ID) -> list[int]:
    """Return the whole numbers among texts, such as the ticked boxes of a form."""
    found = (whole(text, digits=digits) for text in texts)
    return [number for number in found if number is not None]
