"""Deadlines in words."""

from datetime import datetime, timedelta

from haochaping.kernel.words import Words


def remaining(due: datetime | None, at: datetime) -> tuple[str, Words]:
    """Return how pressing a deadline is (`none`, `calm`, `soon`, `late`) and the words.

    还剩 5 小时 28 分.
    """
    if due is None:
        return "none", Words("—", "—")
    left = due - at
    span = abs(left)
    if span >= timedelta(days=2):
        words = Words(f"{span.days} 天", f"{span.days} d")
    elif span >= timedelta(hours=1):
        hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
        words = Words(f"{hours} 小时 {minutes} 分", f"{hours} h {minutes} min")
    else:
        minutes = int(span.total_seconds()) // 60
        words = Words(f"{minutes} 分钟", f"{minutes} min")
    if left < timedelta(0):
        return "late", Words(f"超期 {words.zh}", f"{words.en} late")
    return ("soon" if left < timedelta(hours=4) else "calm"), Words(
        f"还剩 {words.zh}", f"{words.en} left"
    )
