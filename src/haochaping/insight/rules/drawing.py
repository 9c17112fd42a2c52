"""The geometry of charts: numbers in, points on a drawing out. Templates only write it down."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Axis:
    """A scale with round ticks: value → place on the drawing."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...]

    def at(self, value: float) -> float:
        """Return the place of a value, within the drawing."""
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.0
        return round(self.start + min(1.0, max(0.0, share)) * (self.end - self.start), 2)


def axis(low: float, high: float, start: float, end: float, *, ticks: int = 5) -> Axis:
    """Return a scale from round number to round number that holds these values."""
    if high <= low:
        high = low + (abs(low) or 1.0)
    raw = (high - low) / max(ticks - 1, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(one * power for one in (1, 2, 2.5, 5, 10) if one * power >= raw * 0.999999)
    first, last = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    count = round((last - first) / step)
    return Axis(first, last, start, end, tuple(first + step * n for n in range(count + 1)))


def powers(low: float, high: float, start: float, end: float) -> Axis:
    """Return a scale of logarithms (base 10) between two counts, with a tick at each power of ten
    within.
    """
    first, last = math.log10(low), math.log10(max(high, low * 10))
    ticks = range(math.ceil(first), math.floor(last) + 1)
    return Axis(first, last, start, end, tuple(float(power) for power in ticks))


@dataclass(frozen=True)
class Bar:
    """An upright bar."""

    x: float
    y: float
    width: float
    height: float


def bars(values: Sequence[float], scale: Axis, left: float, right: float) -> tuple[Bar, ...]:
    """Return bars of values side by side, standing on the bottom of the scale."""
    if not values:
        return ()
    step = (right - left) / len(values)
    width = min(max(step * 0.62, 1.0), 34.0)
    return tuple(
        Bar(
            round(left + step * (at + 0.5) - width / 2, 2),
            scale.at(value),
            round(width, 2),
            round(scale.start - scale.at(value), 2),
        )
        for at, value in enumerate(values)
    )


def centres(count: int, left: float, right: float) -> tuple[float, ...]:
    """Return the middles of places side by side."""
    step = (right - left) / max(count, 1)
    return tuple(round(left + step * (at + 0.5), 2) for at in range(count))


def path(points: Sequence[tuple[float, float | None]]) -> str:
    """Return an SVG path through points, broken where there is none."""
    parts, drawing = [], False
    for x, y in points:
        if y is None:
            drawing = False
            continue
        parts.append(f"{'L' if drawing else 'M'}{x:g} {y:g}")
        drawing = True
    return " ".join(parts)


def strip(xs: Sequence[float], low: Sequence[float], high: Sequence[float]) -> str:
    """Return an SVG path around what lies between two lines."""
    if not xs:
        return ""
    there = [f"{x:g} {y:g}" for x, y in zip(xs, high, strict=True)]
    back = [f"{x:g} {y:g}" for x, y in zip(reversed(xs), reversed(low), strict=True)]
    return "M" + " L".join([*there, *back]) + " Z"


def specks(points: Iterable[tuple[float, float]]) -> str:
    """Return an SVG path that sets a point at each place, for a stroke with round ends; of those
    that fall together one.
    """
    return "".join([f"M{x:.0f} {y:.0f}h0" for x, y in {(round(x), round(y)) for x, y in points}])


# where the thirteen cities stand on the tile map (frontend design §5): code → column, row
TILES: dict[int, tuple[int, int]] = {
    320300: (0, 0), 320700: (2, 0), 321300: (1, 1), 320800: (2, 1), 320900: (3, 1),
    321000: (2, 2), 321200: (3, 2), 320600: (4, 2), 320100: (1, 3), 321100: (2, 3),
    320400: (3, 3), 320200: (4, 3), 320500: (5, 3),
}  # fmt: skip
