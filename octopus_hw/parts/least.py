# SPDX-License-Identifier: Apache-2.0
"""The first of the least keys, by a tree of comparisons. Combinational."""

from collections.abc import Sequence
from dataclasses import dataclass

from amaranth.hdl import Const, Module, Signal, Value

from octopus_hw.contract.layout import TBU

__all__ = ["least"]


@dataclass
class _Candidate:
    can: Value
    key: Value
    number: Value


def least(m: Module, can: Value, keys: Sequence[Value], name: str) -> Value:
    """Return which of those that can has the least key, 3 bits; of several the lowest, and if none can any.

    Parameters
    ----------
    m
        Where the comparisons go.
    can
        One bit for each key: whether it counts.
    keys
        At most 8, unsigned, of one width.
    name
        Prefix of the signals' names.
    """
    candidates = [_Candidate(can[number], key, Const(number, TBU)) for number, key in enumerate(keys)]
    while len(candidates) > 1:
        pairs = zip(candidates[::2], candidates[1::2], strict=False)
        better = [
            _better(m, low, high, f"{name}_{len(candidates)}_{number}") for number, (low, high) in enumerate(pairs)
        ]
        candidates = better + candidates[len(better) * 2 :]
    return candidates[0].number


def _better(m: Module, low: _Candidate, high: _Candidate, name: str) -> _Candidate:
    best = _Candidate(
        Signal(name=f"{name}_can"), Signal(len(low.key), name=f"{name}_key"), Signal(TBU, name=f"{name}_number")
    )
    m.d.comb += [best.can.eq(low.can | high.can), best.key.eq(low.key), best.number.eq(low.number)]
    with m.If(high.can & (~low.can | (high.key < low.key))):
        m.d.comb += [best.key.eq(high.key), best.number.eq(high.number)]
    return best
