"""The words of demonstration ratings.

A small grammar of our own, varied enough that no two pages look alike.
"""

from random import Random

_OPENINGS = (
    "今天",
    "上午",
    "下午",
    "昨天专门请假",
    "带着老人",
    "第二次来",
    "一大早",
    "按网上说的时间",
    "从乡下赶过来",
    "中午",
)
_TROUBLES = {
    207: ("填表没有样本，照着墙上的猜，被退了{n}次", "问有没有填写样例，说自己看"),
    208: ("材料要什么没有一张清单，来一次说缺一样", "电话问的和现场要的不一样，{n}样材料没提前说"),
    209: ("承诺{n}个工作日办好，到现在还没有消息", "说好本周出证，等了快{n}周"),
    210: ("同一份证明交了{n}遍，系统里明明有", "上次交过的复印件这次又要"),
    211: ("网上显示可以办，提交到最后一步打不开", "系统上传失败{n}次，打电话一直占线"),
    212: ("网上预约好了，到大厅还要重新排队取号，等了{n}十分钟",),
    213: ("窗口的同志对政策不熟，问了{n}个人才弄清楚", "经办人说不清楚要哪个章"),
    214: ("说话不耐烦，问两句就让我自己看指南", "全程没抬头，态度冷淡"),
    108: ("指南上没写的条件，到现场才说必须满足",),
    109: ("额外要了一份租赁合同，指南里根本没有", "要求补{n}份指南以外的材料"),
    110: ("早就过了法定时间，问起来没人给理由", "拖了{n}个月，一直说在走流程"),
    111: ("照着指南的样本填，结果说样本是旧的",),
    112: ("说可以网上交材料，实际收不了，还得跑现场",),
    113: ("窗口让去{n}楼，{n}楼又让回来，来回跑", "三个部门互相推，跑了{n}趟"),
    114: ("承诺最多跑一次，我跑了{n}次",),
    115: ("态度差，办得又慢，前面才几个人等了{n}个小时",),
}
_WISHES = (
    "",
    "，希望改一改",
    "，请给个说法",
    "，老人家经不起折腾",
    "，希望能一次说清楚",
    "，请安排熟悉业务的人",
    "，以后能不能提前告知",
)
_PRAISE = (
    "很快就办好了，谢谢",
    "窗口同志讲得很清楚",
    "手机上就办完了，方便",
    "一次就办成，没多跑",
    "服务热情，给个赞",
    "比以前省事多了",
    "老人也能看懂，好评",
)
_MEASURES = (
    "已补充{a}并在窗口公示",
    "组织窗口人员学习{a}，逐项过关",
    "已修正{a}，同步更新办事指南",
    "联系系统公司修复{a}，并安排专人值守",
    "合并{a}流程，减少一次跑动",
)
_AREAS = ("办理材料清单", "填写样本", "预约与取号规则", "业务规程", "网上申报页面", "窗口轮岗安排")
_FINDINGS = (
    "经调取记录并与当事人核对，情况属实",
    "经核实，当日窗口人手不足，情况属实",
    "经核实，系统当天确有故障",
    "经调取录像，群众反映的情况基本属实",
)
_NOT_TRUE = (
    "经核实，所要求的材料为法律规定，窗口已当场说明",
    "经核实，办件在承诺时限内办结，群众对起算时间有误解",
)
_REPLIES = (
    "您反映的问题我们已核实并整改：{m}。给您带来不便，深表歉意。",
    "感谢您的监督。{m}，欢迎您继续监督。",
    "您好，{m}。如还有问题，请拨打 12345。",
)


def complaint(random: Random, code: int) -> str:
    """Return what somebody writes about a trouble."""
    trouble = random.choice(_TROUBLES[code]).format(n=random.choice("二三四五"))
    coming = random.choice(("来办事，", "去办理，", "去大厅，", ""))
    return f"{random.choice(_OPENINGS)}{coming}{trouble}{random.choice(_WISHES)}。"


def praise(random: Random) -> str:
    """Return what somebody writes who was pleased."""
    return random.choice(_PRAISE)


def finding(random: Random, *, true: bool) -> str:
    """Return what a department found."""
    return random.choice(_FINDINGS if true else _NOT_TRUE)


def measure(random: Random) -> str:
    """Return what a department did."""
    return random.choice(_MEASURES).format(a=random.choice(_AREAS))


def reply(random: Random, done: str) -> str:
    """Return what a department answers."""
    return random.choice(_REPLIES).format(m=done)
