"""What is wrong with a channel."""

from collections.abc import Sequence

from haochaping.analytics.rules import Counts
from haochaping.kernel.words import Words

NEVER = 0.001  # how unlikely it must be that so many ratings hold no bad one, before we say so
_USUAL = 1.2e-4  # bad ratings in public figures: at least 1.2 in 10 000 (domain §9.3)


def alarms(counts: Counts, whole: Counts, failed: Sequence[int], *, tested: bool) -> list[Words]:
    """Return what is wrong with a channel. A channel that takes good ratings only is seen by the
    first rule the same day, by the second soon.

    The second compares with the share of bad ratings over all channels (at least the public 1.2 in
    10 000): n ratings without a bad one have the chance (1 - p)^n.
    """
    found = []
    bad = [level for level in failed if level <= 2]  # noqa: PLR2004 - 差评
    if bad and len(failed) < 5:  # noqa: PLR2004 - all levels
        found.append(
            Words(
                "巡检：差评提交不了，好评可以！请立即检查。",
                "Our test: bad ratings are refused while good ones are taken. Look at once.",
            )
        )
    elif failed:
        found.append(
            Words(
                f"巡检：{'、'.join(map(str, failed))} 级提交失败。",
                f"Our test: levels {', '.join(map(str, failed))} are refused.",
            )
        )
    if not tested:
        found.append(Words("两天内没有巡检结果。", "No test in two days."))
    share = max(whole.bad / whole.total if whole.total else 0, _USUAL)
    if counts.total and not counts.bad and (1 - share) ** counts.total < NEVER:
        found.append(
            Words(
                f"{counts.total} 条评价中没有一条差评，极不寻常。",
                f"Not one bad rating among {counts.total}: most unusual for this channel.",
            )
        )
    return found
