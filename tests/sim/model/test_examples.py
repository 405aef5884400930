# SPDX-License-Identifier: Apache-2.0
"""Runs that a reader can do by hand from docs/timing.md."""

import pytest

from octopus_hw.contract.codes import Kind, SourceKind
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import LAST_DUE
from octopus_sim.model import run

from .samples import VALUE, flow, image, numbers, source, story, task


def chain(count: int, cycles: int = 5) -> tuple[list[dict[str, int]], dict[int, tuple[int, int]]]:
    """Tasks one after the other, then the end; the last row is the entry."""
    flows = [task(n, n) for n in range(1, count)] + [flow(count, Kind.END), task(0, 0)]
    return flows, {n: (source(SourceKind.CONST, cycles), VALUE) for n in range(count)}


def test_the_worked_example() -> None:
    flows, sources = chain(1)
    result = run(image(flows, numbers(sources, 2)), 100)
    assert story(result.events) == [
        (2, "cbu", "inject", 0),
        (4, "cbu", "dispatch", 0),
        (20, "0.0", "start", 0),
        (25, "0.0", "finish", 0),
        (28, "cbu", "retire", 1),
    ]
    assert result.end_cycle == 28
    assert result.inject_cycles.tolist() == [2]
    assert result.retire_cycles.tolist() == [28]
    # DONE: offered in 29, local queue, router.
    assert result.done_cycle == 30


@pytest.mark.parametrize(("kind", "cost"), [(SourceKind.CONST, 6), (SourceKind.QUANTILES, 10)])
def test_dispatch_cost_from_finish_to_start(kind: SourceKind, cost: int) -> None:
    """The same block again, by a loop: it is resident, and its PEA idle and configured."""
    flows = [
        {"dest": 1, "kind": int(Kind.BRANCH), "last": 1, "next": 1, "count": 2, "aux": 1},
        task(0, 0, loop=1, max_rounds=1),
        flow(2, Kind.END),
        task(0, 0),
    ]
    cycles = source(kind, 6, 1)
    table = numbers({0: (cycles, VALUE), 1: (source(SourceKind.CONST, 0), 0)}, 3, 7)
    if kind == SourceKind.CONST:
        table[0] = source(SourceKind.CONST, 7)
    lines = story(run(image(flows, table), 200).events)
    finish, start = [line[0] for line in lines if line[2] in ("finish", "start")][1:3]
    branch = 4  # FLOW of the branch, two cycles of DECIDE, CHOSEN
    assert start - finish == cost + branch


def test_two_tasks_in_a_row() -> None:
    """The second one's configuration has to come, too; the token takes over its place."""
    flows, sources = chain(2)
    lines = story(run(image(flows, numbers(sources, 3)), 200).events)
    assert lines[3:] == [
        (25, "0.0", "finish", 0),
        (28, "cbu", "dispatch", 1),
        (44, "0.0", "start", 1),
        (49, "0.0", "finish", 1),
        (52, "cbu", "retire", 2),
    ]


def test_a_spawn_and_its_join() -> None:
    """Three children of a task, collected by a join of the spawn."""
    flows = [
        flow(1, Kind.SPAWN, next=1, aux=2, record=1, join=0),
        task(2, 2, laned=1, record=2),
        flow(3, Kind.JOIN, next=3, record=34, mode=1),
        flow(4, Kind.END),
        task(0, 0),
    ]
    table = numbers(
        {
            0: (source(SourceKind.CONST, 3), VALUE),
            1: (source(SourceKind.CONST, 3), 0),
            2: (source(SourceKind.CONST, 9), VALUE),
        },
        5,
    )
    result = run(image(flows, table), 500)
    lines = story(result.events)
    assert [line[2] for line in lines].count("start") == 4
    assert story(result.events, "decide", "join", "retire")[0][3] == 1
    dispatches = [line[0] for line in story(result.events, "dispatch")][1:]
    # ready: HOLD, CLAIM, FLOW, ACT, then CLAIM, FLOW, ACT for every other child: a token every three cycles.
    assert dispatches == [dispatches[0] + 3 * n for n in range(3)]
    children = result.events[(result.events["block"] == 2) & (result.events["event"] == 4)]
    assert children["index"].tolist() == [0, 1, 2]


