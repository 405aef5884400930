# SPDX-License-Identifier: Apache-2.0
import random
from collections import deque
from typing import Any

import pytest

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import CHUNK
from octopus_hw.contract.layouts import layouts
from octopus_hw.noc.receiver import Receiver
from tests.noc.packets import CONFIGS, chunk_packets, name_of, packed, some, token_packet
from tests.simulate import simulate


def tokens(config: Config, rng: random.Random) -> list[tuple[tuple[int, int], str, Any]]:
    """Flits of a token packet, each with what it is and what is seen when it is taken."""
    widths = layouts(config)
    words = [rng.getrandbits(32) for _ in range(min(rng.choice([0, 1, 5, 12]), config.buffer_words))]
    where, token = some(rng, widths.header) | {"arg": rng.getrandbits(widths.at)}, some(rng, widths.token)
    flits = token_packet(config, where, token, words)
    header = {name: where[name] for name in ("x", "y", "unit", "host")}
    bits = packed(widths.token_head, {"header": header, "arg": where["arg"], "token": token | {"words": len(words)}})
    first = len(flits) - -(-len(words) // (config.data_width // 32))
    seen = []
    for number, flit in enumerate(flits):
        row = (where["arg"], number - first, flit[0]) if number >= first else None
        seen.append((flit, "token", {"row": row, "accepts": bits if flit[1] else None, "loaded": None}))
    return seen


def chunks(config: Config, rng: random.Random) -> list[tuple[tuple[int, int], str, Any]]:
    """Flits of a configuration."""
    widths = layouts(config)
    count = min(rng.choice([0, 1, 7, CHUNK, CHUNK + 3]), config.config_words)
    parallel = rng.randrange(4)
    where = {name: rng.getrandbits(widths.header[name].width) for name in ("x", "y", "unit")}
    packets = chunk_packets(config, where, parallel, [rng.getrandbits(32) for _ in range(count)])
    seen = []
    for packet in packets:
        for flit in packet:
            loaded = parallel if flit[1] and packet is packets[-1] else None
            seen.append((flit, "chunk", {"row": None, "accepts": None, "loaded": loaded}))
    return seen


class Twin:
    """Knows beforehand what each flit is."""

    nothing = {"row": None, "accepts": None, "loaded": None}

    def __init__(self) -> None:
        self.queue: deque[tuple[tuple[int, int], str, Any]] = deque()

    def cycle(self, push: tuple[tuple[int, int], str, Any] | None, hold: bool) -> dict[str, Any]:
        seen = {"room": len(self.queue) < 2, **self.nothing}
        if self.queue:
            (_, last), kind, detail = self.queue[0]
            if not (hold and last and kind == "token"):
                self.queue.popleft()
                seen.update(detail)
        if push and seen["room"]:
            self.queue.append(push)
        return seen


@pytest.mark.parametrize("config", CONFIGS, ids=name_of)
def test_follows_its_twin(config: Config) -> None:
    rng = random.Random(name_of(config))
    dut, twin = Receiver(config), Twin()
    coming = deque(flit for _ in range(80) for flit in (chunks if rng.random() < 0.3 else tokens)(config, rng))
    seen = {"row": 0, "accepts": 0, "loaded": 0}

    async def bench(ctx: Any) -> None:
        cycle = 0
        while coming or twin.queue:
            hurry = (cycle // 100) % 3
            push = coming[0] if coming and rng.random() < (0.3, 1, 1)[hurry] else None
            hold = rng.random() < (0.2, 0, 0.9)[hurry]
            ctx.set(dut.rx.valid, push is not None)
            ctx.set(dut.rx.payload, {"data": push[0][0], "last": push[0][1]} if push else {"data": 1 << 17})
            ctx.set(dut.hold, hold)
            expect = twin.cycle(push, hold)
            if push and expect["room"]:
                coming.popleft()
            assert ctx.get(dut.rx.ready) == expect["room"]
            rows = dut.rows
            row = (ctx.get(rows.target), ctx.get(rows.index), ctx.get(rows.data)) if ctx.get(rows.valid) else None
            assert row == expect["row"], cycle
            accepts = ctx.get(dut.token.as_value()) if ctx.get(dut.accepts) else None
            assert accepts == expect["accepts"], cycle
            loaded = ctx.get(dut.chunk.parallel) if ctx.get(dut.loaded) else None
            assert loaded == expect["loaded"], cycle
            for name in seen:
                seen[name] += expect[name] is not None
            await ctx.tick()
            cycle += 1

    simulate(dut, bench)
    assert seen["row"] > 30 and seen["accepts"] > 40 and seen["loaded"] > 10
