# SPDX-License-Identifier: Apache-2.0
import random
from collections import deque

import pytest

import octopus_sim.reference.tbu as reference
from octopus_hw.contract.codes import LoadTarget, Message
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.owg import sources
from octopus_hw.tbu.buffers import SALT
from octopus_hw.tbu.tbu import Tbu
from octopus_sim.reference.dispatcher import MODES, Mode
from octopus_sim.reference.events import rotl
from tests.simulate import simulate
from tests.tbu.rig import Calm, Crowd, Stimuli, packet
from tests.tbu.samples import Table, a_source, expected, result_cycle

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
    flits = packet(Config(), {"config": 1}, None, [0xAAAA0001, 0xBBBB0002])
    seen: dict[str, list[int]] = {"request": [], "done": []}

    async def bench(ctx):
        ctx.set(dut.state.mode, {"adaptive": 1, "affinity": 1})
        for name, value in (("library_x", 3), ("x", 1), ("y", 2)):
            ctx.set(getattr(dut.state, name), value)
        ctx.set(dut.request.ready, 1)
        ctx.set(dut.done.ready, 1)
        await load_numbers(ctx, dut, {12: 5, 13: 1 << 29})
        token = {"block": 6, "value": 77, "instance": 9, "index": 4, "round": 2, "next": 5}
        for cycle in range(40):
            ctx.set(dut.state.cycle, cycle)
            ctx.set(dut.accept.valid, cycle == 4)
            ctx.set(dut.accept.token, token)
            # A flit that the tile switch moves in cycle 11 is taken in 12.
            flit = cycle - 11
            ctx.set(dut.rx.valid, 0 <= flit < 4)
            ctx.set(dut.rx.payload, flits[flit] if 0 <= flit < 4 else {})
            if ctx.get(dut.request.valid):
                seen["request"].append(cycle)
                request = ctx.get(dut.request.payload)
                assert (request.x, request.source_x, request.source_y, request.payload) == (3, 1, 2, 6)
                assert request.message == Message.CONFIG
            if ctx.get(dut.done.valid):
                seen["done"].append(cycle)
                completion = ctx.get(dut.done.payload)
                assert completion.place == 0 and completion.token.value == 77 and completion.token.next == 5
            await ctx.tick()
        # The loader pushes in 5; the CBU takes the completion in 27.
        assert seen == {"request": [6], "done": [27]}
        assert [ctx.get(getattr(dut.counters, name)) for name in ("started", "work", "loads", "errors")] == [1, 5, 1, 0]

    simulate(dut, bench)
    assert capsys.readouterr().out == "EVENT 21 1 2 0.0 start 9 6 4 2\nEVENT 26 1 2 0.0 finish 9 6 4 2\n"


CONFIGS = {
    "usual": (Config(number_words=1024), 12),
    "few slots": (Config(config_slots=2, peas=3, queue_depth=6, number_words=1024), 5),
    "smallest": (Config(config_slots=1, peas=1, queue_depth=1, switch_cycles=0, number_words=1024), 2),
    "many PEAs": (Config(config_slots=3, peas=8, queue_depth=13, switch_cycles=1, number_words=1024), 7),
}


def follow(stimuli: Stimuli, mode: Mode, dead: int, cycles: int) -> reference.Tbu:
    """Compare a TBU with its twin in every cycle."""
    rng, config = stimuli.rng, stimuli.config
    table, chip_seed, number = Table(), rng.randrange(1 << 32), rng.randrange(config.tbus)
    drawn = [(short(rng), a_source(rng)) for _ in range(stimuli.blocks)]
    for block, pair in enumerate(drawn):
        for f, source in enumerate(pair):
            table.words[2 * block + f] = table.descriptor(source)

    def draw(token: dict, t: int) -> list[tuple[int, int]]:
        scene = token["variant"] >> 12
        first, second = drawn[token["block"]]
        r = result_cycle(first, t + 1, t, scene)
        results = [(expected(first, token, chip_seed, 0), r)]
        results.append((expected(second, token, chip_seed, 1), result_cycle(second, r + 1, t, scene)))
        return results

    dut, other = Tbu(config, False), reference.Tbu(config, mode, number, dead, draw)

    async def bench(ctx):
        ctx.set(dut.number, number)
        ctx.set(dut.state.seed, chip_seed)
        ctx.set(dut.state.dead, dead << 8 * number | 0b101 << 8 * (number ^ 1))
        ctx.set(dut.state.mode, vars(mode))
        await load_numbers(ctx, dut, dict(enumerate(table.words)))
        for cycle in range(cycles):
            stimuli.pass_time(cycle)
            await a_cycle(ctx, dut, other, stimuli, cycle)

    simulate(dut, bench)
    return other


# Every mode with the usual sizes, a third of them with each of the others.
CASES = [(kind, mode) for n, kind in enumerate(CONFIGS) for mode in (MODES[n - 1 :: 3] if n else MODES)]


@pytest.mark.parametrize(("kind", "mode"), CASES, ids=str)
def test_a_tbu_follows_its_twin(kind: str, mode: Mode) -> None:
    config, blocks = CONFIGS[kind]
    dead = 0b010 if config.peas > 1 and mode.prefetch else 0
    other = follow(Stimuli(random.Random(f"{kind} {mode}"), config, blocks), mode, dead, 1200)
    assert other.started > 20 and other.loads > 5
    assert (set(other.teams) > {1}) == (mode.split and config.peas > 1)


