"""Words of a text: normalised, cut, and without those that say nothing.

Apart from `words`, which makes vectors of them: pages need no scipy.
"""

import hashlib
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from types import ModuleType

from haochaping.kernel.words import chinese

type Cut = Callable[[str], list[str]]

# Words that say nothing about the matter; 不, 没 and 无 do, and stay.
_STOP = chinese("""
的 了 和 是 就 都 而 及 与 着 或 在 也 又 还 很 太 更 最 被 把 让 给 对 对于 关于 由 从 向 到 至
往 以 于 之 其 此 该 这 那 哪 这个 那个 这些 那些 这里 那里 这样 那样 这么 那么 一个 一些 一下
一直 一种 我 你 您 他 她 它 我们 你们 您们 他们 她们 它们 咱们 自己 本人 大家 有人 吗 呢 吧 啊 呀
哦 嗯 哈 啦 嘛 么 什么 怎么 怎样 如何 为什么 为何 因为 所以 因此 但是 但 可是 然而 虽然 如果 若
假如 即使 只是 只 只有 只要 而且 并且 并 且 以及 等 等等 地 得 个 些 位 件 条 次 种 上 下 里 中 内
外 前 后 时 时候 之前 之后 以前 以后 现在 目前 已经 正在 曾 曾经 将 会 能 可以 可 要 想 应 应该
应当 需要 必须 请 请问 谢谢 您好 你好 尊敬 领导 希望 恳请 恳求 请求 望 盼 来 去 过 做 作 使 有
有关 相关 部门 进行 通过 根据 按照 为了 为 其中 其他 另 另外 同时 然后 于是 还是 还有 或者 不仅
不但 甚至 比如 例如 包括 所 所有 各 每 某 本 说 称 问 表示 认为 觉得 知道 看 看到 叫 再 才 刚 刚刚
比较 非常 十分 特别 真的 真 确实 其实 当时 今天 昨天 明天
""")
STOP = frozenset(_STOP.split())
_SAID = chinese("""
差评 差 很差 太差 极差 差劲 真差 不好 不太好 不行 不满意 不 满意 非常不满意 很不满意 不满 服务
体验 感受 感觉 评价 一般 一般般 垃圾 烂 无 没 没有 无语 呵呵 哈哈 测试 好 非常 真是 极 极其 糟糕
失望 不怎么样 不怎样 就那样 不推荐 不想 不说 没什么 没啥 无评价 意见 默认 如题 同上 见 以上 略
无法 评论 内容 暂无 不知 不知道 没有意见 无意见 办 办事 体验感
""")
_GENERIC = frozenset(_SAID.split())


def normalise(text: str) -> str:
    """Return the text in NFKC (half-width letters and digits), spaces merged, ends trimmed."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def digest(text: str) -> str:
    """Return 32 hex digits: the same for texts that differ in spaces, marks and width only."""
    bare = "".join(char for char in normalise(text).lower() if char.isalnum())
    return hashlib.blake2b(bare.encode(), digest_size=16).hexdigest()


@cache
def _cutting() -> ModuleType:
    """Return what cuts: it reads its dictionary at once, which most processes never need."""
    import rjieba  # noqa: PLC0415 - each start would wait for it

    return rjieba


def cutter(names: Iterable[str] = ()) -> Cut:
    """Return a `tokens` that keeps these names whole: places, offices and matters of a site."""
    jieba = _cutting().Jieba()
    for name in sorted(set(names)):
        jieba.add_word(name, 100_000, None)
    return lambda text: _kept(jieba.cut(normalise(text).lower()))


def tokens(text: str) -> list[str]:
    """Return the words of a text in order, in lower case, without stop words and marks."""
    return _kept(_cutting().cut(normalise(text).lower()))


def _kept(words: Iterable[str]) -> list[str]:
    return [word for word in words if word[0].isalnum() and word not in STOP]


def vague(text: str) -> bool:
    """Whether a text is empty or 笼统: it says that something is bad, but not what."""
    said = [word for word in tokens(text) if word not in _GENERIC]
    chars = {char for word in said for char in word if not char.isdigit()}
    return len(chars) < 2  # noqa: PLR2004 - one character, or one repeated, names nothing
