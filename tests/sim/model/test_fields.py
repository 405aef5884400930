# SPDX-License-Identifier: Apache-2.0
"""Generated kernels against the contract's own packer."""

import random

import numpy as np
import pytest
from numba import njit

from octopus_hw.contract.bits import Field, Layout
from octopus_sim.model.fields import packer, reader, words_of, writer
from octopus_sim.model.widest import WIDEST

WIDER = Layout.of("Wider", "A token and more.", *WIDEST.token.fields, Field("more", 40), Field("most", 50))


def signed(word: int) -> int:
    return word - (word >> 63 << 64)


@pytest.mark.parametrize("described", [WIDEST.token, WIDER], ids=lambda described: described.name)
def test_kernels_pack_read_and_write_as_the_contract_does(described: Layout) -> None:
    pack, read = packer(described, 64), reader(described, *described.spans, bits=64)
    writers = [writer(described, name) for name in described.spans]
    names = ", ".join(described.spans)
    space = {"pack": pack}
    exec(f"def packed({names}):\n    return pack({', '.join(f'{n}={n}' for n in described.spans)})", space)
    compiled, unpacked = njit(space["packed"]), njit(lambda words: read(words))
    rng = random.Random(3)
    for _ in range(20):
        values = {name: rng.choice((0, s.most, rng.getrandbits(s.width))) for name, s in described.spans.items()}
        bits = described.pack(**values)
        words = [signed(bits >> 64 * word & (1 << 64) - 1) for word in range(words_of(described))]
        assert list(compiled(**values)) == words
        assert unpacked(np.array(words)) == tuple(values.values())
    for name, write in zip(described.spans, writers, strict=True):
        value = rng.getrandbits(described[name].width)
        array = np.array(words)
        njit(lambda to, what, write=write: write(to, what))(array, value)
        assert unpacked(array) == tuple((values | {name: value}).values())
