# SPDX-License-Identifier: Apache-2.0
import random
from collections import deque

import pytest
from amaranth.hdl import Cat, Module
from amaranth.lib.wiring import Component, connect, flipped

from octopus_hw.contract.bits import Layout
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.noc.packet import Receiver, Sender
from tests.simulate import simulate

MASK = 0xFFFFFFFF
CONFIG = Config(tbus=6, queue_depth=32)
WIDTHS = layouts(CONFIG)


def data_word(source: int, index: int) -> int:
    return ((index | source << 9) * 0x9E3779B1) & MASK


def library_row(block: int) -> dict[str, int]:
    return {"address": block * 5 & 0x3FFF, "words": block & 7, "parallel": block >> 3 & 3}


def packet(header: dict[str, int], token: dict[str, int] | None, words: list[int]) -> list[tuple[int, int]]:
    flits = [WIDTHS.header.pack(**header)]
    if token is not None:
        flits += WIDTHS.token.pack_words(token)
    flits += words
    return [(word, 0) for word in flits] + [(sum(flits) & MASK, 1)]


def fields(rng: random.Random, layout: Layout) -> dict[str, int]:
    return {name: rng.randrange(1 << span.width) for name, span in layout.spans.items()}


class Memories(Component):
    """A sender with the memories it reads."""

    def __init__(self, library: bool) -> None:
        self.sender = Sender(CONFIG, library)
        super().__init__({n: m for n, m in self.sender.signature.members.items() if n not in ("words", "entry")})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.sender = sender = self.sender
        for name in self.signature.members:
            if name in ("token", "vacant"):
                m.d.comb += getattr(self, name).eq(getattr(sender, name))
            else:
                connect(m, flipped(getattr(self, name)), getattr(sender, name))
        words = sender.words
        m.d.sync += words.data.eq(Cat(words.index, words.source) * 0x9E3779B1)
        if "entry" in sender.signature.members:
            with m.If(sender.entry.enable):
                block = sender.entry.block
                row = sender.entry.row
                m.d.sync += [row.address.eq(block * 5), row.words.eq(block[:3]), row.parallel.eq(block[3:])]
        return m


class SenderTwin:
    def __init__(self) -> None:
        self.queue: deque[dict] = deque()
        self.flits: list[tuple[int, int]] = []
        self.release: int | None = None
        self.token = 0
        self.pointer = 0

    def cycle(self, push: dict | None, request: dict | None, ready: bool) -> dict:
        seen = {"room": len(self.queue) < 2, "vacant": not self.queue, "flit": None, "release": None, "taken": False}
        seen["token"] = self.token
        heads = [len(self.queue) > 0, request is not None]
        if self.flits:
            seen["flit"] = self.flits[0]
            if ready:
                self.flits.pop(0)
                if not self.flits:
                    seen["release"] = self.release
        elif any(heads):
            choice = self.pointer if heads[self.pointer] else 1 - self.pointer
            self.pointer = 1 - choice
            if choice:
                seen["taken"] = True
                self._configuration(request)
            else:
                command = self.queue.popleft()
                self.release = command["source"] & 31 if command["release"] else None
                if command["empty"]:
                    seen["release"] = self.release
                else:
                    self._token(command)
        if push and seen["room"]:
            self.queue.append(push)
        return seen

    def _token(self, command: dict) -> None:
        words = [data_word(command["source"], j) for j in range(command["words"])]
        header = {name: command[name] for name in ("x", "y", "unit", "arg")}
        self.flits = packet(header | {"config": 0}, command["token"], words)
        self.token = WIDTHS.token.pack(**command["token"])

    def _configuration(self, request: dict) -> None:
        block, tbu = WIDTHS.config_request.unpack(request["payload"]).values()
        row = library_row(block)
        header = {"x": request["source_x"], "y": request["source_y"], "unit": tbu, "config": 1, "arg": row["parallel"]}
        self.flits = packet(header, None, [data_word(row["address"], j) for j in range(row["words"])])
        self.release = None


def a_command(rng: random.Random) -> dict:
    return fields(rng, WIDTHS.command) | {
        "token": fields(rng, WIDTHS.token),
        "words": rng.choice([0, 0, 1, 2, 9]),
        "empty": rng.random() < 0.2,
    }


