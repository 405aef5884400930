# SPDX-License-Identifier: Apache-2.0
import random
from collections import deque

import pytest

from octopus_hw.contract.bits import Layout
from octopus_hw.contract.codes import LoadTarget
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.tbu.places import Places
from tests.simulate import maybe, one_hot, simulate
from tests.tbu.samples import BLOCKS, Table, a_source, a_token, expected, result_cycle

SEED = 0x12345678


class Twin:
    """Tokens, the draw queue with its unit, and the completion queue."""

    def __init__(self, rng: random.Random, layout: Layout) -> None:
        self.rng = rng
        self.layout = layout
        self.table = Table()
        self.sources = [(a_source(rng), a_source(rng)) for _ in range(BLOCKS)]
        for block, pair in enumerate(self.sources):
            for f, source in enumerate(pair):
                self.table.words[2 * block + f] = self.table.descriptor(source)
        self.tokens: dict[int, dict[str, int]] = {}
        self.results: dict[int, list[tuple[int, int]]] = {}  # number, and the cycle from which it is visible
        self.to_draw: deque[int] = deque()
        self.finished: deque[int] = deque()
        self.idle_from = 0

    def draw(self, t: int) -> None:
        if t < self.idle_from or not self.to_draw:
            return
        place, k = self.to_draw.popleft(), t + 1
        token, self.results[place] = self.tokens[place], []
        for f, source in enumerate(self.sources[token["block"]]):
            r = result_cycle(source, k, t, token["variant"] >> 12)
            k = r + 1
            self.results[place].append((expected(source, token, SEED, f), k))
        self.idle_from = k

    def visible(self, f: int, now: int) -> list[int]:
        return [place for place, results in self.results.items() if now >= results[f][1]]

    def choose(self, now: int) -> tuple[int | None, int | None]:
        """Return who starts and who finishes: any that could."""
        ready = [place for place in self.visible(1, now) if place not in self.finished]
        if not ready:
            return None, None
        return self.rng.choice(ready), self.rng.choice(ready) if maybe(self.rng, 0.3) else None

    def completion(self) -> int:
        place = self.finished[0]
        token: int = self.layout.pack(**self.tokens[place] | {"value": self.results[place][1][0]})
        return token


def check_who(ctx, port, token: dict[str, int]) -> None:
    seen = ctx.get(port)
    assert all(seen[name] == token[name] for name in ("instance", "block", "index", "round"))


async def check_cycle(ctx, dut: Places, twin: Twin, now: int) -> int:
    """Compare one cycle; return how many completions were taken."""
    for f, port in enumerate((dut.drawn, dut.valued)):
        flags = ctx.get(port) & sum(map(one_hot, twin.tokens))
        assert flags == sum(map(one_hot, twin.visible(f, now))), now
    start, finish = twin.choose(now)
    for port, place in ((dut.start, start), (dut.finish, finish)):
        ctx.set(port.valid, place is not None)
        ctx.set(port.place, place or 0)
    if start is not None:
        assert ctx.get(dut.cycles) == twin.results[start][0][0]
        check_who(ctx, dut.starting, twin.tokens[start])
    if finish is not None:
        check_who(ctx, dut.finishing, twin.tokens[finish])
        assert ctx.get(dut.weight) == twin.tokens[finish]["weight"]
    take = maybe(twin.rng, 0.3)
    ctx.set(dut.done.ready, take)
    assert ctx.get(dut.done.valid) == bool(twin.finished)
    taken = int(take and bool(twin.finished))
    if twin.finished:
        assert ctx.get(dut.done.payload.place) == twin.finished[0]
        assert ctx.get(dut.done.payload.token.as_value()) == twin.completion()
    if taken:
        place = twin.finished.popleft()
        del twin.tokens[place], twin.results[place]
    if finish is not None:
        twin.finished.append(finish)
    return taken


@pytest.mark.parametrize("depth", [1, 3, 8])
def test_places_follow_their_twin(depth: int) -> None:
    rng = random.Random(depth)
    config = Config(queue_depth=depth, number_words=1024)
    dut, twin = Places(config), Twin(rng, layouts(config).token)

    async def bench(ctx):
        ctx.set(dut.state.seed, SEED)
        ctx.set(dut.loads.valid, 1)
        for address, word in enumerate(twin.table.words):
            ctx.set(dut.loads.word, {"memory": LoadTarget.NUMBER, "address": address, "data": word})
            await ctx.tick()
        ctx.set(dut.loads.valid, 0)
        done = 0
        for now in range(800):
            free = [place for place in range(depth) if place not in twin.tokens]
            accept, token = rng.choice(free) if free and maybe(rng, 0.3) else None, a_token(rng)
            ctx.set(dut.accept.valid, accept is not None)
            ctx.set(dut.accept.place, accept or 0)
            ctx.set(dut.accept.token, token)
            twin.draw(now)
            done += await check_cycle(ctx, dut, twin, now)
            if accept is not None:
                twin.tokens[accept] = token
                twin.to_draw.append(accept)
            await ctx.tick()
        assert done > 20

    simulate(dut, bench)
