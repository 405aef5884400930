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
from tests.simulate import simulate


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
