"""Pages as PDF (typst, Noto Sans CJK SC)."""

import json
from collections.abc import Mapping
from pathlib import Path

import typst

from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words


class FontMissing(Refusal):
    """The machine has no Chinese font, so a page would hold empty boxes."""

    status = 503
    code = "font_missing"
    says = Words(
        "服务器缺少中文字体，无法生成 PDF，请安装 fonts-noto-cjk。",
        "The server has no Chinese font for PDF; install fonts-noto-cjk.",
    )


def typeset(source: Path, data: Mapping[str, object]) -> bytes:
    """Return a typst source with its data as PDF; raises FontMissing rather than print empty
    boxes.
    """
    made, warnings = typst.compile_with_warnings(
        str(source), format="pdf", sys_inputs={"data": json.dumps(data, ensure_ascii=False)}
    )
    if any("unknown font family" in str(warning.message) for warning in warnings):
        raise FontMissing
    return bytes(made)
