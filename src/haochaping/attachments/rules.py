"""Attachments 附件: what may be attached to an order, known by its first bytes and never by its
name (trust design R57).
"""

import io
import re
import warnings
import zipfile
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words

LARGEST = 10 * 1024 * 1024
MOST = 20  # attachments of an order
_PIXELS = 50_000_000
_SIDE = 2560  # pixels: enough to read a page that was photographed
_OFFICE = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx"}
_UNPACKED = 200 * 1024 * 1024
KINDS = {
    "jpg": "image/jpeg",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class BadFile(Refusal):
    """The file cannot be attached."""

    code = "bad_file"
    says = Words(
        "只能上传图片（JPG、PNG、WebP）、PDF、Word（docx）、Excel（xlsx），单个不超过 10 MB，"
        "不得含宏。",
        "Only pictures (JPG, PNG, WebP), PDF, docx and xlsx up to 10 MB without macros can be "
        "attached.",
    )


@dataclass(frozen=True)
class File:
    """A file as it is kept: `kind` is a key of KINDS."""

    name: str
    kind: str
    data: bytes


def accept_file(name: str, data: bytes) -> File:
    """Return the file to keep.

    Pictures are drawn anew, so that nothing of what they came with is left. Raises BadFile.
    """
    if not data or len(data) > LARGEST:
        raise BadFile
    stem = (
        re.sub(
            r"[^\w\-（）()]+", "_", name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
        ).strip("_")[:60]
        or "file"
    )
    if data.startswith(b"%PDF-"):
        return File(f"{stem}.pdf", "pdf", data)
    if data.startswith(b"PK\x03\x04"):
        kind = _office(data)
        return File(f"{stem}.{kind}", kind, data)
    return File(f"{stem}.jpg", "jpg", _picture(data))


def _picture(data: bytes) -> bytes:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Pillow only warns of bombs up to twice its limit
            picture = Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP"))
            if picture.width * picture.height > _PIXELS:
                raise BadFile
            whole = ImageOps.exif_transpose(picture).convert("RGB")
            whole.thumbnail((_SIDE, _SIDE))
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        Warning,
        Image.DecompressionBombError,
    ):
        raise BadFile from None
    kept = io.BytesIO()
    whole.save(kept, "JPEG", quality=84, optimize=True)
    return kept.getvalue()


def _office(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = {info.filename: info for info in packed.infolist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise BadFile from None
    kinds = [kind for part, kind in _OFFICE.items() if part in parts]
    if (
        len(kinds) != 1
        or any("vbaproject" in part.lower() for part in parts)
        or sum(info.file_size for info in parts.values()) > _UNPACKED
    ):
        raise BadFile
    return kinds[0]


# what the audit trail calls what is done here
TRAIL: Trail = {
    "order": Subject(
        Words("工单", "order"),
        {
            "attach": Words("上传附件", "Attached a file"),
            "quarantine": Words("附件隔离", "Quarantined a file"),
        },
    )
}
