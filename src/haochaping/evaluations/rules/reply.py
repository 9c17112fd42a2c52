"""What a reply by SMS means (domain §5)."""

import re
import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum


class Meaning(StrEnum):
    """What a reply is."""

    LEVEL = "level"
    UNSUBSCRIBE = "unsubscribe"
    WORDS = "words"  # no level in it
    EMPTY = "empty"


@dataclass(frozen=True)
class Reply:
    """A reply as understood; `rest` is what was written besides the level."""

    meaning: Meaning
    level: int = 0
    rest: str = ""
    leaves: bool = False  # and wants to be asked no more: 5，退订


_WORDS = (  # longest first, so that 不满意 is not read as 满意
    ("非常不满意", 1),
    ("很不满意", 1),
    ("非常满意", 5),
    ("很满意", 5),
    ("基本满意", 3),
    ("不太满意", 2),
    ("不满意", 2),
    ("一般", 3),
    ("满意", 4),
)
_NUMBERS = {
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "壹": 1,
    "贰": 2,
    "叁": 3,
    "肆": 4,
    "伍": 5,
}
# a digit, with or without its unit; what may follow it is told by `_stars`
_STARS = re.compile(
    r"^我?(?:选择?|打分?|评[价分]?|回复|给|满意度)?[:：\s]*([1-5一二两三四五壹贰叁肆伍])\s*(颗?星|分|级)?"
)
# what follows a digit without a sign between them and cannot be what it counts, as in 5很好: any
# other letter may be (1楼, 2号窗口, 一会儿), so it is asked
_OPENS = re.compile(
    "很|太|挺|蛮|比较|非常|特别|十分|真|服务|态度|满意|不满|不太满|基本满|一般|好|差|不错|谢|感谢|点赞"
)
# another digit that is a level as well (5或4, 1 2 3 4 5), a decimal, a time, a range (3-5天), a
# list's first number
_SECOND = re.compile(
    r"^[^\w\n]*(?:或者?|到|至|和)?[^\w\n]*[1-5一二两三四五](?:分|颗?星|级)?(?=$|[^\w])|^[.:：/]\d|"
    r"^\s*(?:[-–—~～、至到]\s*\d|[,，]\d{3})|"
    r"^[.、)）].*2[.、)）]",
    re.DOTALL,
)
# what may stand before a level and changes nothing of it; before anything else the level is asked
_BEFORE = (
    r"(?:我们?|本人|个人|对|此次?|这次|本次|服务|办事|办理|窗口|态度|人员|工作|结果|效率|速度|整体|总体|"
    r"总的来说|总之|评价|感觉|觉得|感到|认为|表示|真的|真心|真|的|是|还|都|也|就|，|,|:|：|、|。|\s){0,8}"
)
_PLAINLY = re.compile(_BEFORE)
_NOT = (
    r"(?:不是|并不是|并非|并不|绝不|根本不|完全不|一点[也都]?不|没有|没|不算|不够|不怎么|不大|不|未|无法|"
    r"谈不上|称不上|说不上|算不上)"
)
_VERY = r"(?:那么|这么|很|太|非常|特别|十分|怎么|完全|算|够|觉得|感到|感觉)*"
# 不是很满意, 没有很满意, 不够满意: whatever degree is denied, the person is not satisfied
_DENIED = re.compile(rf"^{_BEFORE}{_NOT}{_VERY}\s*满意")
_STRONGLY = re.compile(rf"^{_BEFORE}(?:非常|很|极|十分|特别|极其)不满意")
# what takes a level back that stands before it
_TAKEN_BACK = re.compile(
    r"谈不上|说不上|算不上|称不上|不存在|不可能|不至于|才怪|是?假的|反话|讽刺|不成立|怎么可能|不能说"
)
# two statements, a question or a double denial: what is not certain is asked
_UNCERTAIN = re.compile(
    rf"满意.*(?:不|没).{{0,4}}满意|{_NOT}{_VERY}不{_VERY}满意|{_NOT}什么.{{0,4}}满意|是否满意|"
    r"满意(?:吗|么|没|才怪|个|度|程度|率|就怪|才有鬼|[?？])|满不满意|满意不|是不是|"
    r"(?:不满意的?|满意的)(?:地方|人|事)?[:：，,\s]*(?:没有|无|不多|很少)(?=$|[^\w])"
)
_TRADITIONAL = str.maketrans(
    "難煩惡亂諉氣讚優認貼話諷麼為擇員結來閱滿沒這個點務態還專業辦鐘樓號層條張間塊訂評選給復極顆級謝覺兩貳參時無夠稱談並說嗎壞爛訴臉熱變動總體實們對處種幾",
    "难烦恶乱诿气赞优认贴话讽么为择员结来阅满没这个点务态还专业办钟楼号层条张间块订评选给复极颗级谢觉两贰叁时无够称谈并说吗坏烂诉脸热变动总体实们对处种几",
)
_EDGE = " \t\r\n，。,.!！?？;；:：、~～“”\"'（）()【】[]…-—_*#"


