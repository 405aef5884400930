# SPDX-License-Identifier: Apache-2.0
"""The network bench measures what flows, and its sinks miss no fault."""

import random
from collections import Counter

import pytest
from amaranth.hdl import Value

from octopus_hw.contract.config import ROUTERS, Config
from octopus_sim import amaranth_run
from octopus_sim.traffic.chip import TrafficChip
from octopus_sim.traffic.destination import Destination
from octopus_sim.traffic.driver import FOREVER, Traffic, network, outcome, plan
from octopus_sim.traffic.layout import SINK, Pattern
from octopus_sim.traffic.patterns import HOT_SHARE, demand, hot_spot
from octopus_sim.traffic.sink import Sink
from octopus_sim.traffic.source import TrafficSource
from tests.simulate import simulate

PACKETS, FLITS = 6, 3
WIDTH = Config().data_width
HERE, THERE = (0, 0), (1, 1)


def settle(ctx, unit, place):
    """Set place and registers: packets of FLITS flits to the opposite tile, as often as can be."""
    word = unit.settings.word
    for signal, value in (
        (unit.state.x, place[0]),
        (unit.state.y, place[1]),
        (word.chance, FOREVER),
        (word.length, FLITS),
        (word.pattern, Pattern.COMPLEMENT),
        (word.stop, FOREVER),
    ):
        ctx.set(signal, value)


@pytest.fixture(scope="module")
def sent():
    """What a source sends, as words of WIDTH + 1 bits."""
    source, words = TrafficSource(2, 2, Config()), []

    async def testbench(ctx):
        settle(ctx, source, HERE)
        await ctx.tick()
        ctx.set(source.state.running, 1)
        ctx.set(source.settings.inside, 1)
        ctx.set(source.o.ready, 1)
        while len(words) < PACKETS * FLITS:
            ctx.set(source.state.cycle, ctx.get(source.state.cycle) + 1)
            if ctx.get(source.o.valid):
                words.append(ctx.get(Value.cast(source.o.payload)))
            await ctx.tick()

    simulate(source, testbench)
    return words


def faults_of(streams, place=THERE):
    """Return by name what a sink counts of each stream of words."""
    sink, counted = Sink(Config()), {}

    async def testbench(ctx):
        settle(ctx, sink, place)
        for name, words in streams.items():
            before = [ctx.get(getattr(sink, counter)) for counter in SINK]
            ctx.set(sink.state.running, 0)
            # The source's sequence numbers are all that is not 0 in the table.
            await ctx.tick().repeat(256)
            ctx.set(sink.state.running, 1)
            ctx.set(sink.i.valid, 1)
            for word in words:
                ctx.set(Value.cast(sink.i.payload), word)
                await ctx.tick()
            ctx.set(sink.i.valid, 0)
            after = [ctx.get(getattr(sink, counter)) for counter in SINK]
            counted[name] = {c: b - a for c, a, b in zip(SINK, before, after, strict=True)}
            if sum(word >> WIDTH for word in words) and not words[-1] >> WIDTH:
                # A packet is under way: its end puts the sink back between packets.
                ctx.set(Value.cast(sink.i.payload), 1 << WIDTH)
                ctx.set(sink.i.valid, 1)
                await ctx.tick()
                ctx.set(sink.i.valid, 0)

    simulate(sink, testbench)
    return counted


def wrong(counts):
    return {name for name in ("misrouted", "disordered", "broken") if counts[name]}


def test_sink_has_nothing_against_what_a_source_sends(sent):
    counts = faults_of({"sent": sent})["sent"]
    assert not wrong(counts)
    assert (counts["taken"], counts["arrived"], counts["hops"]) == (PACKETS, PACKETS, 2 * PACKETS)


def test_sink_finds_every_lost_doubled_and_exchanged_flit(sent):
    ends = range(len(sent))
    streams = {f"lost {at}": sent[:at] + sent[at + 1 :] for at in ends[:-1]}
    streams |= {f"doubled {at}": sent[: at + 1] + sent[at:] for at in ends}
    streams |= {f"exchanged {at}": [*sent[:at], sent[at + 1], sent[at], *sent[at + 2 :]] for at in ends[:-1]}
    assert [name for name, counts in faults_of(streams).items() if not wrong(counts)] == []


def test_sink_finds_every_lost_doubled_and_exchanged_packet(sent):
    packets = [sent[at : at + FLITS] for at in range(0, len(sent), FLITS)]
    orders = {"lost": (0, 2, 3), "doubled": (0, 1, 1, 2), "exchanged": (0, 2, 1, 3), "late": (1, 2, 3, 0)}
    streams = {name: [word for at in order for word in packets[at]] for name, order in orders.items()}
    assert all(wrong(counts) == {"disordered"} for counts in faults_of(streams).values())


