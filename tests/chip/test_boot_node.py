# SPDX-License-Identifier: Apache-2.0
import random

import pytest
from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import connect

from octopus_hw.chip.boot_node import BootNode
from octopus_hw.contract.codes import BootOp, LoadTarget, Register
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import LoadPlace
from tests.simulate import simulate

COLUMNS, ROWS = 3, 2
RESET = 24  # cycles of a reset: more than the way to the last tile
TILES = [(x, y) for y in range(ROWS) for x in range(COLUMNS)]


class Tree(wiring.Component):
    """The boot nodes of a mesh."""

    def __init__(self, latency):
        self.nodes = {tile: BootNode(Config(link_latency=latency), RESET) for tile in TILES}
        super().__init__({})

    def elaborate(self, platform):
        m = Module()
        for (x, y), node in self.nodes.items():
            m.submodules[f"node_{x}_{y}"] = node
            m.d.comb += [node.x.eq(x), node.y.eq(y)]
            if (x + 1, y) in self.nodes:
                connect(m, node.east, self.nodes[x + 1, y].west)
            if (x, y + 1) in self.nodes:
                connect(m, node.south, self.nodes[x, y + 1].north)
        return m


def header(op, rectangle):
    x0, y0, x1, y1 = rectangle
    return op << 28 | x0 << 21 | y0 << 14 | x1 << 7 | y1


def load(rectangle, memory, address, words, step=0):
    place = LoadPlace.pack(memory=memory, address=address, step=step)
    return [header(BootOp.LOAD, rectangle), place, len(words), *words]


def inside(tile, rectangle, step=1):
    x0, y0, x1, y1 = rectangle
    return tile[0] in range(x0, x1 + 1, step) and tile[1] in range(y0, y1 + 1, step)


def run(latency, words, gap=lambda: 0):
    """Feed the words to tile 0,0; return per tile the loads, the reads, the cycle of the start, and the last state.

    Cycles count from the one in which the last word stands in tile 0,0's input register.
    """
    tree = Tree(latency)
    loads, reads = {tile: [] for tile in TILES}, {tile: [] for tile in TILES}
    starts, state = {}, {}
    schedule = {}
    cycle = RESET
    for word in words:
        cycle += 1 + gap()
        schedule[cycle] = word
    arrival = cycle + latency

    async def testbench(ctx):
        first = tree.nodes[0, 0].west
        for now in range(cycle + 40 + 20 * latency):
            ctx.set(first.valid, now in schedule)
            ctx.set(first.word, schedule.get(now, 0))
            for tile, node in tree.nodes.items():
                if ctx.get(node.loads.valid):
                    word = ctx.get(node.loads.word)
                    loads[tile].append((word.memory, word.address, word.data))
                if ctx.get(node.read.valid):
                    reads[tile].append((ctx.get(node.read.first), ctx.get(node.read.count)))
                if ctx.get(node.state.running):
                    time = now - arrival
                    starts.setdefault(tile, time)
                    assert ctx.get(node.state.cycle) == time
                elif not ctx.get(node.state.held):
                    assert ctx.get(node.state.cycle) == 0
            await ctx.tick()
        names = ("seed", "dead", "streams", "expected", "watchdog", "x", "y")
        for tile, node in tree.nodes.items():
            state[tile] = {name: ctx.get(getattr(node.state, name)) for name in names}
            state[tile]["mode"] = ctx.get(node.state.mode).as_bits()
            balance = ctx.get(node.state.balance)
            state[tile] |= {name: balance[name] for name in ("hysteresis", "shift", "nominal", "strides")}

    simulate(tree, testbench)
    return loads, reads, starts, state


@pytest.mark.parametrize("latency", [1, 2, 4])
def test_every_tile_starts_at_its_time_and_counts_the_same(latency):
    _, _, starts, _ = run(latency, [header(BootOp.START, (0, 0, 2, 1)), 0])
    # Taken in cycle (x + y)(1 + L); running from the next cycle on.
    assert starts == {(x, y): (x + y) * (1 + latency) + 1 for x, y in TILES}


