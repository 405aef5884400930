# SPDX-License-Identifier: Apache-2.0
"""LinkStalls of a tile's links, for tests of everything else (docs/timing.md#stalls)."""

from octopus_sim.model.kernel import kernel
from octopus_sim.model.state import Mesh

_M = 0xFFFFFFFF
_FIELDS = 8


@kernel
def stall_word(seed: int, x: int, y: int, now: int) -> int:
    """Return the word of tile x,y: eight fields of four bits."""
    h = (seed ^ (x << 25 | y << 18)) + (now >> 2) & _M
    h ^= h >> 16
    h = h * 0x85EBCA6B & _M
    h ^= h >> 13
    h = h * 0xC2B2AE35 & _M
    return h ^ h >> 16


@kernel
def stalled_links(s: Mesh, x: int, y: int, now: int) -> int:
    """Return the links of tile x,y that stall in cycle `now`, as bits: data north, east, south, west, then control."""
    stalls = s.params[0].stalls
    bits = 0
    if stalls:
        word = stall_word(s.params[0].seed, x, y, now)
        for i in range(_FIELDS):
            bits |= int(word >> 4 * i & 15 < stalls) << i
    return bits


@kernel
def stalled_data(s: Mesh, x: int, y: int, now: int) -> int:
    """Return the ports of tile x,y whose data links stall, as bits; port 0, local, never does."""
    return (stalled_links(s, x, y, now) & 15) << 1


@kernel
def stalled_control(s: Mesh, x: int, y: int, now: int) -> int:
    """Return the ports of tile x,y whose control links stall, as bits; west of tile 0,0 is the host's."""
    return stalled_links(s, x, y, now) >> 4 << 1