def parse_reply(text: str) -> Reply:
    """Understand a reply: full-width digits, words, punctuation; the first valid sign decides. 15
    is no 1, and 不满意 no 满意.

    What was written besides the level is kept as it was written: normalised for matching only.
    """
    said = text.replace("\u200b", "").replace("\ufeff", "").strip(_EDGE)
    plain = "".join(
        same if len(same := unicodedata.normalize("NFKC", character)) == 1 else character
        for character in said
    )
    if not plain:
        return Reply(Meaning.EMPTY)
    plain = plain.translate(_TRADITIONAL)
    if _UNSUBSCRIBE.fullmatch(_BETWEEN.sub("", plain).upper()):
        return Reply(Meaning.UNSUBSCRIBE)
    asked = text.rstrip().endswith(("?", "？"))
    found = _stars(plain, said) or _in_words(plain + "?" * asked, said)
    left = _LEAVES.search(found.rest.translate(_TRADITIONAL))
    if found.meaning is Meaning.LEVEL and left:
        return replace(found, rest=found.rest[: left.start()].strip(_EDGE), leaves=True)
    return found


_ASKED, _GOES = "(?:回复?|我要|请)?", "TD|退订|退定|QX|取消订阅"
# at the end of a reply that says a level; there T and N alone may be anything
_LEAVES = re.compile(rf"(?:^|(?<=\W)){_ASKED}(?:{_GOES})\W*$", re.IGNORECASE)


def _stars(plain: str, said: str) -> Reply | None:
    """Understand a digit that is a level beyond doubt; None where it may be something else.

    After it comes nothing, a sign, or words that no digit counts; what it says and what words
    beside it say is both praise or both blame.
    """
    found = _STARS.match(plain)
    if found is None:
        return None
    after = plain[found.end() :]
    joined = bool(after) and (after[0].isalnum() or after[0] in "%/")
    bare = found[1] in _NUMBERS and not found[2]  # 一好, 三服务: no way to say a level
    agrees = _in_words(after.lstrip(_EDGE), "")
    level = _NUMBERS.get(found[1]) or int(found[1])
    if joined and (not _OPENS.match(after) or (bare and agrees.meaning is not Meaning.LEVEL)):
        return None
    differs = agrees.meaning is Meaning.LEVEL and (agrees.level < _FAIR) != (level < _FAIR)
    differs = differs or len(_levels(after)) > 1 or _side(after) * (level - _FAIR) < 0
    if level >= _FAIR and agrees.meaning is not Meaning.LEVEL:
        differs = differs or _doubted(after)
    if differs or _SECOND.match(after):
        return Reply(Meaning.WORDS, rest=said)
    return Reply(Meaning.LEVEL, level, _rest(said[found.end() :]))


def _doubted(after: str) -> bool:
    """Say whether the name of a level that follows blames, or may be denied: 4很难满意."""
    named = _NAMES.search(after)
    blames = named is not None and _LEVELS[named[0]] < _FAIR
    return blames or bool(named and _DOUBT.search(after[: named.start()]))


