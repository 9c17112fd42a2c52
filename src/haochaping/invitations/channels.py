"""QR codes as posters to print (typst, Noto Sans CJK SC)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typst

from haochaping.kernel import qr
from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words

PAPERS = ("a5", "a4")
_SOURCE = Path(__file__).parent / "posters.typ"


class FontMissing(Refusal):
    """The machine has no Chinese font, so a poster would hold empty boxes."""

    status = 503
    code = "font_missing"
    says = Words(
        "服务器缺少中文字体，无法生成海报，请安装 fonts-noto-cjk。",
        "The server has no Chinese font for posters; install fonts-noto-cjk.",
    )


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
    data = json.dumps({"paper": paper, "codes": codes}, ensure_ascii=False)
    made, warnings = typst.compile_with_warnings(
        str(_SOURCE), format="pdf", sys_inputs={"data": data}
    )
    if any("unknown font family" in str(warning.message) for warning in warnings):
        raise FontMissing
    return bytes(made)
