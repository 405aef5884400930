# SPDX-License-Identifier: Apache-2.0
"""The draw unit: what a block's number source gives, and on which cycle (docs/timing.md#draw).

The unit reads one word of the number table in a cycle; ``k`` is the cycle in which the field's descriptor is seen.
"""

from octopus_hw.contract.bits import WORD
from octopus_hw.contract.codes import SourceKind
from octopus_hw.contract.layout import Descriptor, Invocation, Variant
from octopus_sim.model.fields import packer, reader
from octopus_sim.model.kernel import kernel
from octopus_sim.model.state import Record

_M = 0xFFFFFFFF
_descriptor = reader(Descriptor, "kind", "n", "base")
_variant = reader(Variant, "scene", "row")
_invocation = packer(Invocation, WORD)
_VALUE, _AFFINE, _QUANTILES = int(SourceKind.VALUE), int(SourceKind.AFFINE), int(SourceKind.QUANTILES)
_SCENES, _REPLAY, _THRESHOLDS = int(SourceKind.SCENES), int(SourceKind.REPLAY), int(SourceKind.THRESHOLDS)


@kernel
def hash_words(seed: int, b: int, c: Record) -> tuple[int, int]:
    """Stir three 32-bit words by Jenkins' ``final`` mix; return the last two."""
    a = seed
    c = (c ^ b) - (b << 14 | b >> 18) & _M
    a = (a ^ c) - (c << 11 & _M | c >> 21) & _M
    b = (b ^ a) - (a << 25 & _M | a >> 7) & _M
    c = (c ^ b) - (b << 16 & _M | b >> 16) & _M
    a = (a ^ c) - (c << 4 & _M | c >> 28) & _M
    b = (b ^ a) - (a << 14 & _M | a >> 18) & _M
    c = (c ^ b) - (b << 24 & _M | b >> 8) & _M
    return b, c


@kernel
def hash_cycle(t: int, k: int) -> int:
    """Return the cycle r of what comes from the hash: the key, or a quantile."""
    return max(k + 1, t + 4) + 1


@kernel
def draw_number(
    numbers: Record,
    seed: int,
    block: int,
    field: int,
    instance: int,
    index: int,
    round_: int,
    value: int,
    variant: int,
    t: int,
    k: int,
) -> tuple[int, int]:
    """Evaluate one field of a block for one token.

    Parameters
    ----------
    numbers : int64 array
        The number table.
    seed, block, field, instance, index, round_, value, variant : int
        The token that draws, and what.
    t : int
        The cycle in which the unit took the token: the hash takes t to t + 3.
    k : int
        The cycle in which the field's descriptor is seen.

    Returns
    -------
    (int, int)
        The number, 0 to 65535, and the cycle r in which it falls; it is visible in r + 1.
    """
    scene, row = _variant(variant)
    kind, n, base = _descriptor(numbers[2 * block + field])
    while kind == _SCENES:
        kind, n, base = _descriptor(numbers[base + scene])
        k += 1
    result, r = base, k
    if kind == _VALUE:
        result = value
    elif kind == _AFFINE:
        a, b = numbers[base], numbers[base + 1]
        a -= (a >> 31) << 32
        b -= (b >> 31) << 32
        result, r = min(max(a + b * value, 0), 65535), k + 3
    elif kind == _QUANTILES:
        what, who = _invocation(index=index, block=block, instance=instance, round=round_)
        words = hash_words(seed, who, what)
        drawn = words[0] if field & 1 else words[1]
        result, r = numbers[base + (drawn * n >> 32)], hash_cycle(t, k)
    elif kind == _REPLAY:
        _, rounds, base = _descriptor(numbers[base + row])
        _, indices, base = _descriptor(numbers[base + min(round_, rounds - 1)])
        result, r = numbers[base + min(index, indices - 1)], k + 3
    elif kind == _THRESHOLDS:
        result, r = 0, k + n
        for i in range(n):
            result += numbers[base + i] <= value
    return result, r
