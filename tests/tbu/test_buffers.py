# SPDX-License-Identifier: Apache-2.0
import random
from typing import Any

import pytest

from octopus_hw.contract.config import Config
from octopus_hw.tbu.buffers import Buffers
from tests.simulate import maybe, simulate


def a_row(rng: random.Random, places: int, rows: int, other: tuple[int, int] | None) -> tuple[int, int]:
    """Choose a place and a row that is not the other one."""
    while (row := (rng.randrange(places), rng.randrange(rows))) == other:
        pass
    return row


@pytest.mark.parametrize(("width", "words", "rows"), [(32, 5, 8), (64, 8, 4), (128, 37, 10), (64, 16383, 8192)])
def test_sender_and_receiver_come_first(width: int, words: int, rows: int) -> None:
    """A place has room for its words in whole quads; a row that is written is seen a cycle later."""
    places, rng = 3, random.Random(width)
    dut = Buffers(Config(data_width=width, queue_depth=places, buffer_words=words))
    store = {(place, row): 0 for place in range(places) for row in range(rows)}

    async def bench(ctx: Any) -> None:
        expected, read = None, (0, 0)
        for _ in range(800):
            written = None
            # What comes second is what counts if the first does not come.
            for port in (dut.made, dut.received):
                place, row = a_row(rng, places, rows, None)
                data, valid = rng.getrandbits(width), maybe(rng, 0.5)
                ctx.set(port.target, place)
                ctx.set(port.index, row)
                ctx.set(port.data, data)
                ctx.set(port.valid, valid)
                written = ((place, row), data) if valid else written
            for port in (dut.tallied, dut.sent):
                place, row = a_row(rng, places, rows, written[0] if written else None)
                reads = maybe(rng, 0.5) or port is dut.tallied
                ctx.set(port.source, place)
                ctx.set(port.index, row)
                ctx.set(port.reads, reads)
                read = (place, row) if reads else read
            if expected is not None:
                assert ctx.get(dut.sent.data) == ctx.get(dut.tallied.data) == expected
            expected = store[read]
            if written:
                store[written[0]] = written[1]
            await ctx.tick()

    simulate(dut, bench)