def test_only_the_rectangle_starts():
    _, _, starts, _ = run(1, [header(BootOp.START, (1, 0, 2, 0)), 0])
    assert set(starts) == {(1, 0), (2, 0)}


@pytest.mark.parametrize("seed", range(4))
def test_commands_reach_their_rectangles_and_nobody_else(seed):
    rng = random.Random(seed)
    words, loads, reads = [], {tile: [] for tile in TILES}, {tile: [] for tile in TILES}
    for _ in range(12):
        x0, y0 = rng.randrange(COLUMNS), rng.randrange(ROWS)
        where = (x0, y0, rng.randrange(x0, COLUMNS), rng.randrange(y0, ROWS))
        if rng.random() < 0.6:
            memory, address, step = rng.randrange(1, 11), rng.randrange(1000), rng.choice([0, 0, 1, 2])
            # Words that look like commands.
            payload = [rng.getrandbits(32) | rng.choice([0x10000000, 0x20000000]) for _ in range(rng.randrange(5))]
            words += load(where, memory, address, payload, step)
            for tile in TILES:
                if inside(tile, where, 1 << step):
                    loads[tile] += [(memory, address + k, word) for k, word in enumerate(payload)]
        else:
            first, count = rng.randrange(100), rng.randrange(4)
            words += [header(BootOp.READ, where), count << 16 | first]
            for tile in TILES:
                if inside(tile, where) and count:
                    reads[tile].append((first, count))
    words += [header(BootOp.START, (0, 0, 2, 1)), 0]
    done = run(1 + seed % 2, words, gap=lambda: rng.choice([0, 0, 0, 2]))
    assert done[0] == loads
    assert done[1] == reads
    assert set(done[2]) == set(TILES)


@pytest.mark.parametrize("tile", [(0, 0), (5, 2), (13, 13), (126, 96)])
def test_a_step_leaves_out_the_tiles_between(tile):
    """LOADs to the rectangle from each of some corners on, to the mesh's end, with each step: whose are taken."""
    node, rng = BootNode(Config(), RESET), random.Random(1)
    near = [[rng.choice([at for at in range(at - 16, at + 2) if at >= 0]) for at in tile] for _ in range(100)]
    cases = [((*corner, 127, 127), step) for corner in [tile, *near] for step in range(4)]
    taken = []

    async def testbench(ctx):
        ctx.set(node.x, tile[0])
        ctx.set(node.y, tile[1])
        ctx.set(node.west.valid, 1)
        for number, (where, step) in enumerate(cases):
            for word in (*load(where, LoadTarget.STORE, 0, [number], step), 0, 0):
                ctx.set(node.west.word, word)
                if ctx.get(node.loads.valid):
                    taken.append(ctx.get(node.loads.word).data)
                await ctx.tick()

    simulate(node, testbench)
    expected = [number for number, (where, step) in enumerate(cases) if inside(tile, where, 1 << step)]
    assert taken == expected and 0 < len(expected) < len(cases)


def test_registers():
    values = {
        Register.SEED: 0xDEADBEEF,
        Register.MODE: 0b101,
        Register.DEAD: 0x80000001,
        Register.DEAD + 1: 0x12345678,
        Register.STREAMS: 7,
        Register.EXPECTED: 1 << 10,
        Register.BALANCE: 0b1010_0110_101_100000000001,
        Register.WATCHDOG: 0xABCD,
    }
    words = load((1, 1, 1, 1), LoadTarget.REGISTER, 0, list(values.values()))
    # A word of another memory at the same address is no register's.
    words += load((1, 1, 1, 1), LoadTarget.NUMBER, 0, [1])
    *_, state = run(1, words)
    assert state[1, 1] == {
        "seed": 0xDEADBEEF, "mode": 0b101, "dead": 0x12345678_80000001, "streams": 7,
        "expected": 1 << 10, "watchdog": 0xABCD, "x": 1, "y": 1,
        "hysteresis": 0x801, "shift": 5, "nominal": 6, "strides": 10,
    }  # fmt: skip
    assert state[2, 1] == dict.fromkeys(state[1, 1], 0) | {"x": 2, "y": 1}


