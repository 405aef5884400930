# SPDX-License-Identifier: Apache-2.0
"""Choices in one-hot form: what a binary number and a multiplexer would do with more logic, or later in a cycle."""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_

from amaranth.hdl import Cat, Const, Value, ValueLike

__all__ = ["encode", "lowest", "one_of", "pick"]


def one_of(*answers: tuple[Value, ValueLike]) -> Value:
    """Return the value whose condition holds, or 0 if none does; at most one may.

    Synthesis takes a multiplexer as leave to work out only the answer that it lets pass, with one adder or comparator
    for all of them behind the choice: what was to come last then comes first. Gates leave the answers alone.

    Parameters
    ----------
    answers
        Conditions of 1 bit, each with its value.
    """
    terms = ((condition, Value.cast(value)) for condition, value in answers)
    return reduce(or_, (value & condition.replicate(len(value)) for condition, value in terms))


def pick(one_hot: Iterable[Value], values: Sequence[ValueLike]) -> Value:
    """Return the value whose bit is set, as `one_of`."""
    return one_of(*zip(one_hot, values, strict=True))


def encode(one_hot: Sequence[Value] | Value, width: int) -> Value:
    """Return the number of the bit that is set, in `width` bits; 0 if none is."""
    return pick(one_hot, [Const(number, width) for number in range(len(one_hot))])


def lowest(requests: Value) -> Value:
    """Return the lowest bit that is set, one-hot, or 0."""
    return Cat(requests[i] & ~requests[:i].any() for i in range(len(requests)))
