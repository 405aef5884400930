# SPDX-License-Identifier: Apache-2.0
import random
from collections import deque
from typing import Any

import pytest

from octopus_hw.cbu.home import Home
from octopus_hw.contract.codes import LoadTarget
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import UNIT_HOME, UNIT_ROW
from octopus_hw.contract.layouts import layouts
from tests.noc.packets import Flits, chunk_packets, head, packed, sent_words, some, token_packet
from tests.simulate import simulate

STORE = 512
#: Where rows from the host go: a quad beyond those that other packets write.
ROW_AT = 122
CONFIGS = [Config(data_width=width, store_words=STORE, max_blocks=8) for width in (32, 64, 128)]
BY_WIDTH = pytest.mark.parametrize("config", CONFIGS, ids=lambda config: f"{config.data_width} bits")


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

    def left(self) -> int | None:
        """The slot that is freed in this cycle."""
        freed = self.home.left
        return int(self.ctx.get(freed.slot)) if self.ctx.get(freed.valid) else None

    def sent(self, ready: bool) -> tuple[int, int] | None:
        """The flit that leaves in this cycle."""
        self.ctx.set(self.home.tx.ready, ready)
        if not (ready and self.ctx.get(self.home.tx.valid)):
            return None
        flit = self.ctx.get(self.home.tx.payload)
        return flit.data, flit.last


def request(config: Config, rng: random.Random, block: int) -> dict[str, Any]:
    widths = layouts(config)
    wanted = {"block": block, "tbu": rng.randrange(config.tbus)}
    return some(rng, widths.control_flit) | {"payload": packed(widths.config_request, wanted)}


@BY_WIDTH
def test_a_configuration_goes_to_who_asked_for_it(config: Config) -> None:
    """A CONFIG taken in cycle 9 gives flits from cycle 11 on (docs/timing.md#a-worked-example)."""
    home, widths = Home(config), layouts(config)
    words = [0x1234, 0xFFFFFFFF]

    async def bench(ctx: Any) -> None:
        driver = Driver(ctx, home)
        await driver.load(LoadTarget.LIBRARY, {3: widths.library_row.pack(address=10, words=2, parallel=1)})
        await driver.load(LoadTarget.STORE, {40: words[0], 41: words[1]})
        asked = {"source_x": 5, "source_y": 6, "payload": packed(widths.config_request, {"block": 3, "tbu": 2})}
        (expected,) = chunk_packets(config, {"x": 5, "y": 6, "unit": 2}, 1, words)
        for cycle in range(9, 16):
            assert driver.offer(home.library, asked if cycle == 9 else None) == (cycle == 9)
            flit = driver.sent(True)
            assert flit == (expected[cycle - 11] if 11 <= cycle < 11 + len(expected) else None), cycle
            await ctx.tick()

    simulate(home, bench)


