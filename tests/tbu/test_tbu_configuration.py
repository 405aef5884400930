# SPDX-License-Identifier: Apache-2.0
from typing import Any

from octopus_hw.contract.config import Config
from octopus_hw.tbu.tbu import Tbu
from tests.simulate import simulate
from tests.tbu.rig import configuration, to_place

SMALL = Config(
    data_width=32, queue_depth=2, peas=1, config_slots=2, buffer_words=8, max_blocks=8, number_words=16,
)  # fmt: skip
DATA = [0x1111_0000 + number for number in range(5)]


def sent_from_place(*packets: list[dict]) -> list[int]:
    """Receive packets, then send what lies in place 1; return its flits."""
    tbu, sent = Tbu(SMALL, False), []

    async def bench(ctx: Any) -> None:
        for flit in (flit for flits in packets for flit in flits):
            ctx.set(tbu.rx.payload, flit)
            ctx.set(tbu.rx.valid, 1)
            while not ctx.get(tbu.rx.ready):
                await ctx.tick()
            await ctx.tick()
        ctx.set(tbu.rx.valid, 0)
        await ctx.tick().repeat(4)
        ctx.set(tbu.command.payload, {"source": 1, "length": len(DATA), "words": len(DATA)})
        ctx.set(tbu.command.valid, 1)
        ctx.set(tbu.tx.ready, 1)
        await ctx.tick()
        ctx.set(tbu.command.valid, 0)
        for _ in range(20):
            if ctx.get(tbu.tx.valid):
                sent.append(ctx.get(tbu.tx.payload.data))
            await ctx.tick()

    simulate(tbu, bench)
    return sent


def test_a_configuration_leaves_data_alone() -> None:
    token = to_place(SMALL, 1, {}, DATA)
    untouched = sent_from_place(token)
    assert untouched[-len(DATA) :] == DATA
    assert sent_from_place(token, configuration(SMALL, 1, [0xFFFF_FFFF] * 7)) == untouched
