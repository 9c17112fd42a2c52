"""How much gaming the detectors see, and how often they cry wolf (trust design §2.4, §2.5).

Twenty seeds of a province's month (1 500 windows), each clean and with fourteen mechanical frauds
and three that look like people, at an intensity of a fifth. Last line: one JSON object with
`recall_min` (of the mechanical frauds, all seeds together), `precision` (of everything flagged),
`false_alarm_ratio` (flagged in clean traffic over flagged in cheated) and `seconds`.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing import Pool

from haochaping.detection.detectors import DETECTORS
from haochaping.detection.rules.detector import Unit
from haochaping.detection.rules.world import World
from haochaping.detection.tests.made import HUMAN, MECHANICAL, cheated, honest

SEEDS, INTENSITY = 20, 0.2
HOME = {Unit.WINDOW: lambda unit: unit, Unit.STAFF: lambda unit: unit // 2}


def flagged(world: World) -> Iterator[tuple[str, Unit, int]]:
    """Yield what the detectors flag: detector, kind of unit, unit; staff under their window."""
    for detector in DETECTORS.values():
        scored = detector.score(world)
        for unit in scored.units[scored.flagged].tolist():
            if detector.unit is Unit.DEPARTMENT:
                yield detector.key, Unit.DEPARTMENT, unit
            else:
                yield detector.key, Unit.WINDOW, HOME[detector.unit](unit)


def one(seed: int) -> dict[str, object]:
    """Return what was seen and what was not, of one seed."""
    clean = honest(seed)
    world, labels = cheated(clean, seed, intensity=INTENSITY)
    guilty = {(kind, int(unit)) for kind, units in labels.units.values() for unit in units}
    alarms = list(flagged(world))
    seen = {(kind, unit) for _, kind, unit in alarms}
    hit = Counter[str]()
    by: Counter[tuple[str, str]] = Counter()
    for name, (kind, units) in labels.units.items():
        hit[name] = sum((kind, int(unit)) in seen for unit in units)
        for key, of, unit in alarms:
            if of is kind and unit in units:
                by[name, key] += 1
    return {
        "hit": hit,
        "of": Counter({name: len(units) for name, (_, units) in labels.units.items()}),
        "by": by,
        "right": len(seen & guilty),
        "all": len(seen),
        "wrong_by": Counter(key for key, kind, unit in alarms if (kind, unit) not in guilty),
        "clean": len({(kind, unit) for _, kind, unit in flagged(clean)}),
        "clean_by": Counter(key for key, _, _ in flagged(clean)),
    }


def main() -> None:
    """Print what is seen of each fraud and by which detector."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    begun = time.perf_counter()
    with Pool(2) as pool:
        found = pool.map(one, range(seeds), chunksize=1)
    seconds = time.perf_counter() - begun
    total = {
        name: sum((row[name] for row in found), Counter())
        for name in ("hit", "of", "by", "wrong_by", "clean_by")
    }
    recall = {name: total["hit"][name] / total["of"][name] for name in total["of"]}
    print(f"{'fraud':<14}{'seen':>6}  by")
    for name in (*MECHANICAL, *HUMAN):
        by = {key: count for (fraud, key), count in total["by"].items() if fraud == name}
        best = ", ".join(f"{key} {count}" for key, count in Counter(by).most_common(3))
        print(f"{name:<14}{recall[name]:6.2f}  {best}")
    print(
        "flagged though innocent:",
        dict(total["wrong_by"]),
        "in clean traffic:",
        dict(total["clean_by"]),
    )
    whole = sum(int(row["all"]) for row in found)
    print(
        json.dumps(
            {
                "recall_min": round(min(recall[name] for name in MECHANICAL), 3),
                "precision": round(sum(int(row["right"]) for row in found) / max(whole, 1), 3),
                "false_alarm_ratio": round(
                    sum(int(row["clean"]) for row in found) / max(whole, 1), 3
                ),
                "seconds": round(seconds, 1),
            }
        )
    )


if __name__ == "__main__":
    main()
