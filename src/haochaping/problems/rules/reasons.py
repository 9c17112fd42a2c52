"""Why people rate badly: a lexicon of reasons, and the matcher that finds their words in a text.

The lexicon is a starting point that a site edits; the classifier learns from what it finds. A
site's codes of the national indicators can be hooked on by a plain dict from `Reason.key`.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import ahocorasick_rs

from haochaping.kernel.words import chinese
from haochaping.problems.rules.texts import normalise, vague

NONE_GIVEN = "none_given"

# After a keyword: 很好, 还不错, 都挺满意, but not the 好 of 好差, 好久 or 好点.
_PRAISE = re.compile(
    chinese(
        r"[还也都倒是的很挺真蛮太超算非常特别比较十分]{0,4}"
        r"(?:好(?![差慢贵难久烂坏凶冷脏吵多少几像点一些])|不错|可以|满意|点赞|赞|很棒|棒|热情|周到|耐心)"
    )
)

type Lexicon = Mapping[str, Sequence[str]]  # label → keywords
type Matcher = Callable[[str], list["Hit"]]


@dataclass(frozen=True)
class Hit:
    """A keyword found in a text."""

    keyword: str
    start: int  # characters before it, spaces not counted
    labels: tuple[str, ...]  # that it speaks for


@dataclass(frozen=True)
class Reason:
    """A reason of bad ratings, with the words that people tell it in."""

    key: str
    chinese: str
    english: str
    keywords: tuple[str, ...]


def _reason(key: str, chinese: str, english: str, keywords: str) -> Reason:
    return Reason(key, chinese, english, tuple(keywords.split()))


DEFAULT = (
    _reason(
        "rude",
        "服务态度差",
        "rude or cold service",
        """
        态度 不耐烦 爱理不理 爱搭不理 冷漠 冷冰冰 凶 吼 骂 黑脸 脸色 甩脸 臭脸 没礼貌 不礼貌
        不客气 傲慢 嚣张 语气 白眼 呵斥 训斥 阴阳怪气 不理人 不搭理 恶劣 高高在上 嘲讽
        """,
    ),
    _reason(
        "wait",
        "等待时间长",
        "long wait",
        """
        排队 等了 等待 久等 等很久 等太久 等半天 等一上午 等一下午 叫号 取号 窗口太少 窗口少
        只开一个窗口 只开了一个 人太多 人多 拥挤 插队 迟迟不叫 效率低 太慢 慢 效率 磨蹭 拖拉
        慢吞吞 耽误时间
        """,
    ),
    _reason(
        "late",
        "超时未办结",
        "not done in time",
        """
        超时 逾期 超过承诺 超期 未按时 没按时 没有按时 迟迟 还没办 还没有办 没办好 没办下来 没下来
        没有下来 一直没 一拖再拖 拖延 拖了 没有结果 没结果 没有回复 没回复 不回复 无回复 无人回复
        没有答复 没消息 石沉大海 没收到 个月 很久 没拿到 没办 不给结果
        """,
    ),
    _reason(
        "papers",
        "材料重复繁琐",
        "too many or repeated papers",
        """
        材料太多 资料太多 材料繁 重复提交 重复提供 反复提交 多次提交 证明 复印件 复印 手续繁琐
        手续复杂 手续太多 繁琐 流程复杂 流程繁 程序复杂 奇葩证明 盖章 表格 填表 补材料 补资料
        又要材料 重新提交 太麻烦 要求提供
        """,
    ),
    _reason(
        "not_told",
        "未一次性告知",
        "not told everything at once",
        """
        一次性告知 一次告知 一次说清 一次性说 一次讲清 没说清 没有说清 说不清楚 不说清 没讲清
        没告知 没有告知 未告知 不告知 没提前说 没有提前 又说缺 又说少 又说要 又让补 又要补
        每次都说 每次说的 前后不一 说法不一 口径不一 没人告诉 没有告诉 才告诉 才说 解释不清 不解释
        不告诉 材料都不一样
        """,
    ),
    _reason(
        "trips",
        "多次跑动",
        "many trips",
        """
        跑了 跑几趟 跑两趟 跑三趟 跑多趟 多次跑 来回跑 跑来跑去 白跑 又跑 再跑 跑断腿 好几趟 几趟
        两趟 三趟 多趟 一趟趟 来回 往返 折腾 最多跑一次 来了三次 来了两次 来了几次 去了三次
        去了两次 去了几次 去了好几次
        """,
    ),
    _reason(
        "system",
        "系统故障",
        "system faults, cannot do it online",
        """
        系统 网站 网页 网办 线上 登录 登陆 登不上 打不开 闪退 卡顿 死机 崩溃 报错 出错 故障 验证码
        上传 app 小程序 页面 人脸识别 刷脸 无法提交 提交不了 提交失败 加载 掉线 自助机 机器坏 断网
        服务器 平台 网上办 网上提交 网上申请 网上传
        """,
    ),
    _reason(
        "guide",
        "指南不准确",
        "wrong or missing guide",
        """
        指南 指引 不一致 与网上不符 和网上不符 不符 公示 电话打不通 打不通 无人接听 没人接
        不接电话 没人接听 占线 地址错 地址不对 写错 信息错误 信息有误 没更新 过时 咨询不到 查不到
        看不懂 不明确 误导
        """,
    ),
    _reason(
        "fees",
        "收费问题",
        "fees and charges",
        """
        收费 乱收费 多收 费用 收钱 要钱 交钱 缴费 价格 太贵 贵 高价 押金 发票 票据 退费 退款 不退
        扣费 扣钱 中介 黄牛 红包 好处费 强制消费 捆绑 付费 花钱 罚款
        """,
    ),
    _reason(
        "absent",
        "无人在岗",
        "nobody at the window, opening hours",
        """
        没人 无人 不在岗 脱岗 空岗 缺岗 窗口没人 下班 早退 提前下班 迟到 没上班 不上班 上班时间
        午休 周末 玩手机 刷视频 刷抖音 关门 停办 不开门 没开门 闲聊 睡觉 吃东西 在聊天 窗口没有人
        人不在 都不在
        """,
    ),
    _reason(
        "buck",
        "推诿扯皮",
        "passing the buck",
        """
        推诿 推脱 扯皮 踢皮球 踢来踢去 皮球 推来推去 互相推 相互推 推卸 推给 不归 不管 没人管
        不负责 不受理 拒绝受理 拒绝办理 不给办 不给办理 不让办 不办 刁难 敷衍 不作为 应付 让我找
        让找 叫我找 糊弄 打太极 拒收 故意为难 卡着
        """,
    ),
    _reason(
        "place",
        "环境设施差",
        "facilities and parking",
        """
        停车 车位 环境 卫生间 厕所 座位 椅子 空调 太热 太冷 闷热 脏 卫生 臭 吵 嘈杂 饮水 没水
        打印机 复印机 指示牌 标识 无障碍 轮椅 电梯 楼梯 难找 位置偏 灯光 漏水 设施 设备 插座 母婴
        """,
    ),
    _reason(
        "skill",
        "业务不熟练",
        "lack of skill",
        """
        业务不熟 不熟练 不熟悉 不专业 业务能力 业务水平 不懂 不会办 不会操作 一问三不知 答非所问
        新手 实习生 生疏 录错 填错 弄错 办错 搞错 打错 出错 错误 粗心 马虎 培训 问啥都不知道
        不清楚 弄丢 搞丢 丢失
        """,
    ),
    _reason(
        "result",
        "结果不认可",
        "result disputed",
        """
        不予 驳回 退件 退回 被退 不通过 没通过 未通过 不批 不合理 不公平 不公正 不公 不认可 不服
        不合规 违规 不合法 资格 待遇 没解决 没有解决 未解决 不解决 解决不了 办不了 不给解决 一刀切
        不符合 拒绝
        """,
    ),
    Reason(NONE_GIVEN, "未说明", "none given", ()),
)


def default_lexicon() -> dict[str, tuple[str, ...]]:
    """Return the keywords of the default reasons by their keys."""
    return {reason.key: reason.keywords for reason in DEFAULT if reason.keywords}


def matcher(lexicon: Lexicon) -> Matcher:
    """Return a function from a text to the keywords in it, in order.

    Of keywords that overlap, the leftmost longest counts. A keyword may speak for several labels.
    One that is praised (态度很好, 环境不错) does not count; 态度不好 does.
    """
    owners: dict[str, list[str]] = {}
    for label, keywords in lexicon.items():
        for keyword in keywords:
            owners.setdefault(normalise(keyword).lower().replace(" ", ""), []).append(label)
    owners.pop("", None)
    patterns = sorted(owners)
    longest = ahocorasick_rs.MatchKind.LeftmostLongest
    automaton = ahocorasick_rs.AhoCorasick(patterns, matchkind=longest)

    def match(text: str) -> list[Hit]:
        bare = normalise(text).lower().replace(" ", "")
        return [
            Hit(patterns[index], start, tuple(owners[patterns[index]]))
            for index, start, end in automaton.find_matches_as_indexes(bare)
            if not _PRAISE.match(bare, end)
        ]

    return match


def counts(hits: Iterable[Hit]) -> dict[str, int]:
    """Return how many different keywords speak for each label: the most first, then by place."""
    spoken: dict[str, set[str]] = {}
    for hit in hits:
        for label in hit.labels:
            spoken.setdefault(label, set()).add(hit.keyword)
    return {
        label: len(spoken[label]) for label in sorted(spoken, key=lambda key: -len(spoken[key]))
    }


def reasons(match: Matcher, text: str) -> list[str]:
    """Return the labels of a text by its keywords alone, the most keywords first; `none_given`
    (未说明) where the text is empty or 笼统, and nothing where it is neither.
    """
    return list(counts(match(text))) or ([NONE_GIVEN] if vague(text) else [])
