"""Who holds an order, who decides on it and who supervises it.

As offices and rights, never as persons.
"""

from haochaping.identity.rules import Right
from haochaping.orders import models, rules
from haochaping.regions.rules import PROVINCE_OF_THE_PLATFORM, Level, city_of, level_of, parent_of

type Office = tuple[
    int, Right, int | None
]  # region code of the office, the right that its people hold, department
_CALLING = (rules.State.REPLIED, rules.State.CALLED)


def desk_of(order: models.Order) -> int:
    """Return the region of the city whose 12345 centre works on an order.

    The province's own for its departments.
    """
    return city_of(order.region)


def told(order: models.Order, verb: str, department_region: int) -> list[Office]:
    """Return who hears of a step: who decides on what is asked, else whom it concerns."""
    move = rules.MOVES.get(verb)
    if move is not None and move.asks:
        return deciders(order)
    return holders(order, verb, department_region)


def holders(order: models.Order, verb: str, department_region: int) -> list[Office]:
    """Return whom a step concerns.

    Whoever holds the order now and, of supervision and circulars, the office above.
    """
    found: list[Office] = []
    if order.state == rules.State.OPENED:
        found.append((desk_of(order), Right.DISPATCH, None))
    elif order.state in _CALLING:
        found.append((desk_of(order), Right.CALL_BACK, None))
    else:
        found.append((department_region, Right.HANDLE, order.department_id))
    move = rules.MOVES.get(verb)
    if move is not None and move.opens in rules.HIGHER:
        found.append((above(department_region), Right.SUPERVISE, None))
    return found


def above(region: int) -> int:
    """Return the office that supervises a region's departments.

    The city those of its counties, the province those of its cities.
    """
    parent = parent_of(region)
    while parent is not None and level_of(parent) < Level.CITY:
        parent = parent_of(parent)
    return parent or PROVINCE_OF_THE_PLATFORM


def deciders(order: models.Order) -> list[Office]:
    """Return who decides on what is asked beside an order.

    The city's office, and the province's, from which a second person may come.
    """
    return [
        (office, Right.DECIDE, None)
        for office in sorted({desk_of(order), PROVINCE_OF_THE_PLATFORM})
    ]
