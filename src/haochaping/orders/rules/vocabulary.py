"""The words of an order: states, tracks, facts and what citizens say."""

from collections.abc import Mapping
from enum import StrEnum

from haochaping.kernel.words import Words


class State(StrEnum):
    """Where an order is. Few and flat; the rest are tracks beside the order."""

    OPENED = "opened"  # 待派单
    DISPATCHED = "dispatched"  # 待签收
    VERIFYING = "verifying"  # 核实中
    RECTIFYING = "rectifying"  # 整改中
    ANSWERING = "answering"  # 待答复
    REPLIED = "replied"  # 待回访
    CALLED = "called"  # 已回访
    CLOSED = "closed"  # 已办结


STATES: Mapping[State, Words] = {
    State.OPENED: Words("待派单", "To dispatch"),
    State.DISPATCHED: Words("待签收", "To sign"),
    State.VERIFYING: Words("核实中", "Verifying"),
    State.RECTIFYING: Words("整改中", "Rectifying"),
    State.ANSWERING: Words("待答复", "To answer"),
    State.REPLIED: Words("待回访", "To call back"),
    State.CALLED: Words("已回访", "Called back"),
    State.CLOSED: Words("已办结", "Closed"),
}


class Side(StrEnum):
    """A track beside the order.

    Opened by one move, ended by another, at most one of a kind at a time.
    """

    EXTENSION = "extension"  # 延期申请
    OBJECTION = "objection"  # 申诉: the rating is mistaken or malicious
    DISPUTE = "dispute"  # 退回争议
    SUPERVISION = "supervision"  # 督办
    CIRCULAR = "circular"  # 通报
    QUESTION = "question"  # 群众追问


SIDES: Mapping[Side, Words] = {
    Side.EXTENSION: Words("延期待批", "Extension asked"),
    Side.OBJECTION: Words("申诉待裁定", "Objection"),
    Side.DISPUTE: Words("争议待裁定", "Dispute"),
    Side.SUPERVISION: Words("督办中", "Supervised"),
    Side.CIRCULAR: Words("已通报", "Circular"),
    Side.QUESTION: Words("群众追问", "Asked again"),
}


# asked for by one, decided by another office
DECIDED = frozenset({Side.EXTENSION, Side.OBJECTION, Side.DISPUTE})
# a matter for the office above, too
HIGHER = frozenset({Side.SUPERVISION, Side.CIRCULAR})


class Fact(StrEnum):
    """What a move must or may be given."""

    DEPARTMENT = "department"
    DIFFICULTY = "difficulty"
    GROUND = "ground"
    CLAIM = "claim"
    REASON = "reason"
    EVIDENCE = "evidence"
    DAYS = "days"
    FINDING = "finding"
    MEASURES = "measures"
    REPLY = "reply"
    SATISFACTION = "satisfaction"
    NOTE = "note"
    LEAD = "lead"
    WAY = "way"


FACTS: Mapping[Fact, Words] = {
    Fact.DEPARTMENT: Words("责任单位", "Department"),
    Fact.DIFFICULTY: Words("难易", "Difficulty"),
    Fact.GROUND: Words("退回依据", "Ground"),
    Fact.CLAIM: Words("申诉类型", "Claim"),
    Fact.REASON: Words("理由", "Reason"),
    Fact.EVIDENCE: Words("证据说明", "Evidence"),
    Fact.DAYS: Words("延长工作日", "More working days"),
    Fact.FINDING: Words("核实情况", "Finding"),
    Fact.MEASURES: Words("整改措施", "Measures"),
    Fact.REPLY: Words("给群众的答复", "Reply to the citizen"),
    Fact.SATISFACTION: Words("回访结果", "Result of the call"),
    Fact.NOTE: Words("备注", "Note"),
    Fact.LEAD: Words("主办工单编号", "Lead order"),
    Fact.WAY: Words("联系方式", "Way"),
}


class Satisfaction(StrEnum):
    """What the citizen said of the handling."""

    SATISFIED = "satisfied"
    UNSATISFIED = "unsatisfied"
    # not satisfied, for reasons that are not the department's: law or policy forbids what is wanted
    BEYOND = "beyond"
    UNREACHED = "unreached"
    DECLINED = "declined"


SATISFACTIONS: Mapping[Satisfaction, Words] = {
    Satisfaction.SATISFIED: Words("满意", "Satisfied"),
    Satisfaction.UNSATISFIED: Words("不满意（单位原因）", "Not satisfied (the department's doing)"),
    Satisfaction.BEYOND: Words(
        "不满意（诉求于法无据）", "Not satisfied (not the department's doing)"
    ),
    Satisfaction.UNREACHED: Words("三次未接通", "Not reached three times"),
    Satisfaction.DECLINED: Words("不愿接受回访", "Does not want to be asked"),
}

# What a fact may be, where it is chosen from a list
CHOICES: Mapping[Fact, Mapping[str, Words]] = {
    Fact.SATISFACTION: {value.value: says for value, says in SATISFACTIONS.items()},
    Fact.DIFFICULTY: {
        "ordinary": Words("一般", "Ordinary"),
        "complex": Words("疑难复杂", "Complex"),
    },
    Fact.GROUND: {
        "duties": Words(
            "依三定规定不属本单位职责", "Not among this office's duties by its charter"
        ),
        "place": Words("属地管辖不在本地区", "Another place has jurisdiction"),
        "law": Words("法律法规规章另有主管机关", "A law names another authority"),
        "court": Words("已进入诉讼、仲裁、复议程序", "Before a court, arbitration or review"),
    },
    Fact.CLAIM: {
        "mistaken": Words("误评", "Mistaken"),
        "malicious": Words("恶意差评", "Malicious"),
    },
    Fact.WAY: {
        "phone": Words("电话", "Telephone"),
        "visit": Words("上门", "Visit"),
        "message": Words("短信微信", "Message"),
        "window": Words("来访", "At the window"),
    },
}
