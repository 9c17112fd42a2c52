"""What `hcp doctor` says of a platform that runs: its readers, its schedules, its clock.

Not asked before a start, for starting it again is what mends most of it.
"""

from collections.abc import Iterator

from haochaping.feed import queries as feed
from haochaping.kernel import clock
from haochaping.kernel.moments import LOCAL
from haochaping.kernel.words import Words
from haochaping.site.upkeep import Check


def examine() -> Iterator[Check]:
    """Yield how the platform goes on."""
    yield from _readers()
    yield from _troubles()


def _readers() -> Iterator[Check]:
    """Say how far each reader of the feed is, and what it failed with last."""
    state, now = feed.state(), clock.now()
    yield Check(
        0,
        Words(
            f"数据流：待编号 {state['pending']} 条，已编号 {state['head']} 批",
            f"feed: {state['pending']} pending, {state['head']} batches",
        ),
    )
    for reader in feed.readers():
        lag = int((now - reader.oldest).total_seconds()) if reader.oldest else 0
        says = Words(
            f"读取方 {reader.name}：落后 {reader.behind} 批（{lag} 秒）",
            f"reader {reader.name}: {reader.behind} batches behind ({lag} s)",
        )
        if reader.error and reader.failing_since:
            since = f"{reader.failing_since.astimezone(LOCAL):%m-%d %H:%M}"
            says = Words(
                f"{says.zh}；自 {since} 起出错：{reader.error}。"
                "数据仍在等待，修复后自动继续，见日志",
                f"{says.en}; failing since {since}: {reader.error}; nothing is lost, see the log",
            )
        severity = 2 if reader.error else 1 if lag > feed.LAG.seconds else 0
        yield Check(severity, says)


def _troubles() -> Iterator[Check]:
    """Say which schedules fail, whether the clock jumped, and what readers set aside."""
    for trouble in feed.troubles():
        since = f"{trouble.since.astimezone(LOCAL):%m-%d %H:%M}"
        yield Check(
            2,
            Words(
                f"{trouble.name}：自 {since} 起出错 {trouble.times} 次：{trouble.error}，见日志",
                f"{trouble.name}: in trouble since {since}, {trouble.times} times: "
                f"{trouble.error}; see the log",
            ),
        )
    for name, number, error in feed.aside():
        yield Check(
            2,
            Words(
                f"读取方 {name}：{number} 条数据无法处理，已放到一边并会重试：{error}，见日志",
                f"reader {name}: {number} facts could not be taken; they are set aside and tried "
                f"again: {error}, see the log",
            ),
        )