_DOUBT = re.compile(r"[不没未难无非谈称算]")  # before a level's name it may be denied
_FAIR = 3  # the least level that is no bad rating
_NAMES = re.compile("|".join(words for words, _ in _WORDS))
_LEVELS = dict(_WORDS)
_PRAISE = (
    "好评|非常好|很好|真好|太好|挺好|最好|特别好|不错|点赞|赞|谢|棒|优秀|热情|耐心|周到|认真|高效|完美|贴心|"
    "很快|快捷|方便|👍|👏|(?<!\\w)好(?!\\w)|(?:态度|服务|效率|都)好(?!\\w)"
)
_BLAME = (
    "差评|差|失望|糟|垃圾|烂|投诉|不满|慢|推诿|推脱|恶劣|不好|不行|不快|不高兴|敷衍|拖|刁难|混乱|生气|气死|坑|"
    "难办|麻烦|没人|👎|😡|💩"
)
_PRAISED = re.compile(f"(?:{_PRAISE})")
_BLAMED = re.compile(rf"(?:不|没|没有|不够|不太|毫无|并不|谈不上)(?:{_PRAISE})|{_BLAME}")
_NO_BLAME = re.compile(rf"不错|(?:没有?|不|毫不|从不|并不|不再|一点也?都?不)(?:{_BLAME})")


def _levels(plain: str) -> set[int]:
    """Return the levels whose names occur."""
    return {_LEVELS[one] for one in _NAMES.findall(plain)}


def _side(plain: str) -> int:
    """Return 1 where words praise, -1 where they blame, 0 where they do neither or both."""
    bare = _NAMES.sub(" ", plain)
    left = _NO_BLAME.sub(" ", bare)
    blames = bool(_BLAMED.search(left))
    praises = bool(_PRAISED.search(_BLAMED.sub(" ", left))) or "不错" in bare
    return praises - blames


_BETWEEN = re.compile(r"[\s\W_]+")
_UNSUBSCRIBE = re.compile(rf"{_ASKED}(?:{_GOES}|T|N)+")


_SO_SO = re.compile(r"般?[吧啊呀哦了的]*(?:$|[^\w])")
_DIGIT = re.compile(r"[^\w]*([1-5])\s*(?:分|颗?星|级)?(?:$|[^\w])")  # 满意1, 不满意 5星


def _contradicted(after: str, level: int) -> bool:
    """Say whether what follows the name of a level praises where it blames, or the other way."""
    digit = _DIGIT.match(after)
    other = int(digit[1]) if digit else level
    return _side(after) * (level - _FAIR) < 0 or (other < _FAIR) != (level < _FAIR)


def _in_words(plain: str, said: str) -> Reply:
    """Understand a level that is written in words; what is not certain is no level."""
    asked = Reply(Meaning.WORDS, rest=said)
    if _UNCERTAIN.search(plain) or _TAKEN_BACK.search(plain, 2) or len(_levels(plain)) > 1:
        return asked
    for pattern, level in ((_STRONGLY, 1), (_DENIED, 2)):
        if found := pattern.match(plain):
            if _contradicted(plain[found.end() :], level):
                return asked
            return Reply(Meaning.LEVEL, level, _rest(said[found.end() :]))
    first = _NAMES.search(plain)
    if first is None or not _PLAINLY.fullmatch(plain[: first.start()]):
        return asked  # 我非常满意, 服务很满意; but 未必很满意, 挑不出不满意
    level, after = _LEVELS[first[0]], plain[first.end() :]
    usually = first[0] == "一般" and not _SO_SO.match(after)  # 一般几点下班, 一般情况下
    if usually or _contradicted(after, level):
        return asked
    return Reply(Meaning.LEVEL, level, _rest(said[first.end() :]))


def _rest(text: str) -> str:
    """Return what was written besides the level.

    The name of the level itself, as copied from the question, says nothing more.
    """
    rest = text.strip(_EDGE)
    for words, _ in _WORDS:
        rest = rest.removeprefix(words)
    return rest.strip(_EDGE)
