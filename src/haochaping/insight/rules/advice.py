"""What to do next: what the figures of a unit suggest to whoever answers for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from haochaping.insight.rules.course import Change
from haochaping.insight.rules.fair import Band
from haochaping.insight.rules.measure import Facts
from haochaping.kernel.words import Words

_FEW_RATE, _MANY_ONE_KIND, _IN_TIME, _REOPENED = 0.05, 0.3, 0.95, 0.1
_SOME = 20  # of anything, before it is spoken of


@dataclass(frozen=True)
class Advice:
    """A suggestion and the figures behind it."""

    says: Words
    why: Words


def advise(
    facts: Facts,
    *,
    band: Band | None,
    complaints: Sequence[tuple[Words, float]],
    changes: Sequence[tuple[Words, Change]],
) -> list[Advice]:
    """Return suggestions, the most pressing first. `complaints` are the bad indicators with their
    shares, `changes` the lasting changes of the bad share with when they began.
    """
    found = [
        _below(band),
        _changed(changes),
        _one_kind(facts, complaints),
        _late(facts),
        _not_holding(facts),
        _few(facts),
    ]
    return [one for one in found if one is not None]


def _below(band: Band | None) -> Advice | None:
    if band not in (Band.LOW, Band.LOWISH):
        return None
    return Advice(
        Words("与同类相比偏低，逐条看最近的差评", "Below its peers: read its bad ratings"),
        Words("已考虑偶然波动", "Chance is allowed for"),
    )


def _changed(changes: Sequence[tuple[Words, Change]]) -> Advice | None:
    if not changes:
        return None
    when, change = changes[-1]
    says = (
        Words(
            f"自{when.zh}起差评率上升，查当时有何变化",
            f"Since {when.en} fewer are satisfied: what changed then?",
        )
        if change.after > change.before
        else Words(
            f"自{when.zh}起差评率下降，做法可推广",
            f"Since {when.en} more are satisfied: worth copying",
        )
    )
    before, after = f"{change.before * 10000:.0f}", f"{change.after * 10000:.0f}"
    return Advice(says, Words(f"每万件 {before} → {after}", f"{before} → {after} per 10 000"))


def _one_kind(facts: Facts, complaints: Sequence[tuple[Words, float]]) -> Advice | None:
    if not complaints or facts.counts.adjusted.bad < _SOME or complaints[0][1] < _MANY_ONE_KIND:
        return None
    says, share = complaints[0]
    return Advice(
        Words(f"先解决“{says.zh}”", f"Begin with “{says.en}”"),
        Words(f"占差评指标 {share:.0%}", f"{share:.0%} of what was bad"),
    )


def _late(facts: Facts) -> Advice | None:
    loop = facts.loop
    if loop.due < _SOME or loop.due_replied_in_time / loop.due >= _IN_TIME:
        return None
    late = loop.due - loop.due_replied_in_time
    return Advice(
        Words("按期答复：检查谁在拖", "Answer in time: see who is late"),
        Words(f"{loop.due} 件到期，{late} 件超期", f"{late} of {loop.due} were late"),
    )


def _not_holding(facts: Facts) -> Advice | None:
    loop = facts.loop
    if loop.opened < _SOME or loop.reopened / loop.opened < _REOPENED:
        return None
    return Advice(
        Words("整改没有落实，回头看重新交办的", "Fixes did not hold: look at the reopened"),
        Words(f"重新交办 {loop.reopened} 次", f"reopened {loop.reopened} times"),
    )


def _few(facts: Facts) -> Advice | None:
    counts = facts.counts.adjusted
    if counts.services < _SOME * 5 or counts.rated / counts.services >= _FEW_RATE:
        return None
    return Advice(
        Words("评价的人太少：检查评价器、二维码和短信", "Too few rate: check the devices"),
        Words(
            f"{counts.services} 件服务，{counts.rated} 件有评价",
            f"{counts.rated} of {counts.services} services were rated",
        ),
    )
