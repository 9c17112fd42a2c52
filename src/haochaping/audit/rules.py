"""Words of the trail: each room says what its subjects and verbs are called."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from haochaping.kernel.words import Words


class Subject(NamedTuple):
    """A kind of thing to which something is done, what is done to it, and what is called otherwise
    of it than of the rest (`DETAILS`).
    """

    says: Words
    verbs: Mapping[str, Words]
    details: Mapping[str, Words] = MappingProxyType({})


type Trail = Mapping[str, Subject]  # by the name under which it is recorded

TRAIL: Trail = {
    "platform": Subject(
        Words("平台", "platform"),
        {
            "demo_begin": Words("开始装入演示", "Began the demonstration"),
            "retry_job": Words("重试后台任务", "Tried a job again"),
            "demo": Words("装入演示数据", "Loaded the demonstration"),
        },
    )
}


# what was given, in words; a name that is not here is shown as it was recorded
DETAILS: Mapping[str, Words] = {
    "after": Words("变更后", "after"),
    "approval": Words("批准", "approval"),
    "before": Words("变更前", "before"),
    "calls": Words("回访数", "calls"),
    "channels": Words("渠道", "channels"),
    "code": Words("编号", "code"),
    "department": Words("部门", "department"),
    "drawn": Words("抽取数", "drawn"),
    "due": Words("期限", "due"),
    "factors": Words("验证步骤", "factors"),
    "fields": Words("字段", "fields"),
    "file": Words("文件", "file"),
    "found": Words("查到", "found"),
    "given": Words("填写", "given"),
    "item": Words("事项", "item"),
    "items": Words("事项", "items"),
    "kid": Words("密钥编号", "key"),
    "kind": Words("种类", "kind"),
    "known": Words("账号存在", "known account"),
    "levels": Words("等级", "levels"),
    "made": Words("生成", "made"),
    "mail": Words("邮件", "mail"),
    "name": Words("名称", "name"),
    "new": Words("新建", "new"),
    "note": Words("说明", "note"),
    "outcome": Words("结果", "outcome"),
    "problem": Words("问题", "problem"),
    "contact": Words("联系人", "contact"),
    "networks": Words("来源地址", "networks"),
    "per_minute": Words("每分钟上限", "a minute"),
    "until": Words("有效期至", "until"),
    "rated": Words("原评价", "rated"),
    "reason": Words("理由", "reason"),
    "reasons": Words("原因", "reasons"),
    "redate": Words("重算期限", "redate"),
    "region": Words("地区", "region"),
    "role": Words("角色", "role"),
    "rows": Words("行数", "rows"),
    "seed": Words("随机种子", "seed"),
    "service": Words("服务", "service"),
    "short": Words("短码", "short code"),
    "size": Words("大小", "size"),
    "span": Words("周期", "span"),
    "state": Words("状态", "state"),
    "title": Words("标题", "title"),
    "to": Words("对象", "to"),
    "verdict": Words("认定", "verdict"),
    "version": Words("版本", "version"),
    "week": Words("周", "week"),
    "what": Words("页面", "page"),
    "opens": Words("开始时间", "opens"),
    "closes": Words("结束时间", "closes"),
    "per_day": Words("每天上限", "a day"),
    "url": Words("地址", "address"),
    "board": Words("榜单", "board"),
    "dialect": Words("方言", "dialect"),
    "client": Words("系统", "system"),
    "codes": Words("编码", "codes"),
    "days": Words("天数", "days"),
    "complete": Words("全量", "complete"),
    "personal": Words("含个人信息", "personal data"),
    "operation": Words("操作", "operation"),
    "again": Words("再次", "again"),
    "agreed": Words("同意", "agreed"),
    "answer": Words("答复", "answer"),
    "audience": Words("给谁看", "audience"),
    "auditor": Words("抽查单位", "auditor"),
    "category": Words("类别", "category"),
    "changes": Words("改动", "changes"),
    "day": Words("日期", "day"),
    "departments": Words("部门", "departments"),
    "dropped": Words("搁置", "set aside"),
    "everybodys": Words("可办他人登记的办件", "works on others' services"),
    "key": Words("模板", "template"),
    "left": Words("未办", "left out"),
    "lines": Words("行数", "lines"),
    "list": Words("列表", "list"),
    "message": Words("消息", "message"),
    "messages": Words("消息数", "messages"),
    "monday": Words("周一", "Monday"),
    "path": Words("页面", "page"),
    "receipt": Words("回执", "receipt"),
    "sha256": Words("摘要", "digest"),
    "shifts": Words("班次", "shifts"),
    "since": Words("自", "since"),
    "successor": Words("承继", "successor"),
    "text": Words("文本", "text"),
    "valid_from": Words("生效日", "valid from"),
    "way": Words("方式", "way"),
    "why": Words("理由", "why"),
    "word": Words("词语", "word"),
    "job": Words("任务", "job"),
    "task": Words("任务", "task"),
}


def merged(trails: Iterable[Trail]) -> dict[str, Subject]:
    """Return the words of all rooms.

    Two rooms may speak of one subject, each with verbs of its own; raises ValueError where both
    claim the same verb.
    """
    whole: dict[str, Subject] = {}
    for trail in trails:
        for name, subject in trail.items():
            known = whole.get(name, Subject(subject.says, {}))
            if both := known.verbs.keys() & subject.verbs.keys():
                raise ValueError(name, both)
            details = {**known.details, **subject.details}
            whole[name] = Subject(known.says, {**known.verbs, **subject.verbs}, details)
    return whole
