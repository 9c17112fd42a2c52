"""Files of ratings in the national field names, and what their channel codes mean in each dialect
(domain §1.4.2, §1.5.1).
"""

from collections.abc import Mapping

from haochaping.evaluations.rules import rating as rules
from haochaping.evaluations.rules.rating import CODE_DIGITS, Channel
from haochaping.kernel.headings import Columns
from haochaping.kernel.numbers import flag, whole, wholes
from haochaping.kernel.words import chinese

_COMMON = {1: Channel.WEB, 2: Channel.MOBILE, 3: Channel.QR, 4: Channel.TABLET, 5: Channel.TERMINAL}
DIALECTS: Mapping[str, Mapping[int, Channel]] = {
    "gg": {**_COMMON, 6: Channel.PHONE, 7: Channel.SMS},  # 6 电话, 7 短信
    "zj": {**_COMMON, 6: Channel.SMS},  # 6 短信, 7 系统默认评价
    "v1": _COMMON,
}
_DEFAULT_IN_ZJ = 7
# the names of domain §1.4.2; those that nothing here reads are known all the same
COLUMNS = Columns(
    frozenset(
        [
            "projectNo",
            "serviceNumber",
            "satisfaction",
            "evalDetail",
            "writingEvaluation",
            "pf",
            "assessTime",
            "evaluateType",
            "name",
            "certKey",
            "anonymityFlag",
            "isDefault",
            "assessNumber",
            "userName",
            "userId",
            "appStatus",
            "status",
            "publicFlag",
            "isprotion",
            "effectivEvalua",
            "evaVersion",
            "evaCode",
            "flag",
            "sync_sign",
            "answerStatus",
            "winName",
            "winUserName",
            "vcode",
            "evaluateUnid",
            "taskType",
        ]
    ),
    needed=(("projectNo",), ("serviceNumber",), ("satisfaction",)),
    # who wants to stay unknown is not named because a column is called otherwise
    also=dict.fromkeys(
        (
            "anonymousFlag",
            "anonymous",
            "anonymity",
            "isAnonymous",
            "anonymFlag",
            chinese("匿名"),
            chinese("是否匿名"),
        ),
        "anonymityFlag",
    ),
)


def from_national(row: Mapping[str, str], dialect: str) -> rules.Given:
    """Turn a row with national field names into a rating to be checked.

    Raises BadRating where a number is no number.
    """
    channel = _number(row, "pf", "channel")
    codes = [
        text.strip()
        for text in row.get("evalDetail", "").replace("|", ",").split(",")
        if text.strip()
    ]
    numbers = wholes(codes, digits=CODE_DIGITS)
    if len(numbers) < len(codes):
        raise rules.refusal("code_unknown", "evalDetail")
    return rules.Given(
        project_no=row.get("projectNo", ""),
        service_number=_number(row, "serviceNumber", "service_number"),
        level=_number(row, "satisfaction", "level"),
        channel=DIALECTS[dialect].get(channel, 0),
        rated_at=row.get("assessTime", "") or "-",
        kind=_number(row, "evaluateType", "kind") if row.get("evaluateType") else rules.Kind.FIRST,
        codes=numbers,
        words=row.get("writingEvaluation", ""),
        rater=rules.Rater(
            name=row.get("name", ""),
            cert_key=row.get("certKey", ""),
            # 1 yes, 2 no (domain §1.4.2); 0 is what everybody else means by no
            anonymous=row.get("anonymityFlag", "") != "2" and _flag(row, "anonymityFlag"),
        ),
        is_default=_flag(row, "isDefault")
        or _flag(row, "isprotion")  # the same, as some say it (domain §1.4.2)
        or (dialect == "zj" and channel == _DEFAULT_IN_ZJ),
    )


def _flag(row: Mapping[str, str], name: str) -> bool:
    """Read yes or no; what is neither is refused: default praise must not pass as a citizen's, nor
    who wants to stay unknown be named.
    """
    said = flag(str(row.get(name, "")))
    if said is None:
        raise rules.refusal("flag", name)
    return said


def _number(row: Mapping[str, str], name: str, field: str) -> int:
    number = whole(row.get(name, "").strip(), digits=6)
    if number is None:
        raise rules.refusal(field, name)
    return number
