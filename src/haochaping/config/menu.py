"""The side menu: groups of pages, each shown to whoever has the right that its route needs."""

from collections.abc import Mapping
from dataclasses import dataclass

from haochaping.config.permissions import ROUTES, Door
from haochaping.identity.rules import Right
from haochaping.kernel.words import Words


@dataclass(frozen=True)
class Entry:
    """An entry of the side menu."""

    route: str
    says: Words
    icon: str
    kwargs: Mapping[str, str] | None = None


MENU: Mapping[Words, tuple[Entry, ...]] = {
    Words("", ""): (Entry("console:desk", Words("工作台", "Desk"), "home"),),
    Words("评价采集", "Ratings"): (
        Entry("console:clerk", Words("请评价", "Ask to rate"), "bell"),
        Entry("callbacks:phone", Words("电话评价", "By telephone"), "phone"),
        Entry("callbacks:calls", Words("回访", "Calls"), "list"),
        Entry("console:ratings", Words("评价查询", "Ratings"), "star"),
        Entry("console:unrated", Words("未评价记录", "Not rated"), "list"),
        Entry("exchange:channels", Words("渠道监测", "Channels"), "pulse"),
        Entry("notifications:messages", Words("短信记录", "Messages"), "message"),
        Entry("exchange:hotlines", Words("12345 对接", "City 12345 systems"), "phone"),
        Entry("exchange:partners", Words("平台对接", "Partners"), "loop"),
        Entry("exchange:tracking", Words("接入跟踪", "Connection tracking"), "map"),
        Entry("exchange:selfcheck", Words("数据自查", "What the province has"), "list"),
    ),
    Words("窗口与设备", "Windows and devices"): (
        Entry("exchange:coverage", Words("覆盖检查", "Coverage"), "tick"),
        Entry("rosters:week", Words("排班", "Rosters"), "clock"),
        Entry("invitations:codes", Words("二维码管理", "QR codes"), "qr"),
        Entry("devices:list", Words("设备", "Devices"), "tablet"),
    ),
    Words("差评闭环", "Bad ratings"): (
        Entry("orders:list", Words("差评工单", "Orders"), "loop"),
        Entry("supervision:board", Words("督办看板", "Supervision"), "chart"),
        Entry("notifications:notices", Words("消息", "Notices"), "bell"),
        Entry("texts:list", Words("常用语", "Texts"), "tag"),
        Entry("screening:holds", Words("异常处理", "Held ratings"), "shield"),
        Entry("privacy:list", Words("个人信息请求", "Personal data"), "person"),
        Entry("detection:list", Words("异常线索", "Findings"), "flag"),
        Entry("screening:words", Words("敏感词", "Sensitive words"), "tag"),
    ),
    Words("效能分析", "Analysis"): (
        Entry("insight:overview", Words("总体效能", "Overview"), "chart"),
        Entry("insight:screen", Words("驾驶舱", "Cockpit"), "screen"),
        Entry("insight:places", Words("地区对比", "Places"), "map"),
        Entry("insight:departments", Words("部门画像", "Departments"), "office"),
        Entry("problems:list", Words("差评聚类", "Problems"), "tag"),
        Entry("problems:campaigns", Words("专项整改", "Campaigns"), "loop"),
        Entry("insight:themes", Words("营商环境·一件事", "Themes"), "star"),
        Entry("insight:loop", Words("闭环漏斗", "The loop"), "loop"),
        Entry("insight:trust", Words("异常与可信", "What to believe"), "shield"),
        Entry("reports:list", Words("报告订阅", "Reports"), "bell"),
        Entry("publication:board", Words("结果公开", "Publication"), "star"),
        Entry("lake:ask", Words("自由查询", "Free questions"), "log"),
        Entry("insight:measures", Words("指标口径", "Measures"), "list"),
    ),
    Words("基础配置", "Directory"): (
        Entry("directory:table", Words("部门", "Departments"), "office", {"kind": "departments"}),
        Entry("directory:table", Words("大厅", "Halls"), "hall", {"kind": "halls"}),
        Entry("directory:table", Words("窗口", "Windows"), "window", {"kind": "windows"}),
        Entry("directory:table", Words("人员", "Staff"), "person", {"kind": "staff"}),
        Entry("directory:table", Words("事项", "Items"), "list", {"kind": "items"}),
        Entry("upstream:list", Words("上级目录", "Upstream"), "loop"),
        Entry("indicators:catalogue", Words("指标管理", "Indicators"), "tag"),
        Entry("policies:list", Words("处置规则", "Policies"), "shield"),
        Entry("routing:list", Words("派单规则", "Dispatch rules"), "loop"),
        Entry("calendar:year", Words("工作日历", "Working days"), "log"),
    ),
    Words("系统管理", "System"): (
        Entry("accounts:people", Words("用户", "People"), "person"),
        Entry("accounts:keys", Words("应用与密钥", "Systems and keys"), "shield"),
        Entry("calls:log", Words("调用日志", "Calls"), "log"),
        Entry("calls:board", Words("对接检查单", "Checklists"), "flag"),
        Entry("console:dictionaries", Words("字典", "Dictionaries"), "tag"),
        Entry("notifications:templates", Words("短信模板", "Message texts"), "message"),
        Entry("console:running", Words("系统运行", "How it runs"), "pulse"),
        Entry("retention:terms", Words("留存期限", "Retention"), "clock"),
        Entry("console:audit", Words("审计日志", "Audit trail"), "log"),
        Entry("exports:list", Words("导出任务", "Exports"), "log"),
        Entry("announcements:list", Words("公告", "Announcements"), "bell"),
        Entry("accounts:own", Words("我的账号", "My account"), "person"),
    ),
}


def menu_for(rights: frozenset[Right]) -> list[tuple[Words, list[Entry]]]:
    """Return the groups and entries that somebody with these rights sees."""
    groups = [
        (title, [entry for entry in entries if ROUTES[entry.route] in {*rights, Door.SIGNED_IN}])
        for title, entries in MENU.items()
    ]
    return [(title, entries) for title, entries in groups if entries]
