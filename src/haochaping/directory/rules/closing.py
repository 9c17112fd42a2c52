"""What may be closed, and by whom it is succeeded."""

from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words

CLOSED = ("departments", "halls", "staff", "items")  # windows have their own way: it holds ratings


class NoSuccessor(Refusal):
    """The department that is to take over is none."""

    code = "no_successor"
    says = Words(
        "承继单位不存在、已停用、不在同一设区市或就是本单位，请重新选择。",
        "The successor does not exist, is closed, lies in another city or is the department "
        "itself; choose again.",
    )