def test_an_empty_spawn_fires_at_once() -> None:
    flows = [
        flow(1, Kind.SPAWN, next=1, aux=2, record=1, join=0),
        task(2, 2, laned=1, record=2),
        flow(3, Kind.JOIN, next=3, record=34),
        flow(4, Kind.END),
        task(0, 0),
    ]
    table = numbers({0: (source(SourceKind.CONST, 3), VALUE), 1: (source(SourceKind.CONST, 0), 0)}, 5)
    lines = story(run(image(flows, table), 500).events, "finish", "decide", "join", "retire")
    f = lines[0][0]
    # IDLE f+1, FLOW f+2, ARRIVE f+3 (inline), COUNT to f+5, FIRE f+6, NEXT f+7, IDLE f+8, HOLD, FLOW, ARRIVE.
    assert [(line[0] - f, line[2]) for line in lines[1:]] == [(5, "decide"), (6, "join"), (11, "retire")]


def test_a_fork_is_joined() -> None:
    flows = [
        task(1, 2, last=0),
        task(2, 3, record=1),
        flow(3, Kind.JOIN, next=4, all=1, count=2, first=1, record=2),
        flow(3, Kind.JOIN, next=4, all=1, count=2, record=2),
        flow(4, Kind.END),
        task(0, 0),
    ]
    table = numbers({n: (source(SourceKind.CONST, 4 + n), VALUE) for n in range(3)}, 5)
    result = run(image(flows, table), 500)
    lines = story(result.events, "finish", "dispatch", "join", "retire")
    finish = lines[1][0]
    # IDLE, FLOW, ACT for the first flow, then FLOW, ACT for the last, which inherits the place: TBU 0 ties.
    assert [line[0] - finish for line in lines[2:4]] == [3, 5]
    assert [line[2] for line in lines[-2:]] == ["join", "retire"]
    assert [line[2] for line in lines].count("join") == 1


def test_words_travel_through_the_tile_switch() -> None:
    """A token with data for a place of another TBU: a packet, and the place is freed behind it."""
    flows = [
        task(1, 2, last=0, words=3, result=3),
        task(2, 3, words=3, result=3),
        flow(3, Kind.JOIN, next=4, all=1, count=2, first=1, record=2),
    ]
    flows += [flow(3, Kind.JOIN, next=4, all=1, count=2, record=2), flow(4, Kind.END), task(0, 0, result=3)]
    table = numbers({n: (source(SourceKind.CONST, 4 + n), VALUE) for n in range(3)}, 5)
    result = run(image(flows, table), 500)
    assert result.counter("retired") == 1
    assert (result.state.tbu["free"] == 255).all()


def test_a_home_elsewhere_takes_part() -> None:
    """2x1, static: the one task is owned by tile 1,0, so the token moves there and comes back to its home."""
    flows, sources = chain(1)
    config = Config(tbus=1, peas=1)
    picture = image(flows, numbers(sources, 2), 2, 1, config=config, owners=[[(1, 0, 0)]])
    result = run(picture, 500)
    lines = story(result.events)
    # IDLE 2, FLOW 3, OWN 4, TRY 5; request queue 6, local queue 7 (router), link 9 (router), eject queue 10: answered;
    # reply queue 11, local queue 12 (router), link 14 (router), eject queue 15: taken; IDLE 16, HOLD, FLOW, ACT.
    assert lines[0] == (2, "cbu", "inject", 0)
    assert lines[1] == (19, "cbu", "move", 0)
    assert [line[2] for line in lines] == ["inject", "move", "start", "finish", "move", "retire"]
    assert result.events["x"].tolist() == [0, 0, 1, 1, 1, 0]


