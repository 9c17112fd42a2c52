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
_STARS = re.compile(
    r"^(?:我?(?:选择?|打|评|回复|给))?\s*([1-5]|一(?!般|次|直)|[二两三四五壹贰叁肆伍])\s*(?:分|星|级|颗星)?(?![0-9０-９月日号点个次天年])(.*)$",
    re.DOTALL,
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
    if plain.upper() in ("TD", "T", "退订", "QX", "N"):
        return Reply(Meaning.UNSUBSCRIBE)
    found = _STARS.match(plain)
    if found:
        level = _NUMBERS.get(found[1]) or int(found[1])
        return Reply(Meaning.LEVEL, level, _rest(said[found.start(2) :]))
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
