"""What a chapter of the handbook is."""

from dataclasses import dataclass

from haochaping.kernel.words import Words


@dataclass(frozen=True)
class Chapter:
    """A page's chapter: what it is for, and its work step by step."""

    what: Words
    steps: tuple[Words, ...]


def chapter(what: tuple[str, str], *steps: tuple[str, str]) -> Chapter:
    """Return a chapter of sentences in Chinese and English."""
    return Chapter(Words(*what), tuple(Words(*step) for step in steps))