def test_sink_finds_a_packet_for_another_tile(sent):
    counts = faults_of({"sent": sent}, place=(1, 0))["sent"]
    assert (wrong(counts), counts["misrouted"]) == ({"misrouted"}, PACKETS)


def test_sink_finds_every_wrong_bit(sent):
    """The mark too, as every other word of a flit says it again."""
    flipped = {
        (at, bit): [*sent[:at], sent[at] ^ 1 << bit, *sent[at + 1 :]]
        for at in range(FLITS, 2 * FLITS)
        for bit in range(WIDTH + 1)
    }
    missed = [where for where, counts in faults_of(flipped).items() if not wrong(counts)]
    assert missed == []


@pytest.mark.parametrize(("columns", "rows"), [(3, 3), (4, 2)])
def test_targets_are_those_of_the_pattern(columns, rows):
    unit, rng, draws = Destination(columns, rows), random.Random(1), 400
    patterns = [pattern for pattern in Pattern if columns == rows or pattern != Pattern.TRANSPOSE]
    found, silent = {}, {}

    async def testbench(ctx):
        hot = hot_spot(columns, rows)
        for name, value in zip(("hot_x", "hot_y", "share"), (*hot, HOT_SHARE), strict=True):
            ctx.set(getattr(unit.settings.word, name), value)
        for pattern in patterns:
            ctx.set(unit.settings.word.pattern, pattern)
            for x, y in ((x, y) for x in range(columns) for y in range(rows)):
                ctx.set(unit.x, x)
                ctx.set(unit.y, y)
                seen = found[pattern, (x, y)] = Counter()
                for _ in range(draws):
                    ctx.set(unit.word, rng.getrandbits(32))
                    seen[ctx.get(unit.to_x), ctx.get(unit.to_y)] += 1
                silent[pattern, (x, y)] = ctx.get(unit.silent)

    simulate(unit, testbench, clocked=False)
    for (pattern, tile), seen in found.items():
        chances = demand(pattern, columns, rows).targets.get(tile)
        assert silent[pattern, tile] == (chances is None)
        if chances is not None:
            assert seen.keys() == chances.keys()
            for target, chance in chances.items():
                assert abs(seen[target] - draws * chance) <= 5 * (draws * chance * (1 - chance)) ** 0.5


def test_bounds_are_those_of_the_busiest_link():
    bounds = {pattern: demand(pattern, 8, 8).bound for pattern in Pattern}
    assert bounds[Pattern.UNIFORM] == pytest.approx(0.5 * 63 / 64)
    assert bounds[Pattern.TRANSPOSE] == pytest.approx(1 / 7)
    assert bounds[Pattern.COMPLEMENT] == pytest.approx(1 / 4)
    assert bounds[Pattern.HOTSPOT] == pytest.approx(1 / (63 * (1 / 8 + 7 / 8 / 63)))
    assert demand(Pattern.UNIFORM, 8, 8).hops == pytest.approx(16 / 3)
    with pytest.raises(ValueError, match="4x2 is not square"):
        demand(Pattern.TRANSPOSE, 4, 2)


def test_everything_arrives_however_links_and_sinks_stall():
    traffic = Traffic(pattern=Pattern.UNIFORM, flits=3, load=0.5, warm_up=20, window=150, rest=0, drain=250)
    chip = TrafficChip(2, 2, Config(**ROUTERS["lean"], link_stalls=6))
    result = outcome(traffic, 2, 2, amaranth_run.run(chip, plan(traffic, 2, 2)))
    assert result.errors == 0
    assert result.born == result.taken >= result.marked == result.arrived > 80
    assert result.latency is not None
    assert result.longest >= result.latency > 2 + 2 * result.hops + 2


@pytest.mark.slow
@pytest.mark.parametrize("preset", ROUTERS)
def test_verilator_and_amaranth_count_the_same(preset, tmp_path):
    config = Config(**ROUTERS[preset], link_stalls=3)
    traffic = Traffic(pattern=Pattern.HOTSPOT, flits=2, load=0.4, warm_up=50, window=300, rest=50, drain=100)
    with network(2, 2, config).session(tmp_path) as session:
        fast = session.run(plan(traffic, 2, 2))
    assert fast.words == amaranth_run.run(TrafficChip(2, 2, config), plan(traffic, 2, 2)).words
