"""The table of moves as documents show it."""

from haochaping.orders.rules.moves import ANY_OPEN, MOVES
from haochaping.orders.rules.vocabulary import State


def diagram() -> str:
    """Return the states and moves as a mermaid diagram, for docs/orders-states.md.

    What leaves the order where it is stands below it.
    """
    lines = ["stateDiagram-v2", "  [*] --> opened"]
    for name, move in MOVES.items():
        if move.target is not None:
            lines += [
                f"  {source} --> {move.target}: {move.says.zh} {name}"
                for source in State
                if source in move.sources
            ]
    return "\n".join([*lines, "  closed --> rectifying: 重新交办 revive", "  closed --> [*]"])


def matrix() -> str:
    """Return every move with who may make it, from where and what it needs, as a Markdown table."""
    lines = [
        "| move | says | right | from | needs | may | track |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, move in MOVES.items():
        sources = (
            "any open"
            if move.sources == ANY_OPEN
            else ", ".join(source for source in State if source in move.sources)
        )
        track = (
            f"opens {move.opens}" if move.opens else f"ends {move.closes}" if move.closes else ""
        )
        lines.append(
            f"| {name} | {move.says.zh} {move.says.en} | {move.right} | {sources} | "
            f"{', '.join(move.needs)} | {', '.join(move.may)} | {track} |"
        )
    return "\n".join(lines)