@pytest.mark.parametrize("latency", [1, 4])
def test_a_reset_ends_everywhere_at_once_and_clears_the_registers(latency):
    tree = Tree(latency)
    mesh = (0, 0, 2, 1)
    loads = load(mesh, LoadTarget.REGISTER, Register.SEED, [5, 1])
    start = [header(BootOp.START, mesh), 0]
    # A rectangle does not count; LOADs follow at once; what comes in between does not count but as refused.
    again = [header(BootOp.RESET, (2, 1, 2, 1)), *loads[:-1], 3, header(BootOp.READ, mesh), 1 << 16, *start]
    again += [0] * (RESET - len(again))
    first = RESET + 9
    schedule = dict(enumerate([*loads, *start], RESET)) | dict(enumerate([*again, *start], first))
    taken = first + latency
    held, running, refused = ({tile: [] for tile in TILES} for _ in range(3))

    async def testbench(ctx):
        west = tree.nodes[0, 0].west
        for now in range(taken + RESET + 30):
            ctx.set(west.valid, now in schedule)
            ctx.set(west.word, schedule.get(now, 0))
            for tile, node in tree.nodes.items():
                assert ctx.get(node.west.held) == ctx.get(node.north.held) == ctx.get(node.state.held)
                held[tile] += [now] * ctx.get(node.state.held)
                running[tile] += [now] * ctx.get(node.state.running)
                refused[tile].append(ctx.get(node.state.refused))
                if now == taken + RESET:
                    assert (ctx.get(node.state.seed), ctx.get(node.state.mode).as_bits()) == (5, 3)
                    assert ctx.get(node.state.cycle) == 0
            await ctx.tick()

    simulate(tree, testbench)
    for x, y in TILES:
        way = (x + y) * (1 + latency)
        assert held[x, y] == [*range(RESET - 1), *range(taken + way + 1, taken + RESET)]
        assert running[x, y][0] == RESET + 6 + latency + way + 1
        assert running[x, y][-1] == taken + RESET + 29
        stopped = [now for now in range(taken + way, taken + RESET + 30) if now not in running[x, y]]
        assert stopped == list(range(taken + way + 1, taken + RESET + 1 + way + 1))
        assert refused[x, y][taken + way : taken + way + 2] == [0, 0] and refused[x, y][-1] == 2


def test_registers_are_cleared_by_a_reset():
    words = load((0, 0, 2, 1), LoadTarget.REGISTER, 0, [0xFFFFFFFF] * 8)
    *_, state = run(1, [*words, header(BootOp.RESET, (0, 0, 0, 0)), 0, 0])
    assert state == {(x, y): dict.fromkeys(state[0, 0], 0) | {"x": x, "y": y} for x, y in TILES}


@pytest.mark.parametrize("stopped", [1, 2, 3, 4, 1000])
def test_words_of_zero_end_any_command(stopped):
    """A host that stopped anywhere within the longest LOAD begins again."""
    node, mesh = BootNode(Config(), RESET), (0, 0, 2, 1)
    words = load(mesh, LoadTarget.STORE, 0, list(range(1, 4096)))[:stopped]
    words += [*[0] * 4096, header(BootOp.RESET, mesh), *[0] * (RESET - 1), header(BootOp.START, mesh), 0, 0]

    async def testbench(ctx):
        ctx.set(node.west.valid, 1)
        for word in words:
            assert not ctx.get(node.state.running)
            ctx.set(node.west.word, word)
            await ctx.tick()
        assert ctx.get(node.state.running)

    simulate(node, testbench)
