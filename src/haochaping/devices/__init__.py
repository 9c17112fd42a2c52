"""Tablets 平板评价器, terminals 自助终端 and boxes 硬件评价器: pairing, state, calls, protocol."""
