# SPDX-License-Identifier: Apache-2.0
"""The `data` of finish events, by invocation: the model holds no words, so it is given them as a table.

The table has open addresses: an invocation is at the first place from its own on that is not another's; it is not there
if a free one comes before.
"""

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.bits import WORD
from octopus_hw.contract.layout import Invocation
from octopus_sim.model.fields import packer
from octopus_sim.model.kernel import kernel
from octopus_sim.model.state import RESULT, Mesh

__all__ = ["NO_RESULTS", "result_data", "result_table"]

#: The key of a place that is free: no invocation has it, as blocks have fewer bits.
_FREE = -1
#: 2^64 divided by the golden ratio, odd, as a number with a sign.
_SPREAD = -7046029254386353131

#: A table without results.
NO_RESULTS = np.array([(_FREE, 0)], RESULT)

_invocation = packer(Invocation, WORD)


@kernel
def _place(key: int, most: int) -> int:
    """Return a key's own place in a table with places 0 to `most`, a power of two less one."""
    return key * _SPREAD >> WORD & most


@kernel
def result_data(s: Mesh, instance: int, block: int, index: int, round_: int) -> int:
    """Return the `data` of an invocation's finish; 0 if they are not known."""
    low, high = _invocation(block=block, index=index, round=round_, instance=instance)
    key, most = low | high << WORD, s.params[0].results
    i = _place(key, most)
    while s.result[i].key != key and s.result[i].key != _FREE:
        i = i + 1 & most
    return s.result[i].data


def result_table(invocations: dict[str, NDArray[np.int64]], data: NDArray[np.int64]) -> NDArray[np.void]:
    """Make the table: at most half of it is used.

    Parameters
    ----------
    invocations
        Instance, block, index and round of each, each once.
    data
        Theirs, 32 bits.
    """
    low, high = Invocation.pack_words(invocations)
    key = low | high << WORD
    table = np.full(1 << len(key).bit_length() + 1, NO_RESULTS[0])
    left, place = np.arange(len(key)), _place.py_func(key, len(table) - 1)
    while len(left):
        free = left[table["key"][place[left]] == _FREE]
        _, first = np.unique(place[free], return_index=True)
        placed = free[first]
        table["key"][place[placed]], table["data"][place[placed]] = key[placed], data[placed]
        left = np.setdiff1d(left, placed)
        place[left] = place[left] + 1 & len(table) - 1
    return table