def test_the_longest_configuration_at_the_end_of_the_largest_store() -> None:
    config = Config(data_width=128, store_words=1 << 18, config_words=16383, max_blocks=2)
    home, widths, rng = Home(config), layouts(config), random.Random(1)
    first = config.store_words - 16384
    loaded = {
        first + at: rng.getrandbits(32) for at in (0, 1, 63, 64, 8191, 8192, *rng.sample(range(16382), 40), 16382)
    }
    words = [loaded.get(first + at, 0) for at in range(16383)]
    asked = {"source_x": 1, "source_y": 2, "payload": packed(widths.config_request, {"block": 1, "tbu": 3})}
    packets = chunk_packets(config, {"x": 1, "y": 2, "unit": 3}, 2, words)
    expected = [flit for packet in packets for flit in packet]

    async def bench(ctx: Any) -> None:
        driver, flits = Driver(ctx, home), []
        await driver.load(LoadTarget.LIBRARY, {1: widths.library_row.pack(address=first // 4, words=16383, parallel=2)})
        await driver.load(LoadTarget.STORE, loaded)
        assert driver.offer(home.library, asked)
        await ctx.tick()
        driver.offer(home.library, None)
        for _ in range(2 + len(expected) + len(packets)):
            flits += filter(None, [driver.sent(True)])
            await ctx.tick()
        assert flits == expected

    simulate(home, bench)


class Loop:
    """A Home whose packets come back to it, and what they must be."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.rng = random.Random(config.data_width)
        self.store = [self.rng.getrandbits(32) for _ in range(STORE)]
        sizes = [0, 1, 64, 65, 130, 3, 7, 100]
        self.library = [
            {"address": self.rng.randrange(20), "words": sizes[block], "parallel": block % 3} for block in range(8)
        ]
        self.commands: deque[Any] = deque()
        self.requests: deque[Any] = deque()
        self.chunks: deque[Flits] = deque()
        self.flits: deque[tuple[int, int]] = deque()
        self.tokens: deque[Any] = deque()
        self.under_way: Flits = []
        self.made = 0
        self.winds_up = False  # no more requests

    def push(self, driver: Driver) -> None:
        """Push a command and a request now and then."""
        rng, command, asked = self.rng, None, None
        if not self.commands and self.made < 60 and rng.random() < 0.3:
            self.made += 1
            command = some(rng, layouts(self.config).command) | {
                "source": rng.randrange(20), "length": rng.randint(0, 20), "begin": rng.randrange(3),
                "words": rng.choice([0, 1, 5]), "room": rng.choice([0, 0, 1, 2]), "arg": 60 + self.made,
                "unit": rng.choice([UNIT_ROW, UNIT_HOME]),
            }  # fmt: skip
        if driver.offer(driver.home.command, command):
            self.commands.append(command)
        if rng.random() < 0.008 and not self.winds_up:
            asked = request(self.config, rng, rng.randrange(8))
        if driver.offer(driver.home.library, asked):
            self.requests.append(asked)

    def take(self, driver: Driver) -> None:
        """Look at what is sent; token packets come back."""
        flit = driver.sent(self.rng.random() < 0.8)
        left = driver.left()
        if flit is None:
            assert left is None
            return
        self.under_way.append(flit)
        if not flit[1]:
            assert left is None
        else:
            received, self.under_way = self.under_way, []
            if layouts(self.config).header.unpack(received[0][0])["config"]:
                assert left is None
                self.check_chunk(received)
            else:
                self.check_token(received, left)

    def check_chunk(self, received: Flits) -> None:
        if not self.chunks:
            asked = self.requests.popleft()
            wanted = layouts(self.config).config_request.unpack(asked["payload"])
            row = self.library[wanted["block"]]
            words = self.store[4 * row["address"] :][: row["words"]]
            where = {"x": asked["source_x"], "y": asked["source_y"], "unit": wanted["tbu"]}
            self.chunks.extend(chunk_packets(self.config, where, row["parallel"], words))
        assert received == self.chunks.popleft()

    def check_token(self, received: Flits, left: int | None) -> None:
        command = self.commands.popleft()
        assert left == (command["token"]["slot"] if command["release"] else None)
        words = sent_words(command, self.store[4 * command["source"] :][: command["length"]])
        token = command["token"] | {"words": len(words)}
        assert received == token_packet(self.config, command, token, words)
        self.flits.extend(received)
        # Whole rows are written.
        per = self.config.data_width // 32
        words += [0] * (-len(words) % per)
        row = command["unit"] == UNIT_ROW
        at = 4 * (ROW_AT if row else command["arg"])
        self.store[at : at + len(words)] = words
        self.tokens.append((token, row))

    def come_back(self, driver: Driver) -> None:
        """Offer what came back, and take arrivals: for a while hardly any."""
        flits, home, ctx = self.flits, driver.home, driver.ctx
        first = {"data": flits[0][0], "last": flits[0][1]} if flits and self.rng.random() < 0.9 else None
        if driver.offer(home.rx, first):
            flits.popleft()
        take = self.rng.random() < (0.05 if self.made % 20 < 10 else 0.9)
        ctx.set(home.arrival.ready, take)
        if take and ctx.get(home.arrival.valid):
            arrival, (expected, row) = ctx.get(home.arrival.payload), self.tokens.popleft()
            assert {name: arrival.token[name] for name in expected} == expected
            assert arrival.row == row


@BY_WIDTH
def test_packets_and_configurations_in_turn(config: Config) -> None:
    """What is sent comes back: data move within the store, tokens arrive in order; what is to be released is, once.

    Half of it comes back as rows from the host, whose words go where the CBU says.
    """
    home, loop = Home(config), Loop(config)

    async def bench(ctx: Any) -> None:
        driver = Driver(ctx, home)
        ctx.set(home.row_at, ROW_AT)
        library = layouts(config).library_row
        columns = library.columns
        await driver.load(LoadTarget.STORE, dict(enumerate(loop.store)))
        for block, row in enumerate(loop.library):
            words = library.pack_words(row)
            await driver.load(LoadTarget.LIBRARY, {columns * block + j: word for j, word in enumerate(words)})
        for cycle in range(3000):
            loop.winds_up = cycle >= 2600
            loop.push(driver)
            loop.take(driver)
            loop.come_back(driver)
            await ctx.tick()
        assert loop.made == 60
        assert not loop.tokens and not loop.requests and not loop.chunks
        # The words lie where they were sent: they are read through a configuration.
        words = library.pack_words({"address": 60, "words": 4 * 66, "parallel": 0})
        await driver.load(LoadTarget.LIBRARY, dict(enumerate(words)))
        loop.requests.append(request(config, loop.rng, 0))
        loop.library[0] = {"address": 60, "words": 4 * 66, "parallel": 0}
        driver.offer(home.library, loop.requests[0])
        await ctx.tick()
        driver.offer(home.library, None)
        while loop.requests or loop.chunks:
            loop.take(driver)
            await ctx.tick()

    simulate(home, bench)


def test_every_loader_may_ask_while_a_packet_waits() -> None:
    config = CONFIGS[0]
    home, rng = Home(config), random.Random(1)
    command = some(rng, layouts(config).command) | {"words": 0, "room": 0}

    async def bench(ctx: Any) -> None:
        driver = Driver(ctx, home)
        assert driver.offer(home.command, command)
        await ctx.tick()
        driver.offer(home.command, None)
        for number in range(config.library_depth):
            assert driver.offer(home.library, request(config, rng, number % 8)), number
            driver.sent(False)
            await ctx.tick()

    simulate(home, bench)


@BY_WIDTH
def test_the_last_flit_waits_for_room(config: Config) -> None:
    home, widths, rng = Home(config), layouts(config), random.Random(1)
    sent = [some(rng, widths.token) | {"words": 0} for _ in range(6)]
    where = {"x": 0, "y": 0, "unit": 7, "arg": 0}
    flits = deque(flit for token in sent for flit in token_packet(config, where, token, []))
    heads = len(head(config, widths.token_head, {}))

    async def bench(ctx: Any) -> None:
        driver = Driver(ctx, home)
        arrived = []
        for cycle in range(120):
            first = {"data": flits[0][0], "last": flits[0][1]} if flits else None
            if driver.offer(home.rx, first):
                flits.popleft()
            ctx.set(home.arrival.ready, cycle > 60)
            if cycle == 60:
                # Four tokens, the fifth but for its last flit, and a queue of two whose head that flit is.
                assert len(flits) == heads - 1
            if cycle > 60 and ctx.get(home.arrival.valid):
                token = ctx.get(home.arrival.payload.token)
                arrived.append({name: token[name] for name in sent[0]})
            await ctx.tick()
        assert arrived == sent

    simulate(home, bench)
