"""Who can sign in to the demonstration."""

from dataclasses import dataclass

from haochaping.identity.rules import DEMO_PASSWORD
from haochaping.kernel.words import Words

PASSWORD = DEMO_PASSWORD


@dataclass(frozen=True)
class DemoPerson:
    """An account of the demonstration."""

    account: str
    name: str
    role: str
    region: int
    department: str  # name of a department's kind in the world, empty for none
    says: Words


PEOPLE = (
    DemoPerson(
        "province", "周明", "province", 320000000000, "", Words("省政务办", "provincial office")
    ),
    DemoPerson(
        "city",
        "李敏",
        "city",
        320700000000,
        "",
        Words("连云港市政务办", "city office of Lianyungang"),
    ),
    DemoPerson(
        "agent",
        "王静",
        "agent",
        320700000000,
        "",
        Words("连云港市 12345 坐席", "12345 agent of Lianyungang"),
    ),
    DemoPerson(
        "handler",
        "赵强",
        "handler",
        320700000000,
        "行政审批局",
        Words("连云港市行政审批局经办", "handler of Lianyungang's approval bureau"),
    ),
    DemoPerson(
        "clerk",
        "王晓燕",
        "clerk",
        320700000000,
        "行政审批局",
        Words("连云港市行政审批局窗口人员", "clerk at a window of that bureau"),
    ),
    DemoPerson(
        "hall",
        "陈芳",
        "hall",
        320700000000,
        "",
        Words("连云港市大厅管理员", "hall manager of Lianyungang"),
    ),
    DemoPerson(
        "leader", "刘洋", "leader", 320000000000, "", Words("省领导", "leader of the province")
    ),
    DemoPerson(
        "admin", "吴杰", "admin", 320000000000, "", Words("系统管理员", "system administrator")
    ),
    DemoPerson(
        "security",
        "郑洁",
        "security",
        320000000000,
        "",
        Words("安全管理员，复核账号", "security administrator, who confirms accounts"),
    ),
    DemoPerson("auditor", "孙丽", "auditor", 320000000000, "", Words("审计员", "auditor")),
)
