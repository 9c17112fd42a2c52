"""How the offices of the demonstration differ, and how they changed."""

from datetime import date

OF_ENTERPRISES = frozenset(
    ("企业设立登记", "企业变更登记", "食品经营许可新办", "公共场所卫生许可", "建筑工程施工许可")
)
_WEAK = "生育保险待遇申领"  # the step at which a package breaks, everywhere


def burden(region: int, kind: str, item: str, ago: int) -> float:
    """Return by how much more often an office is rated badly than usual, so many days ago."""
    if item == _WEAK:
        return 4.0
    match region // 10**6, kind:
        case 320700, "自然资源和规划局":  # worse since a reorganisation
            return 3.5 if ago < 150 else 1.0  # noqa: PLR2004 - days
        case 320500, "公安局":  # better since a new hall
            return 0.5 if ago < 120 else 3.0  # noqa: PLR2004 - days
        case 320900, "行政审批局":  # always worse than its peers
            return 3.0
    return 1.0


def share_of_enterprises(item: str) -> float:
    """Return how many of an item's applicants are enterprises."""
    return 0.85 if item in OF_ENTERPRISES else 0.06


DENSE = 90  # days that are shown in full; before, so that a year can be compared, a part
THIN = 0.3


def density(day: date, today: date) -> float:
    """Return how full a day of the demonstration is."""
    return 1.0 if (today - day).days < DENSE else THIN
