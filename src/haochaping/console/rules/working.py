"""The chapters of collection and of the loop: what is done every day."""

from collections.abc import Mapping

from haochaping.console.rules.chapters import Chapter, chapter

WORKING: Mapping[str, Chapter] = {  # by the route of the page
    "console:desk": chapter(
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
    "console:clerk": chapter(
        ("办结后请群众在窗口平板上评价。", "Ask whoever was served to rate on the tablet."),
        ("选中刚办完的办件，点“请评价”。", "Choose the service that has just ended and call it."),
        (
            "把平板转向群众，离开视线；不得代评、不得引导。",
            "Turn the tablet to the citizen and look away; never rate or advise for them.",
        ),
    ),
    "callbacks:phone": chapter(
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
    "callbacks:calls": chapter(
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
    "console:ratings": chapter(
        ("查评价。", "Look ratings up."),
        (
            "按关键词、地区、部门、渠道、日期筛选；点编号看详情和办理经过。",
            "Filter by words, place, department, channel and day; open one for its course.",
        ),
        ("点“导出”，到“导出任务”取文件。", "Export, and fetch the file among the exports."),
    ),
    "console:unrated": chapter(
        ("看哪些服务还没有评价。", "See which services nobody has rated."),
        (
            "按地区、单位、事项、日期筛选，找出漏接的渠道和窗口；不得代评、催评。",
            "Filter by place, department, item and day to find what was missed; never press.",
        ),
    ),
    "exchange:channels": chapter(
        ("看每个渠道是否通畅。", "See that every channel works."),
        (
            "“巡检”一列每天早晨用测试评价走一遍五个等级；未通过的要当天查。",
            "Each morning a test rating of every level goes over each channel; look into failures.",
        ),
    ),
    "notifications:messages": chapter(
        ("查短信发没发到。", "See which messages arrived."),
        (
            "按状态筛选“失败”，原因写在说明里；正文样式见“短信模板”。",
            "Filter by state for the failed, with their reasons; texts are among the templates.",
        ),
    ),
    "exchange:hotlines": chapter(
        ("看与各市 12345 系统的交换。", "See the exchange with the cities' 12345 systems."),
        (
            "“待对方接收”持续增长或“最早一条”很旧时，联系对方系统。",
            "Where what waits grows, or its oldest is old, call the other side.",
        ),
    ),
    "exchange:partners": chapter(
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
    "exchange:tracking": chapter(
        ("看各市接入了哪些渠道、还缺什么。", "See what each city has connected and lacks."),
        ("按“还缺”逐市督促，进度由真实评价算出。", "Urge by what is missing; ratings decide."),
    ),
    "screening:words": chapter(
        (
            "维护敏感词：含敏感词的评价照样计入和办理，公开的文字不能含敏感词。",
            "Keep the sensitive words: ratings count all the same, public texts hold none.",
        ),
        (
            "在“试一段文字”里贴一段话，看会找到什么、脱敏成什么样。",
            "Under “Try a text” see what is found in a text and how it is masked.",
        ),
    ),
    "exchange:selfcheck": chapter(
        (
            "看省平台收到的本地区办件和评价，按天、按渠道与自己的系统核对。",
            "See what the province has of your place by day and channel, and compare.",
        ),
        (
            "被拒的看原因代码，改好后重报；晚到的查设备和接口。",
            "Mend what was refused by its code and send it again; look why some came late.",
        ),
    ),
    "exchange:coverage": chapter(
        (
            "看哪些窗口、部门、事项还没有评价入口，或近 28 天没有评价。",
            "See what nobody can rate yet, or nobody has in 28 days.",
        ),
        (
            "先看无法评价的：给窗口制码或配平板，给事项接入业务系统。",
            "First what nobody can rate: make codes, pair tablets, connect systems.",
        ),
    ),
    "invitations:codes": chapter(
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
    "devices:list": chapter(
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
    "orders:list": chapter(
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
    "supervision:board": chapter(
        ("看谁超期、谁亮牌。", "See who is late."),
        ("从超期数点进工单，催办或重新交办。", "Open the late orders; urge or hand them on."),
    ),
    "notifications:notices": chapter(
        ("系统发给您的消息和待审批。", "What the platform tells you, approvals included."),
        ("点消息直接打开要办的事。", "A notice opens what it is about."),
    ),
    "texts:list": chapter(
        ("保存本单位常写的话。", "Keep what your unit often writes."),
        ("办理时插入后请按实际情况修改。", "Insert it in a step, then fit it to the case."),
    ),
    "screening:holds": chapter(
        (
            "命中硬规则的评价先在这里核实，不直接派单。",
            "Ratings that a hard rule holds are looked at here first.",
        ),
        (
            "核实后放行；放行与否都留痕，评价不会被删除。",
            "Release what is genuine; whatever you do is kept, and no rating is deleted.",
        ),
    ),
    "privacy:list": chapter(
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
    "detection:list": chapter(
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
}