@pytest.mark.parametrize("library", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sender_follows_its_twin(seed: int, library: bool) -> None:
    rng = random.Random(seed)
    dut, twin = Memories(library), SenderTwin()

    async def bench(ctx):
        packets = 0
        request = None
        for cycle in range(1500):
            hurry = (cycle // 300) % 3
            push = a_command(rng) if rng.random() < (0.02, 0.5, 1)[hurry] else None
            ready = rng.random() < (1, 0.5, 0.9)[hurry]
            if library and request is None and rng.random() < 0.3:
                request = fields(rng, WIDTHS.control_flit)
            ctx.set(dut.command.valid, push is not None)
            ctx.set(dut.command.payload, push or {})
            ctx.set(dut.tx.ready, ready)
            if library:
                ctx.set(dut.library.valid, request is not None)
                ctx.set(dut.library.payload, request or {})
            expect = twin.cycle(push, request, ready)
            assert (ctx.get(dut.command.ready), ctx.get(dut.vacant)) == (expect["room"], expect["vacant"])
            flit = ctx.get(dut.tx.payload)
            assert ((flit.data, flit.last) if ctx.get(dut.tx.valid) else None) == expect["flit"], cycle
            released = ctx.get(dut.release.place) if ctx.get(dut.release.valid) else None
            assert released == expect["release"], cycle
            assert ctx.get(dut.token.as_value()) == expect["token"]
            if library:
                assert (ctx.get(dut.library.ready) and request is not None) == expect["taken"]
                if expect["taken"]:
                    request = None
            packets += expect["flit"] is not None and expect["flit"][1]
            await ctx.tick()
        assert packets > 60

    simulate(dut, bench)


class ReceiverTwin:
    """Knows the packets beforehand; follows them flit by flit."""

    def __init__(self) -> None:
        self.queue: deque[tuple] = deque()
        self.errors = [0, 0, 0]

    def cycle(self, push: tuple | None, hold: bool) -> dict:
        seen = {"room": len(self.queue) < 2, "errors": self.errors[0], "word": None, "done": None}
        self.errors[0] = self.errors[1]
        self.errors[1] = self.errors[2]
        if self.queue:
            kind, detail = self.queue[0][1:]
            if kind != "token end" or not hold:
                self.queue.popleft()
                if kind == "word":
                    seen["word"] = detail
                elif kind in ("token end", "configuration end"):
                    seen["done"] = detail
                    self.errors[2] += detail["wrong"]
                    self.errors[1] = self.errors[2]
        if push and seen["room"]:
            self.queue.append(push)
        return seen


def arrivals(rng: random.Random, count: int) -> list[tuple]:
    """Flits with what they are and what is to be seen when they are taken."""
    result = []
    for _ in range(count):
        config = rng.random() < 0.3
        header, token = fields(rng, WIDTHS.header) | {"config": config}, fields(rng, WIDTHS.token)
        words = [rng.randrange(1 << 32) for _ in range(rng.choice([0, 1, 5]))]
        flits = packet(header, None if config else token, words)
        wrong = rng.random() < 0.2
        if wrong:
            flits[-1] = (flits[-1][0] ^ 1 << rng.randrange(32), 1)
        parts = len(flits) - len(words) - 1
        for i, flit in enumerate(flits):
            if flit[1]:
                detail = {"header": WIDTHS.header.pack(**header), "wrong": wrong}
                detail["token"] = None if config else WIDTHS.token.pack(**token)
                result.append((flit, "configuration end" if config else "token end", detail))
            elif i >= parts:
                result.append((flit, "word", (i - parts, flit[0])))
            else:
                result.append((flit, "start", None))
    return result


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_receiver_follows_its_twin(seed: int) -> None:
    rng = random.Random(seed)
    dut, twin = Receiver(CONFIG), ReceiverTwin()
    coming = deque(arrivals(rng, 80))

    async def bench(ctx):
        cycle = 0
        while coming or twin.queue:
            hurry = (cycle // 100) % 3
            push = coming[0] if coming and rng.random() < (0.3, 1, 1)[hurry] else None
            hold = rng.random() < (0.2, 0, 0.9)[hurry]
            ctx.set(dut.rx.valid, push is not None)
            if push:
                ctx.set(dut.rx.payload, {"data": push[0][0], "last": push[0][1]})
            ctx.set(dut.hold, hold)
            expect = twin.cycle(push, hold)
            if push and expect["room"]:
                coming.popleft()
            assert ctx.get(dut.rx.ready) == expect["room"]
            word = (ctx.get(dut.word.index), ctx.get(dut.word.data)) if ctx.get(dut.word.valid) else None
            assert word == expect["word"]
            assert ctx.get(dut.done) == (expect["done"] is not None)
            if expect["done"]:
                assert ctx.get(dut.header.as_value()) == expect["done"]["header"]
                if expect["done"]["token"] is not None:
                    assert ctx.get(dut.token.as_value()) == expect["done"]["token"]
            assert ctx.get(dut.errors) == expect["errors"]
            await ctx.tick()
            cycle += 1
        assert twin.errors[2] > 5

    simulate(dut, bench)


def test_a_full_command_queue_and_a_word_flow_take_one_cycle_a_flit() -> None:
    """Taken in t, header, token, words and sum from t + 1 on, then the next command (docs/timing.md#senders)."""
    dut = Memories(False)
    command = {"words": 3, "source": 2, "release": 1, "token": {"block": 5}}

    async def bench(ctx):
        ctx.set(dut.tx.ready, 1)
        ctx.set(dut.command.payload, command)
        ctx.set(dut.command.valid, 1)
        valid = []
        flits = 1 + WIDTHS.token.words + 3 + 1
        for _ in range(4 + 2 * flits):
            valid.append(ctx.get(dut.tx.valid))
            assert ctx.get(dut.release.valid) == ctx.get(dut.tx.payload.last)
            await ctx.tick()
        assert valid == [0, 0] + flits * [1] + [0] + flits * [1] + [0]

    simulate(dut, bench)
