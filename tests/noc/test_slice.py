# SPDX-License-Identifier: Apache-2.0
import random
from typing import Any

import pytest

from octopus_hw.contract.config import Config
from octopus_hw.noc.slice import Slice
from tests.noc.packets import CONFIGS, a_command, name_of, sent_words
from tests.simulate import simulate


@pytest.mark.parametrize("config", CONFIGS, ids=name_of)
def test_sizes_are_those_of_the_page(config: Config) -> None:
    """The words that a command sends, and how many of these are data, while other commands come that are not taken."""
    dut, rng = Slice(config), random.Random(name_of(config))

    async def bench(ctx: Any) -> None:
        for _ in range(300):
            command = a_command(rng, config)
            ctx.set(dut.command, command)
            ctx.set(dut.take, 1)
            await ctx.tick()
            ctx.set(dut.take, 0)
            ctx.set(dut.command, a_command(rng, config))
            await ctx.tick()
            sent = sent_words(command, [1] * command["length"])
            found = ctx.get(dut.some), ctx.get(dut.words), ctx.get(dut.length), ctx.get(dut.late.token.words)
            assert found == (len(sent) > 0, len(sent), sum(sent), len(sent))

    simulate(dut, bench)
