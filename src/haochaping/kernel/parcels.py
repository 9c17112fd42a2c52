"""A file that travels through a preview: what was uploaded comes back with the confirmation, as it
was, from the person who uploaded it, within an hour.
"""

import base64

from django.core import signing
from django.http import HttpRequest

from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words

LARGEST = 700 * 1024  # bytes: a preview travels through the form
_SECONDS = 3600


class NoFile(Refusal):
    """No file came, one that is too large, or a preview that is too old."""

    code = "no_file"
    says = Words("请选择一个 CSV 或 XLSX 文件。", "Choose a CSV or XLSX file.")


TOO_LARGE = Words("文件超过 700 KB，请拆分。", "The file is larger than 700 KB: split it.")
_EXPIRED = Words("预览已过期，请重新上传文件。", "The preview has expired; upload the file again.")


def received(request: HttpRequest, who: int, too_large: Words = TOO_LARGE) -> tuple[str, bytes]:
    """Return name and bytes of the file that a person uploads now, or has confirmed; raises
    NoFile.
    """
    if parcel := request.POST.get("parcel"):
        try:
            name, data = signing.loads(parcel, salt=_salt(who), max_age=_SECONDS)
        except signing.BadSignature:
            raise NoFile(_EXPIRED) from None
        return name, base64.b64decode(data)
    file = request.FILES.get("file")
    if file is None or file.size is None:
        raise NoFile
    if file.size > LARGEST:
        raise NoFile(too_large)
    return file.name or "", file.read()


def parcel(name: str, data: bytes, who: int) -> str:
    """Return a file as a field of the form with which a person confirms it."""
    content = [name, base64.b64encode(data).decode()]
    return signing.dumps(content, salt=_salt(who), compress=True)


def _salt(who: int) -> str:
    return f"import-{who}"
