"""The handbook 操作手册: what each entry of the menu is for, and how its work is done. Everybody
reads the chapters of the pages that they may open, so that each role has its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from haochaping.kernel.words import Words


@dataclass(frozen=True)
class Chapter:
    """A page's chapter: what it is for, and its work step by step."""

    what: Words
    steps: tuple[Words, ...]


def _chapter(what: tuple[str, str], *steps: tuple[str, str]) -> Chapter:
    return Chapter(Words(*what), tuple(Words(*step) for step in steps))


HANDBOOK: Mapping[str, Chapter] = {  # by the route of the page
    "console:desk": _chapter(
        ("今天要办的事都在这里。", "What is to be done today."),
        (
            "先看上面的数字：点开就是要处理的清单。",
            "Begin with the figures above: each opens the list of what waits.",
        ),
        (
            "任何页面按 Ctrl K，可按汉字、拼音或首字母找页面、工单、单位和人。",
            "Ctrl K on any page finds pages, orders, places and people.",
        ),
    ),
    "console:clerk": _chapter(
        ("办结后请群众在窗口平板上评价。", "Ask whoever was served to rate on the tablet."),
        ("选中刚办完的办件，点“请评价”。", "Choose the service that has just ended and call it."),
        (
            "把平板转向群众，离开视线；不得代评、不得引导。",
            "Turn the tablet to the citizen and look away; never rate or advise for them.",
        ),
    ),
    "callbacks:phone": _chapter(
        ("群众来电时登记评价。", "Take down a rating by telephone."),
        (
            "按手机号或办件编号查到那次服务，核对姓名和事项。",
            "Find the service by telephone or case number; check name and item.",
        ),
        (
            "照话术询问，原样记录；不满意须问清原因或记下原话。",
            "Ask as the script says and write what is said; a bad rating has a reason or words.",
        ),
        ("登记后把回执号读给群众。", "Read the receipt number out."),
    ),
    "callbacks:calls": _chapter(
        ("回访差评的处理结果。", "Call back whoever rated badly."),
        ("点“再取”领取一批，逐条拨打。", "Fetch some calls and make them one by one."),
        (
            "号码默认遮盖；必须查看时说明理由，查看会记入审计。",
            "Numbers are hidden; to see one give a reason, which the trail keeps.",
        ),
        (
            "如实登记群众的话；不满意的工单会退回重办。",
            "Enter what was said; where they are not content the order goes back.",
        ),
    ),
    "console:ratings": _chapter(
        ("查评价。", "Look ratings up."),
        (
            "按关键词、地区、部门、渠道、日期筛选；点编号看详情和办理经过。",
            "Filter by words, place, department, channel and day; open one for its course.",
        ),
        ("点“导出”，到“导出任务”取文件。", "Export, and fetch the file among the exports."),
    ),
    "exchange:channels": _chapter(
        ("看每个渠道是否通畅。", "See that every channel works."),
        (
            "“巡检”一列每天早晨用测试评价走一遍五个等级；未通过的要当天查。",
            "Each morning a test rating of every level goes over each channel; look into failures.",
        ),
    ),
    "notifications:messages": _chapter(
        ("查短信发没发到。", "See which messages arrived."),
        (
            "按状态筛选“失败”，原因写在说明里；正文样式见“短信模板”。",
            "Filter by state for the failed, with their reasons; texts are among the templates.",
        ),
    ),
    "exchange:hotlines": _chapter(
        ("看与各市 12345 系统的交换。", "See the exchange with the cities' 12345 systems."),
        (
            "“待对方接收”持续增长或“最早一条”很旧时，联系对方系统。",
            "Where what waits grows, or its oldest is old, call the other side.",
        ),
    ),
    "exchange:partners": _chapter(
        (
            "向国家平台、设区市和部门报送，并逐日对账。",
            "Tell the nation, cities and departments, and compare day by day.",
        ),
        (
            "建立对接后保存密钥，由另一人启用。",
            "Connect, keep the key, and have another person start it.",
        ),
        (
            "红格是有差异的日子：点开看原因，重报或说明后了结。",
            "A red day differs: open it, see why, and send again or explain.",
        ),
        (
            "不合规的留在“来件待处理”：点“更正后重收”，不必请对方重发。",
            "What does not fit waits: correct it and take it in; nobody sends again.",
        ),
    ),
    "exchange:tracking": _chapter(
        ("看各市接入了哪些渠道、还缺什么。", "See what each city has connected and lacks."),
        ("按“还缺”逐市督促，进度由真实评价算出。", "Urge by what is missing; ratings decide."),
    ),
    "screening:words": _chapter(
        (
            "维护敏感词：含敏感词的评价照样计入和办理，公开的文字不能含敏感词。",
            "Keep the sensitive words: ratings count all the same, public texts hold none.",
        ),
        (
            "在“试一段文字”里贴一段话，看会找到什么、脱敏成什么样。",
            "Under “Try a text” see what is found in a text and how it is masked.",
        ),
    ),
    "exchange:selfcheck": _chapter(
        (
            "看省平台收到的本地区办件和评价，按天、按渠道与自己的系统核对。",
            "See what the province has of your place by day and channel, and compare.",
        ),
        (
            "被拒的看原因代码，改好后重报；晚到的查设备和接口。",
            "Mend what was refused by its code and send it again; look why some came late.",
        ),
    ),
    "exchange:coverage": _chapter(
        (
            "看哪些窗口、部门、事项还没有评价入口，或近 28 天没有评价。",
            "See what nobody can rate yet, or nobody has in 28 days.",
        ),
        (
            "先看无法评价的：给窗口制码或配平板，给事项接入业务系统。",
            "First what nobody can rate: make codes, pair tablets, connect systems.",
        ),
    ),
    "invitations:codes": _chapter(
        ("制作、更换、停用二维码。", "Make, replace and end QR codes."),
        (
            "按窗口、大厅或事项勾选，批量生成后下载海报 PDF，一次可打印数百张。",
            "Choose windows, halls or items, make their codes, and print hundreds as one PDF.",
        ),
        (
            "换码或停用前看近 30 天扫码数：已张贴的旧码会失效。",
            "Look at the scans of 30 days before you replace one: posters on walls stop working.",
        ),
    ),
    "devices:list": _chapter(
        ("配对和看管窗口平板、自助机。", "Pair tablets and terminals, and watch them."),
        (
            "选窗口和类型，生成配对码，十分钟内在设备上输入。",
            "Choose window and kind, make a code, and type it on the device in time.",
        ),
        (
            "“缺号”说明有评价没有传上来，请检查网络，不要重置设备。",
            "Missing numbers are ratings not yet here: mend the network, do not reset the device.",
        ),
    ),
    "orders:list": _chapter(
        (
            "每条差评一张工单：核实、整改、答复、回访。",
            "An order for each bad rating: verify, put right, answer, call back.",
        ),
        (
            "点开工单，先看群众原话，再在页脚选择一步；时限按工作日计。",
            "Open one, read the words, then choose a step; limits are in working days.",
        ),
        (
            "来不及可申请延期；不属本单位可退回；确属不实可申诉，由两人裁定。",
            "Ask for more time, return what is not yours, object to what is untrue: two decide.",
        ),
        ("点错了可在短时间内撤销。", "A slip can be undone for a short while."),
    ),
    "supervision:board": _chapter(
        ("看谁超期、谁亮牌。", "See who is late."),
        ("从超期数点进工单，催办或重新交办。", "Open the late orders; urge or hand them on."),
    ),
    "notifications:notices": _chapter(
        ("系统发给您的消息和待审批。", "What the platform tells you, approvals included."),
        ("点消息直接打开要办的事。", "A notice opens what it is about."),
    ),
    "texts:list": _chapter(
        ("保存本单位常写的话。", "Keep what your unit often writes."),
        ("办理时插入后请按实际情况修改。", "Insert it in a step, then fit it to the case."),
    ),
    "screening:holds": _chapter(
        (
            "命中硬规则的评价先在这里核实，不直接派单。",
            "Ratings that a hard rule holds are looked at here first.",
        ),
        (
            "核实后放行；放行与否都留痕，评价不会被删除。",
            "Release what is genuine; whatever you do is kept, and no rating is deleted.",
        ),
    ),
    "privacy:list": _chapter(
        (
            "群众查阅、更正、删除个人信息的请求，15 个工作日内答复。",
            "Requests about personal data, answered within 15 working days.",
        ),
        (
            "更正或不同意须写明理由，群众能看到。",
            "A correction or a refusal has a reason, which the citizen reads.",
        ),
        (
            "删除须两人：一人提出，另一人确认，不可恢复；评价等级仍计入统计。",
            "An erasure takes two and cannot be undone; the level stays counted.",
        ),
    ),
    "detection:list": _chapter(
        ("刷好评、压差评的线索。", "Signs of gaming."),
        (
            "打开线索看证据和同类比较；线索不是结论。",
            "Open one for its evidence and peers; it is a hint, not a verdict.",
        ),
        (
            "由本单位以外的两人核查后下结论，可批量。",
            "Two persons of another unit decide, several at once if alike.",
        ),
    ),
    "insight:overview": _chapter(
        ("一页看全局。", "All on one page."),
        (
            "区间是不确定范围：重叠就不能说谁好谁差。",
            "Bars show uncertainty: where they overlap nobody is better.",
        ),
        ("点“订阅”可按周、月、季收到报告。", "Subscribe for a report each week, month or quarter."),
    ),
    "insight:screen": _chapter(
        ("大屏，适合投在会议室。", "For a wall in the meeting room."),
        ("按 F11 全屏；数字自动更新。", "F11 fills the screen; figures renew themselves."),
    ),
    "insight:places": _chapter(
        ("地区对比。", "Places compared."),
        (
            "按同类地区分档，不排名次；样本不足 30 条不评分。",
            "Bands within peers, no ranking; below 30 ratings no score.",
        ),
    ),
    "insight:departments": _chapter(
        ("部门画像：好在哪、差在哪、群众说什么。", "What a department does well and badly."),
        ("漏斗图外的点才值得追问。", "Ask about points outside the funnel only."),
    ),
    "problems:list": _chapter(
        ("把许多差评归成具体问题。", "Many bad ratings, few problems."),
        (
            "标“新”的先看；名称可改，例句已遮盖个人信息。",
            "Look at emerging ones first; rename freely; examples are masked.",
        ),
        ("确需根治的，发起专项整改。", "Begin a campaign where it must be cured."),
    ),
    "problems:campaigns": _chapter(
        ("一个问题，一个责任单位，见效为止。", "One problem, one unit, until it helps."),
        (
            "到期后系统按每周人数判断是否见效，数据不够时会说明。",
            "People a week tell whether it helped; where it is too early the page says so.",
        ),
    ),
    "insight:themes": _chapter(
        ("营商环境和一件事集成服务的评价。", "Business environment and one-thing services."),
        ("事项归属有误时，打开主题点“修改”。", "Open a theme and change its items."),
    ),
    "insight:loop": _chapter(
        ("差评从收到到满意，每步留下多少、多久。", "How many and how long at each step."),
        ("最窄的一步就是要改的一步。", "The narrowest step is the one to mend."),
    ),
    "insight:trust": _chapter(
        ("这些数字可以信几分。", "How far to believe the figures."),
        (
            "看原始值与剔除无效后的差别，以及没有评价的人有多少。",
            "See raw beside adjusted, and how many never rated.",
        ),
    ),
    "reports:list": _chapter(
        ("按周、月、季自动成文的报告。", "Reports that write themselves."),
        ("在任一分析页面点“订阅”；可先预览上一期。", "Subscribe on any page of analysis."),
    ),
    "publication:board": _chapter(
        ("把结果和案例向社会公开。", "Publish results and cases."),
        (
            "一人编制，通过隐私检查后由另一人发布。",
            "One prepares, the privacy check passes, another releases.",
        ),
        ("撤回须写明公开的理由。", "A withdrawal has a public reason."),
    ),
    "lake:ask": _chapter(
        ("用 SQL 自由查询，不含文字和个人信息。", "Ask in SQL; no words, nothing personal."),
        ("只读；结果行数有上限，页面会写明。", "It only reads; the page tells its limit."),
    ),
    "insight:measures": _chapter(
        ("每个指标的公式、来源和不能用来做什么。", "Formula, source and misuse of each measure."),
        ("引用数字前先看这里。", "Read it before you quote a figure."),
    ),
    "directory:table": _chapter(
        (
            "维护部门、大厅、窗口、人员和事项。",
            "Keep departments, halls, windows, staff and items.",
        ),
        (
            "少量在页面新增或修改；大量先下载模板，填好后导入。",
            "A few on the page; many with the template, filled in and imported.",
        ),
        (
            "导入先预览，错误标到行和格，改好再提交；七天内可撤销。",
            "An import is previewed, errors told by row and cell; it can be undone for seven days.",
        ),
        (
            "停用窗口、改开放时间须由另一人确认。",
            "Closing a window or changing its hours takes a second person.",
        ),
    ),
    "indicators:catalogue": _chapter(
        ("五级评价的指标和原因。", "Levels and reasons."),
        (
            "先编草稿，比较与现行版的差别，预览群众页面，再由另一人发布。",
            "Draft, compare, preview, and have another person publish.",
        ),
    ),
    "policies:list": _chapter(
        ("各环节时限和督办规则。", "Limits and supervision."),
        ("提议后先预览影响，另一人审核后生效。", "Preview the effect; another person accepts."),
    ),
    "routing:list": _chapter(
        ("哪些差评自动派给谁。", "Which orders go where by themselves."),
        ("单位撤并时，一次移交全部在办工单。", "When units merge, hand over all open orders."),
    ),
    "calendar:year": _chapter(
        ("工作日历，决定时限。", "Working days, by which limits run."),
        (
            "国务院公布放假安排后导入，另一人复核启用。",
            "Import the yearly holidays when they are published; another person accepts.",
        ),
    ),
    "accounts:people": _chapter(
        ("账号和岗位。", "Accounts and posts."),
        (
            "新增账号后把临时密码当面交给本人；岗位由另一人复核后生效。",
            "Hand the temporary password over in person; a post takes a second person.",
        ),
        (
            "离岗当天停用；临时岗位填有效期。",
            "Disable an account on its last day; give a temporary post an end.",
        ),
    ),
    "accounts:keys": _chapter(
        ("接入系统的密钥。", "Keys of connected systems."),
        (
            "密钥只显示一次；轮换时新旧密钥在重叠期内都有效。",
            "A key is shown once; at a rotation both hold for the overlap.",
        ),
        ("疑似泄露立即停用。", "Revoke one at once that may have leaked."),
    ),
    "calls:log": _chapter(
        ("各系统对接口的调用。", "Calls of the interface."),
        ("按原因代码筛选，告诉对接方怎样改。", "Filter by reason and tell the other side."),
    ),
    "calls:board": _chapter(
        ("每个系统对接到哪一步。", "How far each system has come."),
        ("步骤由真实调用核对，不靠填报。", "Real calls decide, not forms."),
    ),
    "console:running": _chapter(
        ("平台是否正常。", "Is all well?"),
        (
            "“需要处理”为空即正常；失败的任务查明原因后重试。",
            "Nothing in trouble is good; retry a failed job once you know why.",
        ),
    ),
    "console:audit": _chapter(
        ("谁在何时对什么做了什么。", "Who did what, when, to what."),
        (
            "按人、日期、对象查；“核验日志是否被改动”可证明。",
            "Filter; verify that none was altered.",
        ),
    ),
    "exports:list": _chapter(
        ("取导出的文件。", "Fetch exported files."),
        ("大文件在后台生成，完成后可下载。", "Large files are made meanwhile."),
    ),
    "accounts:own": _chapter(
        ("密码、动态口令和登录记录。", "Password, second factor, sessions."),
        ("请尽快启用动态口令，妥存恢复码。", "Turn the second factor on; keep recovery codes."),
        ("不认识的登录请立即结束，并改密码。", "End sessions that you do not know."),
    ),
}
