# SPDX-License-Identifier: Apache-2.0
import random
from collections import deque
from typing import Any

import pytest

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import PARALLEL
from octopus_hw.contract.layouts import layouts
from octopus_hw.noc.sender import HomeSender, Sender
from tests.noc.packets import (
    CONFIGS,
    Flits,
    a_command,
    chunk_packets,
    name_of,
    packed,
    rows,
    sent_words,
    some,
    token_packet,
)
from tests.simulate import simulate


def stored(source: int, word: int) -> int:
    """What lies in a memory."""
    return (word | source << 15) * 0x9E3779B1 & 0xFFFFFFFF


def library_row(config: Config, block: int) -> dict[str, int]:
    widths = layouts(config)
    sizes = [0, 1, 63, 64, 65, 128, 130, 7]
    words = min(sizes[block % len(sizes)], config.config_words)
    return {
        "address": block * 5 % (1 << widths.quad),
        "words": words,
        "parallel": block % (1 << PARALLEL),
    }


class Twin:
    """The page, of a sender in a TBU or, with `home`, in a home."""

    def __init__(self, config: Config, home: bool) -> None:
        self.config, self.home = config, home
        self.queue: deque[dict[str, Any]] = deque()
        self.flits: Flits = []
        self.has_rows = False
        self.release: int | None = None
        self.chunks: deque[Flits] = deque()
        self.pointer = 0

    def cycle(self, push: dict[str, Any] | None, request: dict[str, Any] | None, ready: bool) -> dict[str, Any]:
        """One cycle; return what is seen in it."""
        seen: dict[str, Any] = {
            "room": len(self.queue) < 2,
            "vacant": not self.queue,
            "flit": self.flits[0] if self.flits else None,
            "release": None,
            "taken": False,
        }
        leaves = bool(self.flits) and ready
        ends = leaves and len(self.flits) == 1
        seen["reads"] = bool(self.flits) and not ends and self.has_rows
        if leaves:
            self.flits.pop(0)
        if ends:
            seen["release"] = self.release
        if not self.flits:
            self.take(request, ends, seen)
        if push and seen["room"]:
            self.queue.append(push)
        return seen

    def take(self, request: dict[str, Any] | None, ends: bool, seen: dict[str, Any]) -> None:
        heads = [len(self.queue) > 0, self.home and (request is not None or len(self.chunks) > 0)]
        if not any(heads):
            return
        choice = self.pointer if heads[self.pointer] else 1 - self.pointer
        if choice == 0 and self.queue[0]["empty"]:
            if not ends:
                command = self.queue.popleft()
                seen["release"] = self.place(command)
            return
        self.pointer = 1 - choice if self.home else 0
        if choice == 0:
            self.send_token(self.queue.popleft())
        else:
            if not self.chunks:
                seen["taken"] = True
                self.chunks.extend(self.configuration(request))
            self.flits = self.chunks.popleft()
            self.has_rows, self.release = len(self.flits) > 1, None

    def place(self, command: dict[str, Any]) -> int | None:
        """What a command releases: the place of its data, or of a result at home its slot."""
        if not command["release"]:
            return None
        return command["token"]["slot"] if self.home else command["source"] % (1 << layouts(self.config).place)

    def words(self, source: int, count: int) -> list[int]:
        return [stored(source, j) for j in range(count)]

    def send_token(self, command: dict[str, Any]) -> None:
        words = sent_words(command, self.words(command["source"], command["length"]))
        self.flits = list(token_packet(self.config, command, command["token"], words))
        self.has_rows, self.release = bool(words), self.place(command)

    def configuration(self, request: dict[str, Any]) -> list[Flits]:
        widths = layouts(self.config)
        wanted = widths.config_request.unpack(request["payload"])
        row = library_row(self.config, wanted["block"])
        where = {"x": request["source_x"], "y": request["source_y"], "unit": wanted["tbu"]}
        return chunk_packets(self.config, where, row["parallel"], self.words(row["address"], row["words"]))


class Memories:
    """The memories behind a sender: what is not asked for is noise."""

    def __init__(self, config: Config, rng: random.Random) -> None:
        self.config, self.rng = config, rng
        self.row, self.entry = 0, 0

    def show(self, ctx: Any, dut: Any) -> None:
        ctx.set(dut.rows.data, self.row)
        if "entry" in dut.signature.members:
            ctx.set(dut.entry.row, library_row(self.config, self.entry))

    def read(self, ctx: Any, dut: Any) -> None:
        source, index, per = ctx.get(dut.rows.source), ctx.get(dut.rows.index), self.config.data_width // 32
        words = [stored(source, index * per + j) for j in range(per)]
        self.row = rows(self.config, words)[0] if ctx.get(dut.rows.reads) else self.rng.getrandbits(32 * per)
        if "entry" in dut.signature.members and ctx.get(dut.entry.enable):
            self.entry = ctx.get(dut.entry.block)


