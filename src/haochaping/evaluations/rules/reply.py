"""What a reply by SMS means (domain §5)."""

import re
import unicodedata
from dataclasses import dataclass
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
    "很|太|非常|特别|十分|真|服务|态度|满意|不满|不太满|基本满|一般|好|差|不错|谢|感谢|点赞"
)
# another digit that is a level as well (5或4, 1 2 3 4 5), a decimal, a time, a list's first number
_SECOND = re.compile(
    r"^[^\w\n]*(?:或者?|到|至|和)?[^\w\n]*[1-5一二两三四五](?:分|颗?星|级)?(?=$|[^\w])|^[.:：/]\d|"
    r"^[.、)）].*2[.、)）]",
    re.DOTALL,
)
_NOT = r"(?:不是|并不|没有|没|不算|不够|不怎么|不大|不|未|无法|谈不上|称不上)"
_VERY = r"(?:那么|这么|很|太|非常|特别|十分|怎么|完全|算|够|觉得|感到|感觉)*"
# 不是很满意, 没有很满意, 不够满意: whatever degree is denied, the person is not satisfied
_DENIED = re.compile(rf"^(?:我|服务|这次|真的|对此|的|，|,|\s){{0,6}}{_NOT}{_VERY}\s*满意")
_STRONGLY = re.compile(
    r"^(?:我|服务|这次|真的|对此|的|，|,|\s){0,6}(?:非常|很|极|十分|特别|极其)不满意"
)
# two statements, a question or a double denial: what is not certain is asked
_UNCERTAIN = re.compile(
    rf"满意.*(?:不|没).{{0,4}}满意|{_NOT}{_VERY}不{_VERY}满意|{_NOT}什么.{{0,4}}满意|是否满意|"
    r"满意(?:吗|么|没|才怪|个|度|[?？])|满不满意|满意不"
)
_TRADITIONAL = str.maketrans(
    "滿沒這個點務態還專業辦鐘樓號層條張間塊訂評選給復極顆級謝覺兩貳參時無夠稱談",
    "满没这个点务态还专业办钟楼号层条张间块订评选给复极颗级谢觉两贰叁时无够称谈",
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
    return _stars(plain, said) or _in_words(plain + "?" * asked, said)


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
    if joined and (not _OPENS.match(after) or (bare and agrees.meaning is not Meaning.LEVEL)):
        return None
    level = _NUMBERS.get(found[1]) or int(found[1])
    differs = agrees.meaning is Meaning.LEVEL and (agrees.level < _FAIR) != (level < _FAIR)
    if differs or _SECOND.match(after):
        return Reply(Meaning.WORDS, rest=said)
    return Reply(Meaning.LEVEL, level, _rest(said[found.end() :]))


_FAIR = 3  # the least level that is no bad rating
_BETWEEN = re.compile(r"[\s\W_]+")
_UNSUBSCRIBE = re.compile(r"(?:回复?|我要|请)?(?:TD|T|退订|退定|QX|取消订阅|N)+")


def _in_words(plain: str, said: str) -> Reply:
    """Understand a level that is written in words; what is not certain is no level."""
    if _UNCERTAIN.search(plain):
        return Reply(Meaning.WORDS, rest=said)
    for pattern, level in ((_STRONGLY, 1), (_DENIED, 2)):
        if found := pattern.match(plain):
            return Reply(Meaning.LEVEL, level, _rest(said[found.end() :]))
    for words, level in _WORDS:
        place = plain.find(words)
        # 我非常满意, 服务很满意.
        if place == 0 or (0 < place <= 4 and words[0] in "非很不基"):  # noqa: PLR2004
            return Reply(Meaning.LEVEL, level, _rest(said[place + len(words) :]))
    return Reply(Meaning.WORDS, rest=said)


def _rest(text: str) -> str:
    """Return what was written besides the level.

    The name of the level itself, as copied from the question, says nothing more.
    """
    rest = text.strip(_EDGE)
    for words, _ in _WORDS:
        rest = rest.removeprefix(words)
    return rest.strip(_EDGE)
