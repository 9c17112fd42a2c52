"""The detectors, one file each, in the order of the trust design §2.3 (D1…D19)."""

from collections.abc import Mapping

from haochaping.detection.detectors import (
    burst,
    change,
    clock_profile,
    copies,
    coverage,
    discord,
    fate,
    ghost,
    hasty,
    heaping,
    network,
    paper,
    pressure,
    response,
    reuse,
    ring,
    sabotage,
    shape,
    terminal,
)
from haochaping.detection.rules.detector import Detector

DETECTORS: Mapping[str, Detector] = {
    one.DETECTOR.key: one.DETECTOR
    for one in (
        reuse,
        burst,
        hasty,
        clock_profile,
        shape,
        change,
        discord,
        response,
        sabotage,
        ring,
        copies,
        ghost,
        network,
        terminal,
        fate,
        pressure,
        heaping,
        coverage,
        paper,
    )
}
