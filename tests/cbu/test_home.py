# SPDX-License-Identifier: Apache-2.0
import random
from collections import deque
from typing import Any

import pytest

from octopus_hw.cbu.home import Home
from octopus_hw.contract.bits import Layout
from octopus_hw.contract.codes import LoadTarget
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from tests.simulate import simulate

CONFIG = Config(store_words=512, max_blocks=8)
WIDTHS = layouts(CONFIG)
MASK = 0xFFFFFFFF


def some(layout: Layout, rng: random.Random) -> dict[str, int]:
    return {name: rng.getrandbits(span.width) for name, span in layout.spans.items()}


def library_row(address: int, words: int, parallel: int = 0) -> int:
    row: int = WIDTHS.library_row.pack(address=address, words=words, parallel=parallel)
    return row


def config_request(block: int, tbu: int) -> dict[str, int]:
    return {"payload": WIDTHS.config_request.pack(block=block, tbu=tbu)}


def packet(header: dict[str, int], token: dict[str, int] | None, words: list[int]) -> list[tuple[int, int]]:
    """Flits: data and last."""
    body = [WIDTHS.header.pack(**header)]
    if token is not None:
        body += WIDTHS.token.pack_words(token)
    body += words
    return [*((word, 0) for word in body), (sum(body) & MASK, 1)]


class Driver:
    """The ports of a Home, one cycle at a time."""

    def __init__(self, ctx: Any, home: Home) -> None:
        self.ctx, self.home = ctx, home

    async def load(self, memory: LoadTarget, words: dict[int, int]) -> None:
        port = self.home.loads
        for address, word in words.items():
            self.ctx.set(port.word, {"memory": int(memory), "address": address, "data": word})
            self.ctx.set(port.valid, 1)
            await self.ctx.tick()
        self.ctx.set(port.valid, 0)

    def offer(self, port: Any, payload: Any) -> bool:
        """Set a stream's input; return whether it is taken in this cycle."""
        self.ctx.set(port.valid, payload is not None)
        if payload is not None:
            self.ctx.set(port.payload, payload)
        return payload is not None and bool(self.ctx.get(port.ready))

    def sent(self, ready: bool) -> tuple[int, int] | None:
        """The flit that leaves in this cycle."""
        self.ctx.set(self.home.tx.ready, ready)
        if not (ready and self.ctx.get(self.home.tx.valid)):
            return None
        flit = self.ctx.get(self.home.tx.payload)
        return flit.data, flit.last


def test_a_configuration_goes_to_who_asked_for_it() -> None:
    """A CONFIG taken in cycle 8 gives flits from cycle 10 on (docs/timing.md#a-worked-example)."""
    home = Home(CONFIG)

    async def bench(ctx: Any) -> None:
        driver = Driver(ctx, home)
        await driver.load(LoadTarget.LIBRARY, {3: library_row(40, 2, 1)})
        await driver.load(LoadTarget.STORE, {40: 0x1234, 41: 0xFFFFFFFF})
        request = {"source_x": 5, "source_y": 6} | config_request(3, 2)
        header = {"x": 5, "y": 6, "unit": 2, "config": 1, "arg": 1}
        expected = packet(header, None, [0x1234, 0xFFFFFFFF])
        for cycle in range(8, 15):
            assert driver.offer(home.library, request if cycle == 8 else None) == (cycle == 8)
            flit = driver.sent(True)
            assert flit == (expected[cycle - 10] if 10 <= cycle < 14 else None), cycle
            await ctx.tick()

    simulate(home, bench)