def test_owners_are_tried_in_turn() -> None:
    """3x2, static, one block with three owners of one place each: a fourth token fails everywhere and is stalled."""
    flows, sources = chain(1, cycles=400)
    config = Config(tbus=1, peas=1, queue_depth=1)
    owners = [[(2, 1, 0), (1, 0, 0), (0, 1, 0)]]
    lists = {(0, 0): [{"instance": n} for n in range(4)]}
    picture = image(flows, numbers(sources, 2), 3, 2, config=config, owners=owners, lists=lists)
    result = run(picture, 5000)
    starts = result.events[result.events["event"] == 4]
    assert {(int(e["x"]), int(e["y"])) for e in starts} == {(2, 1), (1, 0), (0, 1)}
    first = int(result.events[result.events["event"] == 3]["cycle"].min())
    assert (starts["cycle"] < first).sum() == 3
    # The fourth is tried again after a retry tick only.
    fourth = int(result.events[(result.events["event"] == 2) & (result.events["cycle"] > first)]["cycle"].min())
    assert fourth > first


def test_due_cycles_are_waited_for_in_sleep() -> None:
    flows, sources = chain(1)
    lists = {(0, 0): [{"instance": 0, "due": 1_000_001}, {"instance": 1, "due": 2_000_000}]}
    result = run(image(flows, numbers(sources, 2), lists=lists))
    assert result.inject_cycles.tolist() == [1_000_002, 2_000_000]
    assert result.tile_cycles < 100


@pytest.mark.parametrize("due", [(1 << 31) - 1, (1 << 31) + 5, LAST_DUE])
def test_instances_may_be_due_as_late_as_the_chip_can_count(due: int) -> None:
    flows, sources = chain(3)
    result = run(image(flows, numbers(sources, 3), lists={(0, 0): [{"instance": 0, "due": due}]}))
    early = run(image(flows, numbers(sources, 3), lists={(0, 0): [{"instance": 0, "due": 2 + due % 2}]}))
    late = int(result.inject_cycles[0]) - int(early.inject_cycles[0])
    assert due <= result.inject_cycles[0] <= due + 1
    assert (result.events["cycle"] - late).tolist() == early.events["cycle"].tolist()
    assert result.tile_cycles == early.tile_cycles


def test_a_window_is_a_streams_slots() -> None:
    flows, sources = chain(1)
    lists = {(0, 0): [{"instance": n} for n in range(6)]}
    result = run(image(flows, numbers(sources, 2), lists=lists, slots=1), 2000)
    assert (result.inject_cycles[1:] > result.retire_cycles[:-1]).all()
    result = run(image(flows, numbers(sources, 2), lists=lists, slots=2), 2000)
    assert (result.inject_cycles[1:] > result.retire_cycles[:-1]).sum() < 5


def test_dead_parts_are_left_alone() -> None:
    flows, sources = chain(3)
    lists = {(0, 0): [{"instance": n} for n in range(8)]}
    dead = {(0, 0): 0x0F | 0x3 << 8 | 0xF << 16 | 0xF << 24}  # only PEAs 2 and 3 of TBU 1 are alive
    result = run(image(flows, numbers(sources, 4), lists=lists, dead=dead), 20000)
    units = {line[1] for line in story(result.events, "start")}
    assert units == {"1.2", "1.3"}


def finish_of_wide(width: int, words: int) -> int:
    """Cycles from the start of a task of one cycle, with so many words of result, to its finish."""
    flows = [flow(1, Kind.END), task(0, 0, result=words)]
    table = numbers({0: (source(SourceKind.CONST, 1), VALUE)}, 2)
    config = Config(data_width=width, switch_cycles=0)
    lines = story(run(image(flows, table, config=config), 500).events, "dispatch", "finish")
    return lines[1][0] - lines[0][0]


@pytest.mark.parametrize("width", [32, 64, 128])
def test_a_result_is_finished_a_row_a_cycle(width: int) -> None:
    """Accepted in t, taken by the draw unit in t+1, so the key is visible in t+7; row 0 is done in t+9."""
    rows = 100 * 32 // width + (100 * 32 % width > 0)
    assert finish_of_wide(width, 100) == 8 + rows + 2
    # Without a result its configuration of two words, a row less if rows are wider, is what it waits for.
    assert finish_of_wide(width, 0) == (14 if width == 32 else 13)
