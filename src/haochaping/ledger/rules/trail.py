"""Words of the audit trail about the logs."""

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.words import Words

TRAIL: Trail = {
    "ledger": Subject(
        Words("存证账本", "ledger"),
        {
            "freeze": Words("冻结签名", "Froze"),
            "thaw": Words("恢复签名", "Signs again"),
            "rotate_key": Words("更换签名密钥", "Changed the key"),
        },
    )
}