class Loop:
    """A Home whose packets come back to it, and what they must be."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.store = {address: self.rng.getrandbits(32) for address in range(512)}
        self.rows = {
            block: {"parallel": block % 3, "words": self.rng.randrange(4), "address": self.rng.randrange(200)}
            for block in range(8)
        }
        self.library = {block: library_row(**row) for block, row in self.rows.items()}
        self.commands: deque[Any] = deque()
        self.requests: deque[Any] = deque()
        self.flits: deque[tuple[int, int]] = deque()
        self.tokens: deque[Any] = deque()
        self.under_way: list[tuple[int, int]] = []
        self.made = 0
        self.winds_up = False  # no more requests

    def push(self, driver: Driver) -> None:
        """Push a command and a request now and then."""
        rng, command, request = self.rng, None, None
        if not self.commands and self.made < 60 and rng.random() < 0.3:
            self.made += 1
            where = {"source": rng.randrange(200), "words": rng.choice([0, 1, 5]), "arg": 200 + 5 * self.made}
            command = some(WIDTHS.command, rng) | where | {"release": 0, "empty": 0, "token": some(WIDTHS.token, rng)}
        if driver.offer(driver.home.command, command):
            self.commands.append(command)
        if rng.random() < 0.05 and len(self.requests) < 64 and not self.winds_up:
            request = some(WIDTHS.control_flit, rng) | config_request(rng.randrange(8), rng.getrandbits(2))
        if driver.offer(driver.home.library, request):
            self.requests.append(request)

    def take(self, driver: Driver) -> None:
        """Look at what is sent; token packets come back."""
        flit = driver.sent(self.rng.random() < 0.8)
        if flit is None:
            return
        self.under_way.append(flit)
        if flit[1]:
            received, self.under_way = self.under_way, []
            if WIDTHS.header.unpack(received[0][0])["config"]:
                self.check_configuration(received)
            else:
                self.check_token(received)

    def check_configuration(self, received: list[tuple[int, int]]) -> None:
        r = self.requests.popleft()
        wanted = WIDTHS.config_request.unpack(r["payload"])
        row = self.rows[wanted["block"]]
        words = [self.store[row["address"] + number] for number in range(row["words"])]
        header = {"x": r["source_x"], "y": r["source_y"], "unit": wanted["tbu"], "config": 1}
        assert received == packet(header | {"arg": row["parallel"]}, None, words)

    def check_token(self, received: list[tuple[int, int]]) -> None:
        c = self.commands.popleft()
        words = [self.store[c["source"] + number] for number in range(c["words"])]
        header = {name: c[name] for name in ("x", "y", "unit", "arg")} | {"config": 0}
        assert received == packet(header, c["token"], words)
        self.flits.extend(received)
        self.store.update({c["arg"] + number: word for number, word in enumerate(words)})
        self.tokens.append(c["token"])

    def come_back(self, driver: Driver) -> None:
        """Offer what came back, and take arrivals: for a while hardly any."""
        flits, home, ctx = self.flits, driver.home, driver.ctx
        head = {"data": flits[0][0], "last": flits[0][1]} if flits and self.rng.random() < 0.9 else None
        if driver.offer(home.rx, head):
            flits.popleft()
        take = self.rng.random() < (0.05 if self.made % 20 < 10 else 0.9)
        ctx.set(home.arrival.ready, take)
        if take and ctx.get(home.arrival.valid):
            token, expected = ctx.get(home.arrival.payload), self.tokens.popleft()
            assert {name: token[name] for name in expected} == expected


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_packets_and_configurations_in_turn(seed: int) -> None:
    """What is sent comes back: data words move within the store, tokens arrive in order."""
    home, loop = Home(CONFIG), Loop(seed)

    async def bench(ctx: Any) -> None:
        driver = Driver(ctx, home)
        await driver.load(LoadTarget.STORE, loop.store)
        await driver.load(LoadTarget.LIBRARY, loop.library)
        for cycle in range(2500):
            loop.winds_up = cycle >= 2400
            loop.push(driver)
            loop.take(driver)
            loop.come_back(driver)
            await ctx.tick()
        assert loop.made == 60
        assert not loop.tokens and not loop.requests
        assert ctx.get(home.counters.errors) == 0
        # The words lie where they were sent: they are read through a configuration.
        for first in (205, 250, 495):
            await driver.load(LoadTarget.LIBRARY, {0: library_row(first, 5)})
            seen: list[tuple[int, int]] = []
            driver.offer(home.library, {"payload": 0})
            while not seen or not seen[-1][1]:
                flit = driver.sent(True)
                seen += [flit] if flit else []
                await ctx.tick()
                driver.offer(home.library, None)
            assert [word for word, _ in seen[1:-1]] == [loop.store[first + number] for number in range(5)]

    simulate(home, bench)


def test_every_loader_may_ask_while_a_packet_waits() -> None:
    home = Home(CONFIG)
    rng = random.Random(1)
    command = some(WIDTHS.command, rng) | {"words": 0, "release": 0, "empty": 0, "token": some(WIDTHS.token, rng)}

    async def bench(ctx: Any) -> None:
        driver = Driver(ctx, home)
        assert driver.offer(home.command, command)
        await ctx.tick()
        driver.offer(home.command, None)
        for number in range(CONFIG.library_depth):
            assert driver.offer(home.library, {"payload": number % 8}), number
            driver.sent(False)
            await ctx.tick()

    simulate(home, bench)


def test_the_last_flit_waits_for_room() -> None:
    home = Home(CONFIG)
    rng = random.Random(1)
    sent = [some(WIDTHS.token, rng) for _ in range(6)]
    flits = deque(f for token in sent for f in packet({"x": 0, "y": 0, "unit": 7, "config": 0, "arg": 0}, token, []))

    async def bench(ctx: Any) -> None:
        driver = Driver(ctx, home)
        arrived = []
        for cycle in range(120):
            head = {"data": flits[0][0], "last": flits[0][1]} if flits else None
            if driver.offer(home.rx, head):
                flits.popleft()
            ctx.set(home.arrival.ready, cycle > 60)
            if cycle == 60:
                # Four tokens, the fifth but for its last flit, and a queue of two behind it.
                assert len(flits) == WIDTHS.token.words + 1
            if cycle > 60 and ctx.get(home.arrival.valid):
                token = ctx.get(home.arrival.payload)
                arrived.append({name: token[name] for name in sent[0]})
            await ctx.tick()
        assert arrived == sent

    simulate(home, bench)


def test_a_wrong_checksum_is_counted() -> None:
    home = Home(CONFIG)
    good = packet({"x": 0, "y": 0, "unit": 7, "config": 0, "arg": 9}, some(WIDTHS.token, random.Random(2)), [1, 2])
    bad = [*good[:-1], (good[-1][0] ^ 1, 1)]

    async def bench(ctx: Any) -> None:
        driver = Driver(ctx, home)
        ctx.set(home.arrival.ready, 1)
        for flit in [*good, *bad, *good]:
            while not driver.offer(home.rx, {"data": flit[0], "last": flit[1]}):
                await ctx.tick()
            await ctx.tick()
        driver.offer(home.rx, None)
        await ctx.tick().repeat(8)
        assert ctx.get(home.counters.errors) == 1

    simulate(home, bench)
