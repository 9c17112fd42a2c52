"""QR codes as posters to print (typst, Noto Sans CJK SC)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from haochaping.kernel import qr
from haochaping.kernel.typeset import typeset

PAPERS = ("a5", "a4")
_SOURCE = Path(__file__).parent / "posters.typ"


@dataclass(frozen=True)
class Poster:
    """What one poster says."""

    title: str
    place: str
    address: str


def pdf(posters: Sequence[Poster], paper: str) -> bytes:
    """Return posters as one PDF, a page each; raises FontMissing rather than print empty boxes."""
    codes = [
        {"title": p.title, "place": p.place, "address": p.address, "svg": qr.drawing(p.address)}
        for p in posters
    ]
    return typeset(_SOURCE, {"paper": paper, "codes": codes})
