"""The chapters of analysis, directory and system: what is looked at and kept."""

from collections.abc import Mapping

from haochaping.console.rules.chapters import Chapter, chapter

KEEPING: Mapping[str, Chapter] = {  # by the route of the page
    "insight:overview": chapter(
        ("一页看全局。", "All on one page."),
        (
            "区间是不确定范围：重叠就不能说谁好谁差。",
            "Bars show uncertainty: where they overlap nobody is better.",
        ),
        ("点“订阅”可按周、月、季收到报告。", "Subscribe for a report each week, month or quarter."),
    ),
    "insight:screen": chapter(
        ("大屏，适合投在会议室。", "For a wall in the meeting room."),
        ("按 F11 全屏；数字自动更新。", "F11 fills the screen; figures renew themselves."),
    ),
    "insight:places": chapter(
        ("地区对比。", "Places compared."),
        (
            "按同类地区分档，不排名次；样本不足 30 条不评分。",
            "Bands within peers, no ranking; below 30 ratings no score.",
        ),
    ),
    "insight:departments": chapter(
        ("部门画像：好在哪、差在哪、群众说什么。", "What a department does well and badly."),
        ("漏斗图外的点才值得追问。", "Ask about points outside the funnel only."),
    ),
    "problems:list": chapter(
        ("把许多差评归成具体问题。", "Many bad ratings, few problems."),
        (
            "标“新”的先看；名称可改，例句已遮盖个人信息。",
            "Look at emerging ones first; rename freely; examples are masked.",
        ),
        ("确需根治的，发起专项整改。", "Begin a campaign where it must be cured."),
    ),
    "problems:campaigns": chapter(
        ("一个问题，一个责任单位，见效为止。", "One problem, one unit, until it helps."),
        (
            "到期后系统按每周人数判断是否见效，数据不够时会说明。",
            "People a week tell whether it helped; where it is too early the page says so.",
        ),
    ),
    "insight:themes": chapter(
        ("营商环境和一件事集成服务的评价。", "Business environment and one-thing services."),
        ("事项归属有误时，打开主题点“修改”。", "Open a theme and change its items."),
    ),
    "insight:loop": chapter(
        ("差评从收到到满意，每步留下多少、多久。", "How many and how long at each step."),
        ("最窄的一步就是要改的一步。", "The narrowest step is the one to mend."),
    ),
    "insight:trust": chapter(
        ("这些数字可以信几分。", "How far to believe the figures."),
        (
            "看原始值与剔除无效后的差别，以及没有评价的人有多少。",
            "See raw beside adjusted, and how many never rated.",
        ),
    ),
    "reports:list": chapter(
        ("按周、月、季自动成文的报告。", "Reports that write themselves."),
        ("在任一分析页面点“订阅”；可先预览上一期。", "Subscribe on any page of analysis."),
    ),
    "publication:board": chapter(
        ("把结果和案例向社会公开。", "Publish results and cases."),
        (
            "一人编制，通过隐私检查后由另一人发布。",
            "One prepares, the privacy check passes, another releases.",
        ),
        ("撤回须写明公开的理由。", "A withdrawal has a public reason."),
    ),
    "lake:ask": chapter(
        ("用 SQL 自由查询，不含文字和个人信息。", "Ask in SQL; no words, nothing personal."),
        ("只读；结果行数有上限，页面会写明。", "It only reads; the page tells its limit."),
    ),
    "insight:measures": chapter(
        ("每个指标的公式、来源和不能用来做什么。", "Formula, source and misuse of each measure."),
        ("引用数字前先看这里。", "Read it before you quote a figure."),
    ),
    "directory:table": chapter(
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
    "upstream:list": chapter(
        ("把上级的部门、事项、区划目录同步过来。", "Keep in step with catalogues kept above."),
        (
            "接入后由另一人启用，每晚读取；没有接口的，上传文件。",
            "Another person starts it and it is read each night; without an interface, upload.",
        ),
        (
            "差异经人批准才生效；写了生效日期的，到日生效。",
            "What differs is in force once approved, or on the day that it tells.",
        ),
    ),
    "indicators:catalogue": chapter(
        ("五级评价的指标和原因。", "Levels and reasons."),
        (
            "先编草稿，比较与现行版的差别，预览群众页面，再由另一人发布。",
            "Draft, compare, preview, and have another person publish.",
        ),
    ),
    "policies:list": chapter(
        ("各环节时限和督办规则。", "Limits and supervision."),
        ("提议后先预览影响，另一人审核后生效。", "Preview the effect; another person accepts."),
    ),
    "routing:list": chapter(
        ("哪些差评自动派给谁。", "Which orders go where by themselves."),
        ("单位撤并时，一次移交全部在办工单。", "When units merge, hand over all open orders."),
    ),
    "calendar:year": chapter(
        ("工作日历，决定时限。", "Working days, by which limits run."),
        (
            "国务院公布放假安排后导入，另一人复核启用。",
            "Import the yearly holidays when they are published; another person accepts.",
        ),
    ),
    "accounts:people": chapter(
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
    "accounts:keys": chapter(
        ("接入系统的密钥。", "Keys of connected systems."),
        (
            "密钥只显示一次；轮换时新旧密钥在重叠期内都有效。",
            "A key is shown once; at a rotation both hold for the overlap.",
        ),
        ("疑似泄露立即停用。", "Revoke one at once that may have leaked."),
    ),
    "calls:log": chapter(
        ("各系统对接口的调用。", "Calls of the interface."),
        ("按原因代码筛选，告诉对接方怎样改。", "Filter by reason and tell the other side."),
    ),
    "calls:board": chapter(
        ("每个系统对接到哪一步。", "How far each system has come."),
        ("步骤由真实调用核对，不靠填报。", "Real calls decide, not forms."),
    ),
    "announcements:list": chapter(
        ("看公告，拟公告。", "Read announcements, and write them."),
        (
            "只给工作人员看的提交即发布；群众或评价器能看到的，由另一人发布；到期自动撤下。",
            "For staff it holds at once; what citizens or tablets show a second person publishes.",
        ),
    ),
    "rosters:week": chapter(
        ("一个大厅一周谁坐哪个窗口。", "Who sits at which window of a hall in a week."),
        (
            "可逐班加，也可导入表格或复制上一周；同一人不能同时在两个窗口。",
            "Add shifts, import a table or copy the week before; nobody sits at two windows.",
        ),
    ),
    "retention:terms": chapter(
        ("哪些数据保留多久。", "How long what is kept."),
        (
            "改期限由一人提出、另一人启用；缩短后当晚就清理，不能恢复。",
            "One proposes, another puts it in force; a shorter term deletes the same night.",
        ),
    ),
    "console:dictionaries": chapter(
        ("查代码的含义。", "What a code means."),
        (
            "按代码或含义查；可自行维护的字典从“可自行维护”进入。",
            "Search by code or meaning; what your office keeps is linked there.",
        ),
    ),
    "notifications:templates": chapter(
        ("看和改发给群众的短信正文。", "Read and change the texts that citizens get."),
        (
            "改前先向运营商报备；占位符不可增减，提交后由另一人复核启用。",
            "Have the carrier approve it first; keep the places; another person confirms it.",
        ),
    ),
    "console:running": chapter(
        ("平台是否正常。", "Is all well?"),
        (
            "“需要处理”为空即正常；失败的任务查明原因后重试。",
            "Nothing in trouble is good; retry a failed job once you know why.",
        ),
    ),
    "console:audit": chapter(
        ("谁在何时对什么做了什么。", "Who did what, when, to what."),
        (
            "按人、日期、对象查；“核验日志是否被改动”可证明。",
            "Filter; verify that none was altered.",
        ),
    ),
    "exports:list": chapter(
        ("取导出的文件。", "Fetch exported files."),
        ("大文件在后台生成，完成后可下载。", "Large files are made meanwhile."),
    ),
    "accounts:own": chapter(
        ("密码、动态口令和登录记录。", "Password, second factor, sessions."),
        ("请尽快启用动态口令，妥存恢复码。", "Turn the second factor on; keep recovery codes."),
        ("不认识的登录请立即结束，并改密码。", "End sessions that you do not know."),
    ),
}