def test_a_slot_that_is_bound_in_the_cycle_of_a_load_is_left_alone() -> None:
    config = Config(config_slots=2, peas=2, queue_depth=12, number_words=1024)
    other = follow(Crowd(random.Random(3), config, 12), Mode(True, True), 0, 3000)
    assert other.overtaken > 0


@pytest.mark.parametrize("affinity", [False, True])
def test_a_tbu_with_little_to_do_splits_all_it_can(affinity: bool) -> None:
    stimuli = Calm(random.Random(f"{affinity}"), Config(peas=5, number_words=1024), 3)
    stimuli.parallel = [1, 2, 4]
    other = follow(stimuli, Mode(True, True, affinity, True), 0b01000, 3000)
    assert all(other.teams[k] > 5 for k in (1, 2, 4))


async def a_cycle(ctx, dut: Tbu, other: reference.Tbu, stimuli: Stimuli, cycle: int) -> None:
    rng, widths = stimuli.rng, layouts(stimuli.config)
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
    seen = other.step(accept, flit[1] if flit else None, take_done, take_request)
    assert ctx.get(dut.rx.ready) == seen.room
    if flit and seen.room:
        stimuli.flits.popleft()
    request = ctx.get(dut.request.payload)
    assert (request.payload if ctx.get(dut.request.valid) else None) == (
        None if seen.request is None else widths.config_request.pack(block=seen.request, tbu=other.number)
    ), cycle
    if seen.request is not None and take_request:
        stimuli.library.append([rng.randrange(20), seen.request])
    assert ctx.get(dut.done.valid) == (seen.done is not None), cycle
    if seen.done:
        completion = ctx.get(dut.done.payload)
        assert completion.place == seen.done[0]
        assert completion.token.as_bits() == widths.token.pack(**seen.done[1])
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


def test_data_words_travel_through_a_place() -> None:
    """In by a packet, changed by the task's key, out by two commands; the last flit of the second frees the place."""
    config = Config(buffer_words=20)
    dut = Tbu(config, False)
    rng = random.Random(5)
    place, words = 6, [rng.randrange(1 << 32) for _ in range(13)]
    token = {"block": 3, "instance": 0xABCDE, "round": 7, "index": 0x1234}
    key = SALT ^ (0xABCDE | 7 << 24) ^ 0x1234 << 16
    coming = packet(config, {"unit": 0, "arg": place}, token, words)
    command = {"x": 1, "y": 2, "unit": 7, "arg": 99, "token": token, "source": place, "words": 11}
    changed = [word ^ rotl(key, j) for j, word in enumerate(words)]
    leaving = packet(config, {"x": 1, "y": 2, "unit": 7, "arg": 99}, token, changed[:11])
    seen: list[tuple[int, int]] = []
    released: list[tuple[int, int]] = []

    async def bench(ctx):
        for flit in coming:
            ctx.set(dut.rx.valid, 1)
            ctx.set(dut.rx.payload, flit)
            assert ctx.get(dut.rx.ready)
            await ctx.tick()
        ctx.set(dut.rx.valid, 0)
        await ctx.tick().repeat(3)
        commands = deque([command, command | {"release": 1}])
        for _ in range(100):
            ctx.set(dut.command.valid, bool(commands))
            ctx.set(dut.command.payload, commands[0] if commands else {})
            if commands and ctx.get(dut.command.ready):
                commands.popleft()
            ctx.set(dut.tx.ready, rng.random() < 0.7)
            if ctx.get(dut.tx.valid) and ctx.get(dut.tx.ready):
                seen.append((ctx.get(dut.tx.payload.data), ctx.get(dut.tx.payload.last)))
            if ctx.get(dut.release.valid):
                released.append((len(seen), ctx.get(dut.release.place)))
            await ctx.tick()
        assert ctx.get(dut.counters.errors) == 0

    simulate(dut, bench)
    assert seen == 2 * [(flit["data"], flit["last"]) for flit in leaving]
    assert released == [(len(seen), place)]


def test_a_dispatch_holds_back_the_last_flit_of_a_packet() -> None:
    """Both come in the same cycle: the CBU's token is accepted first, the packet's one cycle later."""
    dut = Tbu(Config(), False)
    flits = packet(Config(), {"arg": 1}, {"block": 2}, [])

    async def bench(ctx):
        accepted = []
        for cycle in range(12):
            ctx.set(dut.rx.valid, cycle < len(flits))
            ctx.set(dut.rx.payload, flits[cycle] if cycle < len(flits) else {})
            # The last flit is pushed in cycle 5 and could be taken in 6.
            ctx.set(dut.accept.valid, cycle in (6, 7))
            ctx.set(dut.accept.place, cycle - 4 if cycle in (6, 7) else 0)
            if ctx.get(dut._places.accept.valid):
                accepted.append((cycle, ctx.get(dut._places.accept.place)))
            await ctx.tick()
        assert accepted == [(6, 2), (7, 3), (8, 1)]

    simulate(dut, bench)
