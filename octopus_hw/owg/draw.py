# SPDX-License-Identifier: Apache-2.0
"""The draw hash: every random number of a run, as a function of what draws it.

Three 32-bit words are filled with the key and stirred by the ``final`` mix of Bob Jenkins' lookup3 (public domain)::

    a = seed
    b = instance (24 bit) | round (8 bit) << 24
    c = index (16 bit) | block (12 bit) << 16 | (field >> 1) << 28

One mix serves two fields: an even field reads ``c``, an odd field reads ``b``. The mix of fields 0 and 1 serves the key
of the words that a task makes too, which reads ``a``. Wider arguments are cut to these widths.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Field of a task's cycles, a branch's choice and a spawn's count.
FIELD_CYCLES = 0
FIELD_CHOOSE = 0
FIELD_COUNT = 0
#: Field of a task's outgoing value.
FIELD_VALUE = 1
#: Field of an instance's arrival jitter.
FIELD_JITTER = 2

#: What a profiling run adds to the seed, so that it never sees the run's own draws.
PROFILE_SEED_STEP = 0x9E3779B9

_MASK = 0xFFFFFFFF


def mix(a: int, b: int, c: int) -> tuple[int, int, int]:
    """Stir three 32-bit words."""
    c ^= b
    c = (c - (b << 14 | b >> 18)) & _MASK
    a ^= c
    a = (a - (c << 11 | c >> 21)) & _MASK
    b ^= a
    b = (b - (a << 25 | a >> 7)) & _MASK
    c ^= b
    c = (c - (b << 16 | b >> 16)) & _MASK
    a ^= c
    a = (a - (c << 4 | c >> 28)) & _MASK
    b ^= a
    b = (b - (a << 14 | a >> 18)) & _MASK
    c ^= b
    c = (c - (b << 24 | b >> 8)) & _MASK
    return a, b, c


def draw(seed: int, instance: int, block: int, index: int, round: int, field: int) -> int:
    """Draw 32 bits.

    Parameters
    ----------
    seed : int
        32 bits.
    instance : int
        Number of the instance over the whole workload, 24 bits.
    block : int
        Position of the block over all workflows of the workload, 12 bits.
    index, round : int
        Of the token, 16 and 8 bits.
    field : int
        What is drawn: 0 cycles, choice or count; 1 value; 2 jitter.
    """
    _, b, c = _mixed(seed, instance, block, index, round, field)
    return b if field & 1 else c


def key_of(seed: int, instance: int, block: int, index: int, round: int) -> int:
    """Return the key (32 bits) of the words that a timed task makes by itself; the parameters are those of `draw`."""
    return _mixed(seed, instance, block, index, round, 0)[0]


def _mixed(seed: int, instance: int, block: int, index: int, round: int, field: int) -> tuple[int, int, int]:
    return mix(
        seed & _MASK,
        (instance & 0xFFFFFF) | (round & 0xFF) << 24,
        (index & 0xFFFF) | (block & 0xFFF) << 16 | (field >> 1 & 0xF) << 28,
    )


def pick(drawn: int, n: int) -> int:
    """Turn a 32-bit draw into one of ``0 .. n - 1``."""
    return (drawn * n) >> 32


def draw_array(
    seed: ArrayLike, instance: ArrayLike, block: ArrayLike, index: ArrayLike, round: ArrayLike, field: int
) -> NDArray[np.uint32]:
    """Draw for many keys at once: `draw` over broadcast arrays."""

    def word(value: ArrayLike, width: int) -> NDArray[np.uint32]:
        return (np.asarray(value, dtype=np.int64) & ((1 << width) - 1)).astype(np.uint32)

    def rot(value: NDArray[np.uint32], by: int) -> NDArray[np.uint32]:
        return value << np.uint32(by) | value >> np.uint32(32 - by)

    a: Any = word(seed, 32)
    b: Any = word(instance, 24) | word(round, 8) << np.uint32(24)
    c: Any = word(index, 16) | word(block, 12) << np.uint32(16) | np.uint32((field >> 1 & 0xF) << 28)
    a, b, c = (np.array(x) for x in np.broadcast_arrays(a, b, c))
    with np.errstate(over="ignore"):
        c = (c ^ b) - rot(b, 14)
        a = (a ^ c) - rot(c, 11)
        b = (b ^ a) - rot(a, 25)
        c = (c ^ b) - rot(b, 16)
        a = (a ^ c) - rot(c, 4)
        b = (b ^ a) - rot(a, 14)
        c = (c ^ b) - rot(b, 24)
    result: NDArray[np.uint32] = b if field & 1 else c
    return result
