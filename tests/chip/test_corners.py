# SPDX-License-Identifier: Apache-2.0
"""Small cases that random ones rarely meet."""

from typing import Any

import pytest

from octopus_hw.cbu.table import Table
from octopus_hw.chip.boot_node import BootNode
from octopus_hw.contract.codes import BootOp, LoadTarget
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct
from octopus_hw.noc.packet import Receiver
from tests.simulate import simulate


def test_any_wrong_bit_of_a_checksum_is_seen() -> None:
    receiver = Receiver(Config())
    words = [layouts(Config()).header.pack(config=1, arg=2), 0x1234_5678]

    async def bench(ctx: Any) -> None:
        async def send(flips: int) -> None:
            for data in (*words, sum(words) & 0xFFFF_FFFF ^ flips):
                ctx.set(receiver.rx.payload, {"data": data, "last": data != words[0] and data != words[1]})
                ctx.set(receiver.rx.valid, 1)
                await ctx.tick()
            ctx.set(receiver.rx.valid, 0)
            await ctx.tick().repeat(4)

        await send(0)
        assert ctx.get(receiver.errors) == 0
        for bit in range(32):
            await send(1 << bit)
            assert ctx.get(receiver.errors) == bit + 1

    simulate(receiver, bench)


@pytest.mark.parametrize("row", [0, 1, 64])
def test_boot_words_go_east_in_the_first_row_only_and_south_everywhere(row: int) -> None:
    node = BootNode(Config(), 8)

    async def bench(ctx: Any) -> None:
        ctx.set(node.y, row)
        ctx.set(node.north.word, BootOp.READ << 28)
        ctx.set(node.north.valid, 1)
        await ctx.tick().repeat(2)
        assert ctx.get(node.south.valid)
        assert ctx.get(node.east.valid) == (row == 0)

    simulate(node, bench)


def test_a_table_takes_nothing_from_a_bus_that_rests() -> None:
    table = Table(struct(layouts(Config()).slot_row), 4, LoadTarget.SLOT)

    async def bench(ctx: Any) -> None:
        for valid, data in ((1, 5), (0, 6)):
            ctx.set(table.loads.word, {"memory": LoadTarget.SLOT, "address": 2, "data": data})
            ctx.set(table.loads.valid, valid)
            await ctx.tick()
        ctx.set(table.address, 1)
        ctx.set(table.read, 1)
        await ctx.tick()
        assert ctx.get(table.row.record) == 5

    simulate(table, bench)
