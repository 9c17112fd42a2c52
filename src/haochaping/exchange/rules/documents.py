"""What is told of a service, a rating or a rectification, in the national field names (domain
§1.4), whichever envelope it travels in.

All values are texts, so that both sides of a reconciliation can write a document the same way.
"""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import msgspec

from haochaping.evaluations.rules import Channel
from haochaping.exchange.rules.conventions import PF, applicant_kind, project_type
from haochaping.feed.rules import Kind
from haochaping.kernel.ids import key_of_receipt, receipt_number
from haochaping.kernel.moments import LOCAL, day_of
from haochaping.kernel.numbers import KEY, whole
from haochaping.kernel.words import Words

type Document = dict[str, str]


class Family(StrEnum):
    """The three families of the national interface."""

    SERVICE = "service"  # 办件服务记录
    EVALUATION = "evaluation"  # 评价记录
    RECTIFICATION = "rectification"  # 差评整改记录


FAMILIES: Mapping[Family, Words] = {
    Family.SERVICE: Words("办件服务", "Services"),
    Family.EVALUATION: Words("评价", "Ratings"),
    Family.RECTIFICATION: Words("差评整改", "Rectification"),
}
OF_KIND: Mapping[int, Family] = {
    Kind.RECORD: Family.SERVICE,
    Kind.RATING: Family.EVALUATION,
    Kind.FOLLOW_UP: Family.EVALUATION,
    Kind.REPLACED: Family.EVALUATION,
    Kind.SET_ASIDE: Family.EVALUATION,
    Kind.RESTORED: Family.EVALUATION,
    Kind.ERASED: Family.EVALUATION,
    Kind.ORDER: Family.RECTIFICATION,
}
_LETTERS: Mapping[int, str] = {
    Kind.RECORD: "S",
    Kind.RATING: "E",
    Kind.FOLLOW_UP: "F",
    Kind.REPLACED: "C",
    Kind.SET_ASIDE: "X",
    Kind.RESTORED: "Y",
    Kind.ERASED: "D",
}
ADDED, CHANGED = "I", "U"  # flag: of a rating that is new, and of what one has become
_SELF_MADE = "00000000"
_TASK, _AREA = 31, 6
_TRUE = {"uphold": "1", "dismiss": "0"}  # 属实, by the move


def message_id(kind: int, ref: int) -> str:
    """Return the text by which both sides know a message again; the same at every try."""
    return f"R-{ref}" if kind == Kind.ORDER else f"{_LETTERS[kind]}-{receipt_number(ref)}"


def message_of(text: str) -> tuple[int, int] | None:
    """Return kind and reference of such a text, None for what is none."""
    letter, _, number = text.strip().partition("-")
    if letter == "R":
        ref = whole(number, digits=KEY)
        return None if ref is None else (Kind.ORDER, ref)
    kind = next((kind for kind, one in _LETTERS.items() if one == letter), None)
    key = key_of_receipt(number)
    return None if kind is None or key is None else (kind, key)


def digest(document: Mapping[str, str]) -> bytes:
    """Return 16 bytes that stand for a document: of SHA-256 over its JSON with sorted names."""
    return hashlib.sha256(msgspec.json.encode(document, order="sorted")).digest()[:16]


DAYS: Mapping[str, str] = {  # the field of a document that says of which day it is, by family
    "service": "serviceTime",
    "evaluation": "assessTime",
    "rectification": "time",
}


def day_told(family: str, document: Mapping[str, str]) -> date | None:
    """Return of which day a document is, as both sides can tell; None where it does not say."""
    return day_of(document.get(DAYS[family], ""))


def moment(at: datetime | None) -> str:
    """Return a moment as the national interface writes it, in China's time."""
    return at.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def self_made(item_code: str) -> bool:
    """Say whether an item was made locally: eight zeros in its code (domain §7)."""
    return _SELF_MADE in item_code


