"""Portraits of staff.

Whatever picture is handed in, what is kept is a small square JPEG without metadata.
"""

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words

LARGEST = 8 * 1024 * 1024
_PIXELS = 40_000_000  # a picture that unpacks to more is refused before it is unpacked
_SIDE = 360


class BadPhoto(Refusal):
    """The file is no picture that can be used."""

    code = "bad_photo"
    says = Words(
        "请上传 8 MB 以内的 JPG、PNG 或 WebP 照片。",
        "Upload a photo as JPG, PNG or WebP of 8 MB at most.",
    )


def portrait(data: bytes) -> bytes:
    """Return a square JPEG of 360 pixels, turned as the camera meant it, without metadata.

    Raises BadPhoto.
    """
    if not data or len(data) > LARGEST:
        raise BadPhoto
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Pillow only warns of bombs up to twice its limit
            picture = Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP"))
            if picture.width * picture.height > _PIXELS:
                raise BadPhoto
            square = ImageOps.fit(
                ImageOps.exif_transpose(picture).convert("RGB"),
                (_SIDE, _SIDE),
                centering=(0.5, 0.35),
            )
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        Warning,
        Image.DecompressionBombError,
    ):
        raise BadPhoto from None
    kept = io.BytesIO()
    square.save(kept, "JPEG", quality=84, optimize=True)
    return kept.getvalue()
