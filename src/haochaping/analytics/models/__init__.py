"""Roll-ups: additive counts, kept exactly right over the feed (rules/grains.py says what of).

Their SQL reads and writes by statement; Django only knows them. `day` of a month's cell is its
first day, `region` is the county in 12 digits, for scope. Channel 0 is of services, which are
counted whether somebody rates them or not; party is 1 for a person, 2 for an enterprise.
"""

from haochaping.analytics.models.loop import (
    LengthCity,
    LoopCity,
    LoopDay,
    LoopLength,
    LoopMonth,
    OrderSeen,
)
from haochaping.analytics.models.ratings import (
    CityDay,
    CityMonth,
    CodeCity,
    CodeDay,
    CodeMonth,
    CodeWindow,
    DepartmentDay,
    DepartmentMonth,
    DepartmentWhole,
    HourCity,
    HourDay,
    ItemDay,
    ItemMonth,
    ItemWhole,
    PlaceDay,
    PlaceMonth,
    Register,
    StaffMonth,
    WindowDay,
    WindowMonth,
    WindowWhole,
)
