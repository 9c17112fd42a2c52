"""What exports announce and ask."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class ExportWanted:
    """Somebody wants a list as a file."""

    export_id: int


@dataclass(frozen=True)
class FileWanted:
    """A page as somebody may see it, as a file: answered by its bytes, piece by piece. `told` is
    called with the number of lines as they are written.
    """

    user_id: int
    address: str
    told: Callable[[int], None]
