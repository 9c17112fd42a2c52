"""The calls: what each takes and answers, and an example that the tests send."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from haochaping.evaluations import api as rating_api
from haochaping.exchange import rules as exchange
from haochaping.intake import doors
from haochaping.intake.openapi.answers import (
    Called,
    Changes,
    Compared,
    KeyFacts,
    Known,
    Link,
    Messages,
    Outcomes,
    RatingStored,
    RecordStored,
    Rotated,
)
from haochaping.kernel.words import Words, chinese
from haochaping.records import api as record_api

_DEPARTMENT, _ITEM = "11320700MB01070A14", "11320700MB01070A143320101001000"
SERVICE = {"project_no": "3207TEST0001", "service_number": 1}
RECORD = {
    **SERVICE,
    "region": "320700",
    "department_code": _DEPARTMENT,
    "item_code": _ITEM,
    "item_name": chinese("企业设立登记"),
    "served_at": "2026-11-24 09:30:00",
}
RATING = {**SERVICE, "level": 5, "channel": 9, "codes": [510], "words": chinese("很快就办好了")}


@dataclass(frozen=True)
class Call:
    """One call: what it takes, what it answers, and an example that the tests send."""

    path: str
    says: Words
    given: Any
    answers: Mapping[int, Any]
    example: Any
    refuses: tuple[int, ...] = (422,)


CALLS = (
    Call(
        "/api/v1/records",
        Words("登记一次办件服务", "Register a service"),
        record_api.Given,
        {201: RecordStored, 200: RecordStored},
        RECORD,
        (403, 409, 422),
    ),
    Call(
        "/api/v1/records/batch",
        Words("批量登记，最多 1000 条", "Register up to 1000 services"),
        list[record_api.Given],
        {200: RecordStored},
        [RECORD | {"service_number": 2}],
    ),
    Call(
        "/api/v1/records/amendments",
        Words("更正办件：保留历史", "Say what became of a service; history is kept"),
        record_api.Amended,
        {201: RecordStored, 200: RecordStored},
        RECORD | {"status": 3, "reason": chinese("办结")},
        (403, 404, 409, 422),
    ),
    Call(
        "/api/v1/links",
        Words(
            "取得群众评价的地址：最常用", "The address at which the citizen rates: the usual way"
        ),
        doors.LinkWanted,
        {201: Link},
        SERVICE | {"channel": 8},
        (403, 404, 422),
    ),
    Call(
        "/api/v1/calls",
        Words("请窗口平板提示评价", "Have the tablet of a window ask"),
        doors.CallWanted,
        {201: Called},
        SERVICE | {"window_code": "W1"},
        (403, 404, 409, 422),
    ),
    Call(
        "/api/v1/evaluations",
        Words("上报一条评价", "Hand in a rating"),
        rating_api.Given,
        {201: RatingStored, 200: RatingStored, 202: RatingStored},
        RATING,
        (403, 409, 422),
    ),
    Call(
        "/api/v1/evaluations/batch",
        Words("批量上报，最多 1000 条", "Hand in up to 1000 ratings"),
        list[rating_api.Given],
        {200: RatingStored},
        [RATING | {"service_number": 2}],
    ),
    Call(
        "/api/v1/status",
        Words("查询一次服务的状态", "Ask what is known of a service"),
        doors.Service,
        {200: Known},
        SERVICE,
        (403, 404, 422),
    ),
    Call(
        "/api/v1/outcomes",
        Words("等待中的评价结果如何", "What became of ratings that waited"),
        doors.Since,
        {200: Outcomes},
        {"since": 0},
    ),
    Call(
        "/api/v1/changes",
        Words("数据回流：本系统的服务发生了什么", "What happened to your services"),
        doors.Page,
        {200: Changes},
        {"cursor": ""},
    ),
    Call(
        "/api/v1/key",
        Words("本系统的密钥与范围", "Your keys and how far they reach"),
        doors.Nothing,
        {200: KeyFacts},
        {},
    ),
    Call(
        "/api/v1/key/rotate",
        Words("更换密钥", "A new key in place of the one that signs"),
        doors.RotationWanted,
        {201: Rotated},
        {"overlap_hours": 72},
    ),
)

# of partners: at the address of the pages, signed with the key of the exchange
EXCHANGE = (
    Call(
        "/exchange/v1/messages",
        Words(
            "来件：一批消息，最多 1000 条，字段见 docs/integrate/national.md",
            "Messages to us, 1000 at most; fields as docs/integrate/national.md says",
        ),
        exchange.Batch,
        {200: Messages},
        {
            "messages": [
                {
                    "id": "S-1",
                    "family": "service",
                    "document": {
                        "projectNo": "3207TEST0002",
                        "serviceNumber": "1",
                        "areaCode": "320700000000",
                        "deptCode": _DEPARTMENT,
                        "taskCode": _ITEM,
                        "taskName": chinese("企业设立登记"),
                        "serviceTime": "2026-11-24 09:30:00",
                    },
                }
            ]
        },
        (),
    ),
    Call(
        "/exchange/v1/reconcile",
        Words("自查：我们报给你的是什么", "What we told you of a day"),
        exchange.Question,
        {200: Compared},
        {"day": "2026-11-24", "family": "evaluation", "prefix": "", "want": "node"},
        (),
    ),
)
