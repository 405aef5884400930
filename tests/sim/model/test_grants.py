# SPDX-License-Identifier: Apache-2.0
"""Work that moves, from the tick to the start in another tile, cycle by cycle (docs/timing.md#balancing)."""

from typing import Any

import numpy as np
import pytest

from octopus_hw.contract.codes import Kind, SourceKind
from octopus_hw.contract.config import Config
from octopus_hw.image.image import Image
from octopus_sim.model import run
from octopus_sim.model.build import build
from octopus_sim.model.state import State
from octopus_sim.model.step import run_until

from .samples import VALUE, flow, image, numbers, source, story, task
from .test_order import in_any_order

BALANCE = {"hysteresis": 3, "shift": 0, "nominal": 2}


def pair(instances: int, cycles: int = 500, columns: int = 2, **keys: Any) -> Image:
    """One PEA in each tile and one kind of task, of weight 2, which is worth 4; all instances at tile 0,0."""
    config = Config(tbus=1, peas=1, queue_depth=keys.pop("places", 1), max_instances=16)
    lists = {(0, 0): [{"instance": n} for n in range(instances)]} | keys.pop("lists", {})
    flows = [flow(1, Kind.END), task(0, 0, weight=2)]
    table = numbers({0: (source(SourceKind.CONST, cycles), VALUE)}, 2)
    mode = {"balance": 1} | keys.pop("mode", {})
    return image(flows, table, columns, config=config, lists=lists, slots=16, mode=mode, balance=BALANCE, **keys)


class Film:
    """A run that is looked at in some cycles, in rising order: at what is visible in each."""

    def __init__(self, picture: Image) -> None:
        self.state = build(picture, 1 << 16)

    def at(self, cycle: int) -> State:
        run_until(self.state.header.ctypes.data, cycle, 0)
        return self.state


def test_from_the_tick_to_the_start() -> None:
    """Three of four instances are stalled in 0,0; 1,0 is idle."""
    film = Film(pair(4))
    # 2, 6, 8, 10: injected; 7, 9, 11: failed. So 0,0 has 4 in its TBU and 12 at home.
    s = film.at(32)
    assert int(s.tbu[0]["work"]) == 4 and int(s.balance[0]["home"]) == 12
    # 32 tick, 34 come, 49 decision: 16 > 3; the allowance is 16, cut to 2N = 8; N = 4.
    assert film.at(50).balance[1]["allowance"] == 8
    s = film.at(51)  # granted in 50
    assert s.balance[1]["promised"] == 1 << 3 and s.balance[1]["allowance"] == 4 and s.tbu[1]["free"] == 0
    # 51 local queue, 52 router, 54 router of 0,0, 55 taken.
    assert film.at(55).engine[0]["grants_count"] == 0
    assert film.at(56).engine[0]["grants_count"] == 1
    # 56 the stalled one is taken, by the budget that the GRANT gave; 57 HOLD, 58 FLOW: TAKEN, 59 ACT.
    assert film.at(58).balance[0]["home"] == 12
    s = film.at(59)
    assert s.balance[0]["home"] == 8 and s.engine[0]["grants_count"] == 0
    # 59 local queue, 60 router, 62 router of 1,0, 63 taken.
    assert film.at(63).balance[1]["promised"] != 0
    assert film.at(64).balance[1]["promised"] == 0
    # Three flits: taken 60, 61 to 63 pushed, 62 to 64 tile switch, 63 to 65 router, 65 to 67 router, 66 to 68 switch;
    # accepted in 69.
    assert film.at(69).tbu[1]["work"] == 0
    assert film.at(70).tbu[1]["work"] == 4
    lines = [line for line in story(run(pair(4)).events, "move", "start") if line[0] < 100]
    # As in docs/timing.md#a-worked-example, 16 cycles from being accepted to the start.
    assert lines == [(20, "0.0", "start", 0), (59, "cbu", "move", 0), (85, "0.0", "start", 0)]


