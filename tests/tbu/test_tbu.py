# SPDX-License-Identifier: Apache-2.0
import random
from collections import deque

import pytest

import octopus_sim.reference.tbu as reference
from octopus_hw.contract.codes import LoadTarget
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct
from octopus_hw.owg import sources
from octopus_hw.tbu.tbu import Tbu
from octopus_sim.reference.dispatcher import MODES, Mode
from tests.noc import packets
from tests.simulate import maybe, simulate
from tests.tbu import tally_twin
from tests.tbu.rig import HERE, Calm, Crowd, Stimuli
from tests.tbu.samples import Table, a_source, expected, key_cycle, key_of, lengths, result_cycle

COUNTERS = ("started", "work", "loads", "hash")


async def load_numbers(ctx, dut: Tbu, words: dict[int, int]) -> None:
    ctx.set(dut.loads.valid, 1)
    for address, word in words.items():
        ctx.set(dut.loads.word, {"memory": LoadTarget.NUMBER, "address": address, "data": word})
        await ctx.tick()
    ctx.set(dut.loads.valid, 0)


def test_the_worked_example(capsys: pytest.CaptureFixture[str]) -> None:
    """One task of 5 cycles, whose configuration of two words is not resident (docs/timing.md#a-worked-example)."""
    dut = Tbu(Config(), True)
    [flits] = packets.chunk_packets(Config(), HERE, 0, [0xAAAA0001, 0xBBBB0002])
    assert len(flits) == 2
    seen: dict[str, list[int]] = {"request": [], "done": []}

    async def bench(ctx):
        ctx.set(dut.state.mode, {"adaptive": 1, "affinity": 1})
        ctx.set(dut.state.x, 1)
        ctx.set(dut.state.y, 2)
        ctx.set(dut.request.ready, 1)
        ctx.set(dut.done.ready, 1)
        await load_numbers(ctx, dut, {12: 5, 13: 1 << 29})
        token = {"block": 6, "value": 77, "instance": 9, "index": 4, "round": 2, "next": 5}
        for cycle in range(40):
            ctx.set(dut.state.cycle, cycle)
            ctx.set(dut.accept.valid, cycle == 4)
            ctx.set(dut.accept.token, token)
            # A flit that the tile switch moves in cycle 12 is taken in 13.
            flit = cycle - 12
            ctx.set(dut.rx.valid, 0 <= flit < 2)
            ctx.set(dut.rx.payload, flit_of(flits[flit]) if 0 <= flit < 2 else {})
            if ctx.get(dut.request.valid):
                seen["request"].append(cycle)
                assert ctx.get(dut.request.payload) == 6
            if ctx.get(dut.done.valid):
                seen["done"].append(cycle)
                completion = ctx.get(dut.done.payload)
                assert completion.place == 0 and completion.token.value == 77 and completion.token.next == 5
            await ctx.tick()
        # The loader pushes in 5; the CBU takes the completion in 26.
        assert seen == {"request": [6], "done": [26]}
        assert [ctx.get(getattr(dut.counters, name)) for name in ("started", "work", "loads")] == [1, 5, 1]

    simulate(dut, bench)
    start, finish = "EVENT 20 1 2 0.0 start 9 6 4 2 0\n", f"EVENT 25 1 2 0.0 finish 9 6 4 2 {77 * 65537}\n"
    out = capsys.readouterr().out.splitlines(keepends=True)
    assert "".join(line for line in out if not line.startswith("LOADED ")) == start + finish


SIZES = {"number_words": 1024, "buffer_words": 9}
CONFIGS = {
    "usual": (Config(**SIZES), 12),
    "few slots": (Config(config_slots=2, peas=3, queue_depth=6, data_width=64, **SIZES), 5),
    "smallest": (Config(config_slots=1, peas=1, queue_depth=1, switch_cycles=0, **SIZES), 2),
    "many PEAs": (Config(config_slots=3, peas=8, queue_depth=13, switch_cycles=1, data_width=128, **SIZES), 7),
}


