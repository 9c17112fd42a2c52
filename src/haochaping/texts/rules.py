"""What texts are for."""

from collections.abc import Mapping

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words

KINDS: Mapping[str, Words] = {  # the facts of a move that are written, by their names
    "finding": Words("核实情况", "Finding"),
    "measures": Words("整改措施", "Measures"),
    "reply": Words("给群众的答复", "Reply to the citizen"),
}


class NothingWritten(Refusal):
    """A text has a name and says something."""

    code = "incomplete"
    says = Words("请填写名称和内容。", "Give a title and a text.")


# what the audit trail calls what is done here
TRAIL: Trail = {
    "text": Subject(
        Words("常用语", "text"),
        {
            "keep": Words("添加常用语", "Kept a text"),
            "retire": Words("停用常用语", "Retired a text"),
        },
    )
}