def project_no(number: str, ways: Mapping[str, str]) -> str:
    """Return a case number that is the only one in the nation. The prefix always goes before it:
    left out where a number begins like it, 0799001 and 320799001 would be one (domain §1.2).
    """
    return f"{ways['prefix']}{number}"


def of_service(fact: Mapping[str, Any], ways: Mapping[str, str]) -> Document:
    """Return 办件服务记录."""
    code, area = fact["item_code"], str(fact["region"])
    return _filled(
        {
            **_key(fact, ways),
            "areaCode": area[:_AREA] if ways["area"] == "6" else area,
            "deptCode": fact["uscc"],
            "orgcode": f"{area}_{fact['uscc']}",
            "proDepart": fact["department"],
            "taskCode": code[:_TASK] if ways["task"] == "31" else code,
            "taskHandleItem": code if len(code) > _TASK else "",
            "taskName": fact["item"],
            "taskType": fact["task_type"],
            "projectType": project_type(fact, ways["kinds"]),
            "proStatus": str(fact["status"]),
            "acceptDate": moment(fact["accepted_at"]),
            "resultDate": moment(fact["finished_at"]),
            "serviceName": fact["service_name"],
            "serviceTime": moment(fact["served_at"]),
            "userName": fact["applicant"],
            "userProp": applicant_kind(fact["applicant_kind"], ways["people"]),
            "userPageType": fact["certificate_type"],
            # what a window was told is of the government's own net
            "certKeyGOV" if fact["online"] is False else "certKey": fact["cert_key"],
            "mobile": fact["phone"],
            "proManager": fact["staff"],
            "proManagerNo": fact["staff_number"],
            "proChannel": {True: "1", False: "2", None: ""}[fact["online"]],
            "windowCode": fact["window_code"] or "",
            "dataSource": ways["source"],
        }
    )


def of_rating(
    fact: Mapping[str, Any], rating: Mapping[str, Any], kind: int, ways: Mapping[str, str]
) -> Document:
    """Return 评价记录: of a first rating, a follow-up, or what a rating has become."""
    return _filled(
        {
            **_key(fact, ways),
            "satisfaction": str(rating["level"]),
            "evalDetail": ways["joiner"].join(str(code) for code in rating["codes"]),
            "writingEvaluation": rating["words"] or "",
            "pf": PF[ways["channels"]][Channel(rating["channel"])],
            "assessTime": moment(rating["at"]),
            "evaluateType": "2" if kind == Kind.FOLLOW_UP else "1",
            "appStatus": ways["reviewed"],
            "isDefault": "0",
            "anonymityFlag": {True: "1", False: "2", None: ""}[rating.get("anonymous")],
            "effectivEvalua": "0" if kind == Kind.SET_ASIDE else "1",
            "flag": ADDED if kind in (Kind.RATING, Kind.FOLLOW_UP) else CHANGED,
        }
    )


def of_step(fact: Mapping[str, Any], step: Mapping[str, Any], ways: Mapping[str, str]) -> Document:
    """Return 差评整改记录: what was done to an order; words only where they were given along."""
    return _filled(
        {
            **_key(fact, ways),
            "rectifyId": str(step["id"]),
            "workOrderNo": step["order_number"],
            "theirOrderNo": step["theirs"],
            "action": step["move"],
            "status": step["state"],
            "time": moment(step["at"]),
            "responsibleDept": fact["uscc"],
            "truthFlag": _TRUE.get(step["move"], ""),
            "finding": step["finding"],
            "measure": step["measures"],
            "replyToCitizen": step["reply"],
            "callbackSatisfied": step["satisfaction"],
        }
    )


def _key(fact: Mapping[str, Any], ways: Mapping[str, str]) -> Document:
    return {
        "projectNo": project_no(fact["project_no"], ways),
        "serviceNumber": str(fact["service_number"]),
    }


def _filled(document: Document) -> Document:
    return {name: value for name, value in document.items() if value != ""}
