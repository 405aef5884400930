# SPDX-License-Identifier: Apache-2.0
"""Comparisons by trees: of two numbers bit by bit, and of several numbers pair by pair. Combinational.

::

    7 ─┐
       ├─ 3 ─┐                    of equal ones the first goes on; who cannot, only if nobody else can
    3 ─┘     ├─ 1, number 2
    1 ───────┘
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from amaranth.hdl import Const, Module, Signal, Value

__all__ = ["Candidate", "compare", "largest", "least"]


def compare(a: Value, b: Value) -> tuple[Value, Value]:
    """Whether a is equal to and whether it is less than b: a tree, less deep than a carry chain, and smaller.

    Parameters
    ----------
    a, b
        Unsigned, of one width.
    """
    if len(a) == 1:
        return a == b, ~a & b
    half = len(a) // 2
    (low_same, low_less), (same, less) = compare(a[:half], b[:half]), compare(a[half:], b[half:])
    return same & low_same, less | same & low_less


@dataclass(frozen=True)
class Candidate:
    """One of several numbers: whether it counts, the number, and which it is."""

    can: Value
    key: Value
    number: Value


def least(m: Module, can: Value, keys: Sequence[Value], name: str) -> Candidate:
    """Find the least key of those that can; of several the first, and if none can any.

    Parameters
    ----------
    m
        Where the comparisons go.
    can
        One bit for each key: whether it counts.
    keys
        Unsigned, of one width.
    name
        Prefix of the signals' names.
    """
    return _best(m, can, keys, name, lambda high, low: high < low)


def largest(m: Module, keys: Sequence[Value], name: str) -> Candidate:
    """Find the largest key, of several the first; the rest is as for `least`."""
    return _best(m, Const(-1, len(keys)), keys, name, lambda high, low: high > low)


def _best(
    m: Module, can: Value, keys: Sequence[Value], name: str, better: Callable[[Value, Value], Value]
) -> Candidate:
    bits = max(1, (len(keys) - 1).bit_length())
    left = [Candidate(can[number], key, Const(number, bits)) for number, key in enumerate(keys)]
    while len(left) > 1:
        pairs = list(zip(left[::2], left[1::2], strict=False))
        joined = [
            _join(m, low, high, f"{name}_{len(left)}_{number}", better) for number, (low, high) in enumerate(pairs)
        ]
        left = joined + left[len(joined) * 2 :]
    return left[0]


def _join(m: Module, low: Candidate, high: Candidate, name: str, better: Callable[[Value, Value], Value]) -> Candidate:
    """Return the better of two."""
    best = Candidate(
        Signal(name=f"{name}_can"),
        Signal(len(low.key), name=f"{name}_key"),
        Signal(len(low.number), name=f"{name}_number"),
    )
    m.d.comb += [best.can.eq(low.can | high.can), best.key.eq(low.key), best.number.eq(low.number)]
    with m.If(high.can & (~low.can | better(high.key, low.key))):
        m.d.comb += [best.key.eq(high.key), best.number.eq(high.number)]
    return best
