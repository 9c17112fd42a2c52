"""Words of the audit trail about going on with the ledger."""

from haochaping.audit.rules import Subject, Trail
from haochaping.kernel.words import Words

TRAIL: Trail = {
    "ledger": Subject(
        Words("存证账本", "ledger"),
        {
            "admit": Words("公开更正", "Said in public what cannot be put back"),
            "open_sample": Words("为抽样核对打开叶子", "Opened leaves that an auditor drew"),
            "say_sampled": Words("公布抽样核对结果", "Said what an auditor's sample found"),
            "announce_canaries": Words("公布暗访名单摘要", "Entered the digest of a sealed list"),
            "reveal_canaries": Words("公布暗访结果", "Said what became of a sealed list"),
            "recover": Words("从镜像恢复", "Recovered from a mirror"),
        },
    )
}
