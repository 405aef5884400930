# SPDX-License-Identifier: Apache-2.0
"""The words that tokens carry: what a timed task makes of them, what flows take of them, what joins collect.

Data are arrays of 32-bit words with a length; what is read beyond it is 0. The rules are in `docs/data.md`.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from octopus_hw.owg.objects import ALIGN, MAX_WORDS, Flow

__all__ = ["EMPTY", "Words", "extended", "gathered", "generated", "hash_of", "slice_of"]

#: One data: shape (words,).
Words = NDArray[np.uint32]

#: What a token carries of which nobody gave anything.
EMPTY: Words = np.zeros(0, np.uint32)

#: Most words of a result: where the last slice of it can end.
_MOST = MAX_WORDS // ALIGN * ALIGN + MAX_WORDS
_STEPS: Words = np.arange(_MOST, dtype=np.uint32) * np.uint32(0x9E3779B9)
_WEIGHTS: Words = np.arange(_MOST, 0, -1, dtype=np.uint32)
#: What a value weighs in the hash of a result.
_VALUE = 65537


def slice_of(data: Words, flow: Flow, index: int) -> Words:
    """Return what a flow carries of its source's data, for the token with this index; a view, perhaps shorter."""
    first = flow.first + index * flow.stride
    return data[first : first + flow.words]


def generated(key: int, first: int, last: int) -> Words:
    """Return words `first` to `last` - 1 of those that a timed task with a 32-bit key makes by itself.

    Word j is ``x ^ x >> 16`` with ``x = key + j x 0x9E3779B9``, modulo 2^32.
    """
    words = _STEPS[first:last] + np.uint32(key)
    return words ^ words >> np.uint32(16)


def extended(operand: Words, size: int, key: int) -> Words:
    """Return `size` words of a timed task's result: its operand, which is shorter, and then what it generates."""
    return np.concatenate((operand, generated(key, len(operand), size)))


def gathered(size: int, parts: Iterable[tuple[int, Words]]) -> Words:
    """Return the `size` words of a join's data: the parts, each from its word on, and 0 between them."""
    data = np.zeros(size, np.uint32)
    for first, words in parts:
        data[first : first + len(words)] = words
    return data


def hash_of(result: Words, value: int) -> int:
    """Return the hash of an invocation's result and value.

    That is ``sum over j of (R - j) x word j, + value x 65537``, modulo 2^32, for R words.
    """
    return (int(np.dot(_WEIGHTS[_MOST - len(result) :], result)) + value * _VALUE) & 0xFFFFFFFF