def asked(config: Config, rng: random.Random) -> dict[str, Any]:
    widths = layouts(config)
    wanted = {"block": rng.randrange(config.max_blocks), "tbu": rng.randrange(config.tbus)}
    return some(rng, widths.control_flit) | {"payload": packed(widths.config_request, wanted)}


@pytest.mark.parametrize("config", CONFIGS, ids=name_of)
@pytest.mark.parametrize("kind", [Sender, HomeSender])
def test_follows_its_twin(config: Config, kind: type) -> None:
    """Every flit in its cycle, every release, read and take, whatever the tile switch and the CBU do."""
    home = kind is HomeSender
    rng = random.Random(name_of(config))
    dut, twin, memories = kind(config), Twin(config, home), Memories(config, rng)

    async def bench(ctx: Any) -> None:
        packets = 0
        request = None
        for cycle in range(2000):
            hurry = (cycle // 150) % 4
            push = a_command(rng, config) if rng.random() < (0.02, 0.5, 1, 0.1)[hurry] else None
            if push and not home:
                push["empty"] = int(rng.random() < 0.3)
            ready = rng.random() < (1, 0.5, 0.9, 1)[hurry]
            if home and request is None and rng.random() < (0.02, 0.3, 0, 1)[hurry]:
                request = asked(config, rng)
            memories.show(ctx, dut)
            ctx.set(dut.command.valid, push is not None)
            ctx.set(dut.command.payload, push or {})
            ctx.set(dut.tx.ready, ready)
            if home:
                ctx.set(dut.library.valid, request is not None)
                ctx.set(dut.library.payload, request or {})
            expect = twin.cycle(push, request, ready)
            assert (ctx.get(dut.command.ready), ctx.get(dut.vacant)) == (expect["room"], expect["vacant"])
            flit = ctx.get(dut.tx.payload)
            assert ((flit.data, flit.last) if ctx.get(dut.tx.valid) else None) == expect["flit"], cycle
            assert ctx.get(dut.rows.reads) == expect["reads"], cycle
            if home:
                assert (ctx.get(dut.library.ready) and request is not None) == expect["taken"], cycle
                request = None if expect["taken"] else request
            port, what = (dut.left, "slot") if home else (dut.release, "place")
            released = ctx.get(getattr(port, what)) if ctx.get(port.valid) else None
            assert released == expect["release"], cycle
            packets += bool(expect["flit"] and expect["flit"][1] and ready)
            memories.read(ctx, dut)
            await ctx.tick()
        assert packets > 15

    simulate(dut, bench)


def test_rows_follow_the_head_without_a_gap_and_the_next_packet_the_last_row() -> None:
    """Taken in t, the first flit in t + 1, one in each cycle; the next command's first flit the cycle after z."""
    config = Config(data_width=64)
    dut = Sender(config)
    command = {"words": 5, "length": 5, "source": 2, "release": 1, "token": {"block": 5}}
    flits = -(-layouts(config).token_head.size // 64) + 3

    async def bench(ctx: Any) -> None:
        ctx.set(dut.tx.ready, 1)
        ctx.set(dut.command.payload, command)
        ctx.set(dut.command.valid, 1)
        valid, releases = [], []
        for cycle in range(2 + 3 * flits):
            valid.append(ctx.get(dut.tx.valid))
            if ctx.get(dut.release.valid):
                releases.append(cycle)
            await ctx.tick()
        assert valid == [0, 0] + 3 * flits * [1]
        assert releases == [1 + flits, 1 + 2 * flits, 1 + 3 * flits]

    simulate(dut, bench)


def test_a_command_has_its_turn_between_two_chunks() -> None:
    config = Config(data_width=128)
    rng = random.Random(7)
    dut, memories = HomeSender(config), Memories(config, rng)
    units: list[int] = []

    async def bench(ctx: Any) -> None:
        ctx.set(dut.tx.ready, 1)
        ctx.set(dut.library.payload, {"payload": packed(layouts(config).config_request, {"block": 6, "tbu": 2})})
        first, taken = True, False
        for cycle in range(120):
            memories.show(ctx, dut)
            ctx.set(dut.library.valid, not taken)
            ctx.set(dut.command.valid, cycle == 3)
            ctx.set(dut.command.payload, {"unit": 5})
            taken |= ctx.get(dut.library.ready)
            if ctx.get(dut.tx.valid):
                if first:
                    bits = ctx.get(dut.tx.payload.data)
                    units.append(layouts(config).header.unpack(bits)["unit"])
                first = ctx.get(dut.tx.payload.last)
            memories.read(ctx, dut)
            await ctx.tick()

    simulate(dut, bench)
    assert units == [2, 5, 2, 2]
