# SPDX-License-Identifier: Apache-2.0
"""The exchange of work and the decision, against the plainest reading of docs/timing.md#exchange."""

from random import Random
from typing import Any

import numpy as np
import pytest

from octopus_hw.contract.config import Config
from octopus_sim.model.twins import Bench

from .rig import bench, step

STEPS = ((0, -1), (1, 0), (0, 1), (-1, 0))  # north, east, south, west


def balanced(columns: int, rows: int, config: Config, **balance: int) -> Bench:
    return bench(columns, rows, config=config, mode={"balance": 1}, balance=balance)


def naive_best(columns: int, rows: int, work: list[int], promised: list[list[int]], strides: int) -> list[Any]:
    """The best (work, partner) of each tile; `promised`, by distance, is what was seen when work came from there."""
    best = []
    for tile in range(columns * rows):
        came = [(0, 0)]
        for partner in range(16):
            log, (dx, dy) = partner // 4, STEPS[partner % 4]
            x, y = tile % columns + (dx << log), tile // columns + (dy << log)
            inside = 0 <= x < columns and 0 <= y < rows
            if inside and strides >> log & 1 and not promised[log][tile] >> partner & 1:
                came.append((min(work[x + columns * y], 4095), partner))
        best.append(max(came, key=lambda item: item[0]))  # the first of equal ones
    return best


@pytest.mark.parametrize(("columns", "rows"), [(1, 1), (2, 1), (9, 1), (1, 17), (5, 3), (11, 9)])
@pytest.mark.parametrize("strides", [0b1111, 0b0001, 0b1010])
@pytest.mark.parametrize("latency", [1, 3])
def test_the_best_partner(columns: int, rows: int, strides: int, latency: int) -> None:
    """Random work, and promises that change while it is under way."""
    config = Config(link_latency=latency, tbus=2)
    random = Random(f"{columns}{rows}{strides}{latency}")
    b = balanced(columns, rows, config, strides=strides, hysteresis=0, nominal=0, shift=0)
    s, hop, tiles = b.state, 1 + latency, range(columns * rows)
    for z in range(config.tick, 5 * config.tick, config.tick):
        work = [random.choice((0, 5, 5, 6, 3000, 5000)) for _ in tiles]
        promised = {}
        for tile in tiles:
            s.tbu[2 * tile]["work"], s.tbu[2 * tile + 1]["work"] = work[tile] // 2, work[tile] - work[tile] // 2
        for now in range(z, z + 8 * hop + 2):
            if now == z + 1:
                s.tbu["work"] = 0  # what was sent is under way
            promised[now - z] = [random.getrandbits(16) & random.getrandbits(16) for _ in tiles]
            s.balance["promised"] = promised[now - z]
            step(b, now)
        if z == config.tick:
            continue  # not all tiles run yet
        best = naive_best(columns, rows, work, [promised[hop << log] for log in range(4)], strides)
        wants = np.array([most > 0 for most, _ in best])
        assert ((s.balance["until"] == z + config.tick) == wants).all()
        assert (s.balance["since"][wants] == z + 8 * hop + 2).all()
        assert s.balance["partner"][wants].tolist() == [partner for most, partner in best if most]


def test_a_tile_that_did_not_run_in_the_tick_has_no_part() -> None:
    """Tile 15 of a row starts in cycle 31, tile 16 in 33, after the tick in 32."""
    b = balanced(17, 1, Config(), hysteresis=0, nominal=0, strides=1)
    b.state.tbu[4 * 15]["work"] = 9
    wanting = []
    for tick in (32, 64):
        for now in range(tick, tick + 18):
            step(b, now)
        wanting.append(np.flatnonzero(b.state.balance["until"] == tick + 32).tolist())
    assert wanting == [[14], [14, 16]]


def test_the_allowance() -> None:
    """Worth of `nominal` is 8, shift 2: N = 32; it grows by the difference, up to 64, and is lost with it."""
    b = balanced(2, 1, Config(), hysteresis=10, nominal=4, shift=2)
    s = b.state
    told = []
    for tick, (mine, other, promised) in enumerate(
        [(0, 10, 0), (0, 11, 0), (4, 24, 0), (0, 11, 0), (0, 90, 0), (0, 10, 0), (0, 19, 1), (0, 18, 1), (0, 90, 8)], 1
    ):
        s.tbu["work"] = 0
        s.tbu[0]["work"], s.tbu[4]["work"] = other, mine
        s.balance[1]["promised"] = promised
        for now in range(32 * tick, 32 * tick + 18):
            step(b, now)
        share = s.balance[1]
        told.append((int(share["allowance"]), share["until"] == 32 * tick + 32))
    # The last but two: a promise counts as work, 19 - 8 = 11. The last: the one partner, west, is promised something.
    assert told == [
        (0, False), (11, False), (31, False), (42, True), (64, True), (0, False), (11, False), (0, False), (0, False),
    ]  # fmt: skip


def test_no_work_comes_from_beyond_the_edge() -> None:
    """On 5x3 a row's end is no neighbour of the next row's start."""
    b = balanced(5, 3, Config(), hysteresis=0, nominal=0)
    b.state.tbu[4 * 5]["work"] = 9  # tile 0,1
    for now in range(32, 50):
        step(b, now)
    wanting = np.flatnonzero(b.state.balance["until"])
    assert wanting.tolist() == [0, 6, 7, 9, 10]  # 0,0 1,1 2,1 4,1 0,2
    assert b.state.balance["partner"][wanting].tolist() == [2, 3, 7, 11, 0]
