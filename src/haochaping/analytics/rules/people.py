"""How many different people rated, estimated from registers (HyperLogLog)."""

import math

REGISTERS = 4096
ERROR = 1.04 / math.sqrt(REGISTERS)  # standard error of the estimate: 1.6 %


def estimate(touched: int, sum_of_powers: float) -> float:
    """Return the number of people behind registers of which so many were touched, with the sum of
    2^−rho over those (Flajolet et al. 2007, with linear counting where few were touched).
    """
    untouched = REGISTERS - touched
    alpha = 0.7213 / (1 + 1.079 / REGISTERS)
    raw = alpha * REGISTERS**2 / (sum_of_powers + untouched)
    if raw <= 2.5 * REGISTERS and untouched:
        return REGISTERS * math.log(REGISTERS / untouched)
    return raw
