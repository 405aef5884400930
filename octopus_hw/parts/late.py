# SPDX-License-Identifier: Apache-2.0
"""Choosing late in a cycle between answers that are worked out before."""

from amaranth.hdl import Const, Value

__all__ = ["one_of"]


def one_of(*answers: tuple[Value, Value]) -> Value:
    """Return the value whose condition holds, or 0 if none does; at most one may.

    Synthesis takes a multiplexer as leave to work out only the answer that it lets pass, with one adder or comparator
    for all of them behind the choice: what was to come last then comes first. Gates leave the answers alone.
    """
    result: Value = Const(0, 1)
    for condition, value in answers:
        result = result | (value & condition.replicate(len(value)))
    return result
