"""What becomes of a finding: 疑似, then 正常 or 确认无效 by two people, then perhaps 申诉恢复.

Who decides comes from an office, never from the department that was found, and decides once: those
who found a finding right do not judge the appeal against it (trust design §2.6).
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.errors import Conflict, Refusal
from haochaping.kernel.words import Words


class State(StrEnum):
    """Where a finding stands."""

    SUSPECTED = "suspected"
    NORMAL = "normal"
    INVALID = "invalid"
    APPEALED = "appealed"
    RESTORED = "restored"
    FINAL = "final"


STATES: Mapping[State, Words] = {
    State.SUSPECTED: Words("疑似", "Suspected"),
    State.NORMAL: Words("正常", "Normal"),
    State.INVALID: Words("确认无效", "Found invalid"),
    State.APPEALED: Words("申诉中", "Appealed"),
    State.RESTORED: Words("申诉恢复", "Restored on appeal"),
    State.FINAL: Words("维持无效", "Upheld"),
}


class Verdict(StrEnum):
    """What a person says of a finding, or of the appeal against it."""

    NORMAL = "normal"
    INVALID = "invalid"
    RESTORE = "restore"
    UPHOLD = "uphold"


VERDICTS: Mapping[Verdict, Words] = {
    Verdict.NORMAL: Words("正常", "It is normal"),
    Verdict.INVALID: Words("确认无效", "It is invalid"),
    Verdict.RESTORE: Words("申诉成立，恢复计入", "The appeal is right: restore"),
    Verdict.UPHOLD: Words("维持无效", "Uphold"),
}
OFFERED: Mapping[State, tuple[Verdict, Verdict]] = {
    State.SUSPECTED: (Verdict.NORMAL, Verdict.INVALID),
    State.APPEALED: (Verdict.RESTORE, Verdict.UPHOLD),
}
_BECOMES = {
    Verdict.NORMAL: State.NORMAL,
    Verdict.INVALID: State.INVALID,
    Verdict.RESTORE: State.RESTORED,
    Verdict.UPHOLD: State.FINAL,
}
PEOPLE = 2  # who must agree


class BadVerdict(Refusal):
    """A verdict without its reason, or none that is offered now."""

    code = "bad_verdict"
    says = Words(
        "请选择处理意见并写明核查情况。", "Choose what you found, and say how you looked into it."
    )


class SaidAlready(Conflict):
    """One person decides once."""

    code = "said_already"
    says = Words(
        "您已就此条异常发表过意见，须由另一人复核；申诉由未参与原认定的人员审理。",
        "You have given your opinion of this finding; another person must look, and an appeal is "
        "judged by people who had no part in the verdict.",
    )


class OwnUnit(Refusal):
    """Nobody judges what their own department or hall was found by."""

    code = "own_unit"
    says = Words(
        "异常由本单位以外的政务办人员认定。", "Findings are judged by offices, never by the unit."
    )


class NotNow(Conflict):
    """The finding has gone on."""

    code = "finding_not_now"
    says = Words("该异常已有结论或已变化，请刷新。", "This finding has gone on; load it again.")


def state_after(
    state: State, said: Sequence[tuple[int, Verdict]], by: int, verdict: Verdict
) -> State:
    """Return where a finding stands once a person has spoken; `said` holds who said what before.

    Raises NotNow, BadVerdict or SaidAlready.
    """
    if state not in OFFERED:
        raise NotNow
    if verdict not in OFFERED[state]:
        raise BadVerdict
    if by in {person for person, _ in said}:
        raise SaidAlready
    agreeing = sum(word is verdict for _, word in said) + 1
    return _BECOMES[verdict] if agreeing >= PEOPLE else state


# what the audit trail calls what is done here
TRAIL: Trail = {
    "finding": Subject(
        Words("异常线索", "finding"),
        {
            "judge": Words("认定异常", "Judged a finding"),
            "appeal": Words("提出申诉", "Appealed against a verdict"),
        },
    )
}
