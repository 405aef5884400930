# SPDX-License-Identifier: Apache-2.0
"""Small choices in one-hot form: what a binary index and a big multiplexer would do with more logic."""

from collections.abc import Sequence
from functools import reduce
from operator import or_

from amaranth.hdl import Cat, Const, Mux, Value, ValueLike

from octopus_hw.contract.config import Config

__all__ = ["block_bits", "encode", "lowest", "pick", "place_bits"]


def block_bits(config: Config) -> int:
    """Bits that tell the blocks of a build apart."""
    return max(1, (config.max_blocks - 1).bit_length())


def place_bits(config: Config) -> int:
    """Bits that tell the places of a TBU apart."""
    return max(1, (config.queue_depth - 1).bit_length())


def lowest(requests: Value) -> Value:
    """Return the lowest bit that is set, one-hot, or 0."""
    return Cat(requests[i] & ~requests[:i].any() for i in range(len(requests)))


def pick(one_hot: Value, values: Sequence[ValueLike]) -> Value:
    """Return the value whose bit is set; 0 if none is."""
    cast = [Value.cast(value) for value in values]
    return reduce(or_, (Mux(bit, value, Const(0, len(value))) for bit, value in zip(one_hot, cast, strict=True)))


def encode(one_hot: Value, width: int) -> Value:
    """Return the number of the bit that is set, in `width` bits; 0 if none is."""
    return pick(one_hot, [Const(i, width) for i in range(len(one_hot))])