def test_a_grant_that_is_not_used_goes_back() -> None:
    """Four places in each tile: nothing is stalled in 0,0, but it has more work."""
    film = Film(pair(4, cycles=2000, places=4))
    assert film.at(51).balance[1]["promised"] == 1 << 3
    assert film.at(57).engine[0]["grants_count"] == 1
    # The promise counts as work in 81, and 0,0 is promised something: the allowance is lost.
    assert film.at(81).balance[1]["allowance"] == 4
    assert film.at(82).balance[1]["allowance"] == 0
    # Old in the tick 64, stale in the tick 96.
    assert film.at(97).engine[0]["grants_count"] == 1
    # 97 returned, 98 local queue, 99 router, 101 router of 1,0, 102 taken.
    assert film.at(98).engine[0]["grants_count"] == 0
    s = film.at(102)
    assert s.balance[1]["promised"] == 1 << 3 and s.tbu[1]["free"] == 0b1110
    s = film.at(103)
    assert s.balance[1]["promised"] == 0 and s.tbu[1]["free"] == 0b1111 and s.engine[1]["pending"] == 1
    # The next tick is 128: the same again.
    assert film.at(146).balance[1]["promised"] == 0
    assert film.at(147).balance[1]["promised"] == 1 << 3


def test_with_early_a_grant_is_used_though_there_are_places() -> None:
    """Of three instances one is due late, when the one PEA of 0,0 is busy but places are free."""
    late = {(0, 0): [{"instance": 0}, {"instance": 1}, {"instance": 2, "due": 70}]}
    for early, moves in ((0, 0), (1, 1)):
        result = run(pair(0, 500, places=8, lists=late, mode={"early": early}), 5000)
        first = [line for line in story(result.events, "move") if line[0] < 80]
        assert len(first) == moves
        if early:
            assert first == [(72, "cbu", "move", 0)]  # injected in 70, FLOW in 71


@pytest.mark.parametrize("announce", [0, 1])
def test_children_are_announced(announce: int) -> None:
    """A spawn of ten children of weight 3, worth 6 each, on one TBU of four places."""
    flows = [
        flow(1, Kind.SPAWN, next=1, aux=2, record=1, join=0, weight=3),
        task(2, 2, laned=1, record=2, weight=3),
        flow(3, Kind.JOIN, next=3, record=34),
        flow(4, Kind.END),
        task(0, 0, weight=1),
    ]
    sources = {
        0: (source(SourceKind.CONST, 3), VALUE),
        1: (source(SourceKind.CONST, 10), 0),
        2: (source(SourceKind.CONST, 50), 0),
    }
    config = Config(tbus=1, queue_depth=4)
    picture = image(flows, numbers(sources, 5), config=config, mode={"balance": 1, "announce": announce})
    events = run(picture, 5000).events
    decided = story(events, "decide")[0][0]
    placed = [line[0] for line in story(events, "dispatch")][1:]
    assert len(placed) == 10
    film = Film(picture)
    home = [int(film.at(cycle).balance[0]["home"]) for cycle in range(placed[-1] + 2)]
    assert home[decided] == 0 and home[decided + 1] == 60 * announce
    # In FLOW, the cycle before `dispatch`, a child is no longer at home; only the fifth is stalled for a while.
    announced = [60 - 6 * (n + 1) if announce else 0 for n in range(10)]
    assert [home[cycle] for cycle in placed] == announced
    assert home[placed[3] + 4] == announced[4] + 6
    assert home[-1] == 0 and int(film.state.tbu[0]["work"]) > 0


@pytest.mark.parametrize("cycles", range(1500, 1533, 3))
def test_ticks_that_change_nothing_are_left_out(cycles: int) -> None:
    """Long runs, in which neither a wanting tile nor a stalled holder gets a place: every cycle is as if looked at."""
    picture = pair(4, cycles, 3, lists={(1, 0): [{"instance": 9, "due": 500}], (2, 0): [{"instance": 8, "due": 100}]})
    result = run(picture)
    events, counters = in_any_order(picture, cycles)
    assert np.array_equal(events, result.events) and np.array_equal(counters, result.counters)
    assert result.counter("moved") > 0
    assert result.tile_cycles < 2000


def test_a_mesh_that_waits_costs_nothing() -> None:
    config = Config()
    flows = [flow(1, Kind.END), task(0, 0, weight=2)]
    lists = {(0, 0): [{"instance": 0, "due": 300_000_001}]}
    table = numbers({0: (source(SourceKind.CONST, 9), VALUE)}, 2)
    result = run(image(flows, table, 32, 32, config=config, lists=lists, mode={"balance": 1}, balance=BALANCE))
    assert result.inject_cycles.tolist() == [300_000_002]
    assert result.tile_cycles < 2000
