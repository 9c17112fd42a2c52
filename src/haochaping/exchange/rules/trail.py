"""What the audit trail calls what is done here."""

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.words import Words

TRAIL: Trail = {
    "channel": Subject(Words("渠道", "channel"), {"probe": Words("渠道巡检", "Tested a channel")}),
    "hotline": Subject(
        Words("12345 系统", "12345 system"),
        {
            "connect": Words("建立对接", "Connected"),
            "start": Words("启用", "Started"),
            "stop": Words("停用", "Stopped"),
        },
    ),
    "partner": Subject(
        Words("对接方", "partner"),
        {
            "connect": Words("建立对接", "Connected"),
            "settle": Words("修改口径", "Changed the conventions"),
            "stop": Words("停用", "Stopped"),
            "move": Words("更改地址", "Changed the address"),
            "agree": Words("修改约定", "Changed the terms"),
            "follow_successor": Words("随部门合并扩展", "Followed a merger of departments"),
            "renew": Words("更换密钥", "Exchanged the secret"),
            "history": Words("补报历史", "Had it told what happened before"),
            "start": Words("启用", "Started"),
            "disconnect": Words("断开对接", "Disconnected"),
            "resend": Words("重新报送", "Sent again"),
            "compare_file": Words("以文件对账", "Compared with a file"),
            "close": Words("了结差异", "Closed a difference"),
            "take_again": Words("来件全部重收", "Took all messages in again"),
        },
    ),
    "received": Subject(
        Words("来件", "received message"),
        {"correct": Words("更正后重收", "Corrected"), "drop": Words("作废", "Dropped")},
    ),
}
