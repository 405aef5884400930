# SPDX-License-Identifier: Apache-2.0
from typing import Any

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.tbu.tbu import Tbu
from tests.simulate import simulate

SMALL = Config(queue_depth=2, peas=1, config_slots=2, buffer_words=8, max_blocks=8, number_words=16)
DATA = [0x1111_0000 + number for number in range(5)]


def packet(header: dict[str, int], words: list[int]) -> list[tuple[int, bool]]:
    """Flits and whether they are the last."""
    flits = [layouts(SMALL).header.pack(**header), *words]
    return [(flit, False) for flit in flits] + [(sum(flits) & 0xFFFFFFFF, True)]


def sent_from_place(*packets: list[tuple[int, bool]]) -> list[int]:
    """Receive packets, then send what lies in place 1; return its flits."""
    tbu, sent = Tbu(SMALL, False), []

    async def bench(ctx: Any) -> None:
        for flit, last in (flit for flits in packets for flit in flits):
            ctx.set(tbu.rx.payload, {"data": flit, "last": last})
            ctx.set(tbu.rx.valid, 1)
            while not ctx.get(tbu.rx.ready):
                await ctx.tick()
            await ctx.tick()
        ctx.set(tbu.rx.valid, 0)
        await ctx.tick().repeat(4)
        assert ctx.get(tbu.counters.errors) == 0
        ctx.set(tbu.command.payload, {"source": 1, "words": len(DATA)})
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
    token = packet({"arg": 1}, [0, 0, 0, 0, *DATA])
    configuration = packet({"config": 1, "arg": 1}, [0xFFFF_FFFF] * 7)
    untouched = sent_from_place(token)
    assert len(untouched) == 1 + 4 + len(DATA) + 1
    assert len(set(untouched[5:-1])) == len(DATA)
    assert sent_from_place(token, configuration) == untouched
