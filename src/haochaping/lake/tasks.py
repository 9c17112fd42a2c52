"""Keeping the lake up with the feed."""

from datetime import datetime

from haochaping.kernel.schedule import DAY, HOUR, every


def pull(at: datetime) -> int:
    """Write what is new; return how many facts."""
    # every process knows the reader, but only the worker waits for pyarrow
    from haochaping.lake import actions  # noqa: PLC0415

    return actions.pull(at=at)


@every(seconds=DAY, offset=17 * HOUR + 40 * 60, once=True)  # 01:40 in China
def compact(at: datetime) -> None:
    """Each night: put the files of days that are over together."""
    from haochaping.lake import actions  # noqa: PLC0415 - as above

    actions.compact(at=at)
