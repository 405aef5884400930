# SPDX-License-Identifier: Apache-2.0
"""A token as two 64-bit words, as it travels: words 1 to 4 of a packet, each pair of 32 bits in one.

``a``: home_x[6:0] home_y[13:7] slot[19:14] block[31:20] index[47:32] value[63:48]; ``b``: instance[23:0] round[31:24]
variant[47:32] next[59:48] weight[63:60].
"""

from octopus_sim.model.kernel import kernel


@kernel
def token_a(home_x: int, home_y: int, slot: int, block: int, index: int, value: int) -> int:
    """Pack the first word."""
    return home_x | home_y << 7 | slot << 14 | block << 20 | index << 32 | value << 48


@kernel
def token_b(instance: int, round_: int, variant: int, next_: int, weight: int) -> int:
    """Pack the second word."""
    return instance | round_ << 24 | variant << 32 | next_ << 48 | weight << 60


@kernel
def token_home(a: int) -> tuple[int, int, int]:
    """Return the home's ``(x, y, slot)``."""
    return a & 127, a >> 7 & 127, a >> 14 & 63


@kernel
def token_block(a: int) -> int:
    """Return the block."""
    return a >> 20 & 4095


@kernel
def token_index(a: int) -> int:
    """Return the index."""
    return a >> 32 & 65535


@kernel
def token_value(a: int) -> int:
    """Return the value."""
    return a >> 48 & 65535


@kernel
def token_instance(b: int) -> int:
    """Return the instance's number."""
    return b & 0xFFFFFF


@kernel
def token_round(b: int) -> int:
    """Return the round."""
    return b >> 24 & 255


@kernel
def token_variant(b: int) -> int:
    """Return the variant: scene and replay row."""
    return b >> 32 & 65535


@kernel
def token_next(b: int) -> int:
    """Return the flow at which the token stands."""
    return b >> 48 & 4095


@kernel
def token_weight(b: int) -> int:
    """Return the weight."""
    return b >> 60 & 15


@kernel
def worth(weight: int) -> int:
    """Return the units of work that a weight is worth (docs/timing.md#work)."""
    return (2 + (weight & 1)) << (weight >> 1) if weight else 0


@kernel
def with_value(a: int, value: int) -> int:
    """Give a token another value."""
    return (a & 0xFFFFFFFFFFFF) | value << 48