class Data:
    """The data of the places, and the tally unit that goes over them; the sender is idle."""

    def __init__(self, stimuli: Stimuli, seed: int) -> None:
        self.stimuli, self.seed = stimuli, seed
        self.twin = tally_twin.Twin(stimuli.config.data_width // 32)
        self.results: dict[int, tally_twin.Result] = {}

    def accept(self, place: int, token: dict, now: int) -> None:
        result = tally_twin.Result(place, token["words"], token["result"], key_of(token, self.seed), now)
        result.define(self.stimuli.data[place])
        self.stimuli.data[place] = result.expected
        self.results[token["instance"]] = result
        self.twin.accept(result)


def follow(stimuli: Stimuli, mode: Mode, dead: int, cycles: int) -> reference.Tbu:
    """Compare a TBU with its twin in every cycle."""
    rng, config = stimuli.rng, stimuli.config
    table, chip_seed, number = Table(), rng.randrange(1 << 32), rng.randrange(config.tbus)
    drawn = [(short(rng), a_source(rng)) for _ in range(stimuli.blocks)]
    for block, pair in enumerate(drawn):
        for f, source in enumerate(pair):
            table.words[2 * block + f] = table.descriptor(source)

    data = Data(stimuli, chip_seed)

    def draw(token: dict, t: int) -> list[tuple[int, int]]:
        scene = token["variant"] >> 12
        first, second = drawn[token["block"]]
        r = result_cycle(first, t + 1, t, scene)
        results = [(expected(first, token, chip_seed, 0), r)]
        r = result_cycle(second, r + 1, t, scene)
        results.append((expected(second, token, chip_seed, 1), r))
        if token["result"] > token["words"]:
            result = data.results[token["instance"]]
            result.keyed = key_cycle(r + 1, t)
            results.append((result.key, result.keyed))
        return results

    dut = Tbu(config, False)
    other = reference.Tbu(config, mode, number, dead, draw, lambda place: data.twin.sum(place, other.now))

    async def bench(ctx):
        ctx.set(dut.number, number)
        ctx.set(dut.state.seed, chip_seed)
        ctx.set(dut.state.dead, dead << 8 * number | 0b101 << 8 * (number ^ 1))
        ctx.set(dut.state.mode, vars(mode))
        await load_numbers(ctx, dut, dict(enumerate(table.words)))
        for cycle in range(cycles):
            stimuli.pass_time(cycle)
            await a_cycle(ctx, dut, other, data, cycle)

    simulate(dut, bench)
    return other


# Every mode with the usual sizes, a third of them with each of the others.
CASES = [(kind, mode) for n, kind in enumerate(CONFIGS) for mode in (MODES[n - 1 :: 3] if n else MODES)]


@pytest.mark.parametrize(("kind", "mode"), CASES, ids=str)
def test_a_tbu_follows_its_twin(kind: str, mode: Mode) -> None:
    config, blocks = CONFIGS[kind]
    dead = 0b010 if config.peas > 1 and mode.prefetch else 0
    other = follow(Stimuli(random.Random(f"{kind} {mode} 3"), config, blocks), mode, dead, 1200)
    assert other.started > 15 and other.loads > 5
    assert (set(other.teams) > {1}) == (mode.split and config.peas > 1)


def test_a_slot_that_is_bound_in_the_cycle_of_a_load_is_left_alone() -> None:
    config = Config(config_slots=2, peas=2, queue_depth=12, **SIZES)
    other = follow(Crowd(random.Random(4), config, 12), Mode(True, True), 0, 3000)
    assert other.overtaken > 0


@pytest.mark.parametrize("affinity", [False, True])
def test_a_tbu_with_little_to_do_splits_all_it_can(affinity: bool) -> None:
    stimuli = Calm(random.Random(f"{affinity}"), Config(peas=5, **SIZES), 3)
    stimuli.parallel = [1, 2, 4]
    other = follow(stimuli, Mode(True, True, affinity, True), 0b01000, 3000)
    assert all(other.teams[k] > 5 for k in (1, 2, 4))


async def a_cycle(ctx, dut: Tbu, other: reference.Tbu, data: Data, cycle: int) -> None:
    stimuli, rng = data.stimuli, data.stimuli.rng
    accept, flit = stimuli.accept(), stimuli.flit()
    take_done, take_request = rng.random() < 0.6, rng.random() < 0.5
    ctx.set(dut.state.cycle, cycle)
    ctx.set(dut.accept.valid, accept is not None)
    ctx.set(dut.accept.place, accept[0] if accept else 0)
    ctx.set(dut.accept.token, accept[1] if accept else {})
    ctx.set(dut.rx.valid, flit is not None)
    ctx.set(dut.rx.payload, flit[0] if flit else {})
    ctx.set(dut.done.ready, take_done)
    ctx.set(dut.request.ready, take_request)
    taken = other.taken(accept)
    seen = other.step(accept, flit[1] if flit else None, take_done, take_request)
    data.twin.step(cycle, False, taken is not None and taken.row)
    accepted = accept or (taken.detail if taken and taken.kind == "token" else None)
    if accepted:
        data.accept(*accepted, cycle)
    assert ctx.get(dut.rx.ready) == seen.room
    if flit and seen.room:
        stimuli.flits.popleft()
    assert (ctx.get(dut.request.payload) if ctx.get(dut.request.valid) else None) == seen.request, cycle
    if seen.request is not None and take_request:
        stimuli.library.append([rng.randrange(20), seen.request])
    assert ctx.get(dut.done.valid) == (seen.done is not None), cycle
    if seen.done:
        completion = ctx.get(dut.done.payload)
        assert completion.place == seen.done[0]
        assert completion.token.as_bits() == struct(layouts(other.config).token).const(seen.done[1]).as_bits()
        if take_done:
            stimuli.free.add(seen.done[0])
    assert [ctx.get(getattr(dut.counters, name)) for name in COUNTERS] == [getattr(seen, n) for n in COUNTERS], cycle
    assert ctx.get(dut.work) == seen.weights, cycle
    await ctx.tick()


def short(rng: random.Random):
    """A source of cycles that do not outlast the test."""
    return rng.choice([
        sources.Const(rng.randrange(30)),
        sources.Quantiles(tuple(rng.randrange(40) for _ in range(rng.randint(1, 4)))),
        sources.Affine(rng.randrange(30), 0),
        sources.Scenes((("0", sources.Const(rng.randrange(9))), ("1", sources.Quantiles((1, 20))))),
    ])  # fmt: skip


def flit_of(flit: tuple[int, int]) -> dict[str, int]:
    return {"data": flit[0], "last": flit[1]}


def a_few_tokens(rng: random.Random, config: Config) -> list[dict]:
    """Tokens of block 0; their instances are 1, 2, ..."""
    others = {"block": 0, "weight": 0}
    return [
        packets.some(rng, layouts(config).token) | others | lengths(rng, config.buffer_words) | {"instance": number}
        for number in range(1, config.queue_depth)
    ]


def some_commands(rng: random.Random, config: Config, result: tally_twin.Result) -> list[dict]:
    """All of a result, and what comes behind its first quad."""
    there = {"source": result.place, "length": result.size, "words": config.buffer_words, "room": 0}
    command = packets.a_command(rng, config) | there
    return [command | {"begin": begin, "release": begin} for begin in range(2)]


@pytest.mark.parametrize("width", [32, 64, 128])
def test_operands_come_in_and_results_go_out(width: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Tokens come in by packets while slices of others' results leave: every word is right, and every sum."""
    rng, config = random.Random(width), Config(data_width=width, buffer_words=61, number_words=64)
    dut, seed, tokens = Tbu(config, True), rng.randrange(1 << 32), a_few_tokens(rng, config)
    coming, results = deque(packets.chunk_packets(config, HERE, 0, [1])[0]), []
    for place, token in enumerate(tokens):
        operands = [rng.randrange(1 << 32) for _ in range(token["words"])]
        coming.extend(packets.token_packet(config, HERE | {"arg": place}, token, operands))
        result = tally_twin.Result(place, token["words"], token["result"], key_of(token, seed), 0)
        result.define(operands)
        results.append(result)
    commands: deque[dict] = deque()
    seen: list[tuple[int, int]] = []
    expected_flits: list[tuple[int, int]] = []

    async def bench(ctx):
        ctx.set(dut.state.mode, {"adaptive": 1, "affinity": 1})
        ctx.set(dut.state.seed, seed)
        ctx.set(dut.request.ready, 1)
        ctx.set(dut.done.ready, 1)
        await load_numbers(ctx, dut, {0: 5, 1: 99})
        ctx.set(dut.accept.token, {"block": 0})
        for cycle in range(1200):
            ctx.set(dut.state.cycle, cycle)
            # One token comes before the rest, so that its block is asked for.
            ctx.set(dut.accept.valid, cycle == 0)
            ctx.set(dut.accept.place, len(tokens))
            offers = cycle > 9 and bool(coming) and maybe(rng, 0.8)
            ctx.set(dut.rx.valid, offers)
            ctx.set(dut.rx.payload, flit_of(coming[0]) if offers else {})
            if offers and ctx.get(dut.rx.ready):
                coming.popleft()
            ctx.set(dut.command.valid, bool(commands))
            ctx.set(dut.command.payload, commands[0] if commands else {})
            if commands and ctx.get(dut.command.ready):
                commands.popleft()
            ctx.set(dut.tx.ready, maybe(rng, 0.7))
            if ctx.get(dut.tx.valid) and ctx.get(dut.tx.ready):
                seen.append((ctx.get(dut.tx.payload.data), ctx.get(dut.tx.payload.last)))
            if ctx.get(dut.done.valid) and ctx.get(dut.done.payload.place) < len(tokens):
                result = results[ctx.get(dut.done.payload.place)]
                assert ctx.get(dut.done.payload.token.words) == result.size
                for command in some_commands(rng, config, result):
                    commands.append(command)
                    words = packets.sent_words(command, result.expected)
                    expected_flits.extend(packets.token_packet(config, command, command["token"], words))
            await ctx.tick()

    simulate(dut, bench)
    assert not coming and not commands and len(expected_flits) > 80
    assert seen == expected_flits
    finishes = [line.split() for line in capsys.readouterr().out.splitlines() if " finish " in line]
    data = {int(line[6]): int(line[10]) for line in finishes}
    assert all(data[r.place + 1] == (r.sum + 99 * 65537) & 0xFFFFFFFF for r in results)


def test_a_dispatch_holds_back_the_last_flit_of_a_packet() -> None:
    """Both come in the same cycle: the CBU's token is accepted first, the packet's one cycle later."""
    dut = Tbu(Config(), False)
    flits = packets.token_packet(
        Config(), HERE | {"arg": 1}, packets.some(random.Random(1), layouts(Config()).token), []
    )

    async def bench(ctx):
        accepted, end = [], len(flits)
        for cycle in range(end + 6):
            ctx.set(dut.rx.valid, cycle < end)
            ctx.set(dut.rx.payload, flit_of(flits[cycle]) if cycle < end else {})
            # The last flit is pushed in cycle end - 1 and could be taken in the next.
            ctx.set(dut.accept.valid, cycle in (end, end + 1))
            ctx.set(dut.accept.place, cycle - end + 2 if cycle in (end, end + 1) else 0)
            if ctx.get(dut._places.accept.valid):
                accepted.append((cycle - end, ctx.get(dut._places.accept.place)))
            await ctx.tick()
        assert accepted == [(0, 2), (1, 3), (2, 1)]

    simulate(dut, bench)
