# SPDX-License-Identifier: Apache-2.0
"""All that is decided in a cycle comes from what was visible at its start: the order of evaluation shows nowhere."""

from random import Random

import numpy as np
import pytest

from octopus_hw.contract.codes import Event, Kind, SourceKind
from octopus_hw.contract.config import Config
from octopus_hw.image.image import Image
from octopus_sim.events import EVENT, event_hashes, sort_events
from octopus_sim.model import ModelResult, run
from octopus_sim.model import state as st
from octopus_sim.model.build import build
from octopus_sim.model.twins import cycle_in_order, parts_of
from tests.cbu.samples import hosted

from .samples import VALUE, flow, image, numbers, source, task

#: All mechanisms; work moves on small differences, so that it moves much.
OCTOPUS = dict.fromkeys(("affinity", "split", "balance", "announce", "early"), 1)
SWIFT = {"hysteresis": 3, "shift": 0}
SCHEDULERS: dict[str, dict[str, dict[str, int]]] = {
    "static": {},
    "adaptive": {},
    "octopus": {"mode": OCTOPUS, "balance": SWIFT},
    "late": {"mode": OCTOPUS | {"early": 0, "affinity": 0}, "balance": SWIFT | {"strides": 0b0101, "shift": 1}},
    "static and balanced": {"mode": OCTOPUS, "balance": SWIFT},
}


def busy_image(columns: int, rows: int, scheduler: str, config: Config) -> Image:
    """A task, a spawn whose children branch and loop, a fork and a join of all; data on most flows; uneven homes.

    Children get 6 words, 4 after the one before, of 13; the fork's first flow the last of what the join collects.
    """
    flows = [
        flow(1, Kind.SPAWN, next=1, aux=4, record=1, join=0, words=13, weight=5),
        task(2, 2, laned=1, record=2, words=6, step=1, result=7, weight=5, pool=0),
        {"dest": 3, "kind": int(Kind.BRANCH), "last": 1, "next": 3, "count": 2, "aux": 1, "laned": 1},
        task(2, 2, laned=1, record=2, loop=1, max_rounds=3, words=3, result=7, weight=5, pool=1),
        flow(4, Kind.JOIN, next=5, record=34, mode=1, words=7, room=2),
        flow(5, Kind.FORK, next=6, record=35, words=20),
        task(6, 8, last=0, words=11, begin=3, record=36, result=2, weight=2, pool=1),
        task(7, 9, record=37, weight=1, pool=2, pinned_tbu=1),
        flow(8, Kind.JOIN, next=10, all=1, count=2, first=1, record=38, join=1, words=2, room=1),
        flow(8, Kind.JOIN, next=10, all=1, count=2, record=38, join=1, room=1),
        flow(9, Kind.END),
        task(0, 0, result=13, weight=7, pool=2),
    ]
    at = 20
    table = numbers(
        {
            0: (source(SourceKind.QUANTILES, at, 4), source(SourceKind.QUANTILES, at, 4)),
            1: (source(SourceKind.VALUE), 0),
            2: (source(SourceKind.AFFINE, at + 4), source(SourceKind.CONST, 2)),
            3: (source(SourceKind.QUANTILES, at + 6, 3), 0),
            6: (source(SourceKind.QUANTILES, at, 4), VALUE),
            7: (source(SourceKind.CONST, 1), VALUE),
        },
        10,
        *(3, 5, 8, 1),
        *(4, 3),
        *(0, 1, 0),
    )
    lists = {
        (x, y): [{"instance": 10 * (x + columns * y) + n} for n in range(1 + (x + y) % 3 if x + y else 8)]
        for y in range(rows)
        for x in range(columns)
    }
    every = [(x, y, tbu) for y in range(rows) for x in range(columns) for tbu in range(config.tbus)]
    owners = [[], [], [], [], [], [], [], [], [], []] if "static" in scheduler else None
    if owners is not None:
        for number, block in enumerate((0, 2, 6, 7)):
            owners[block] = every[number % len(every) :: 2] or every
    return image(
        flows, table, columns, rows, lists=lists, owners=owners, config=config, slots=4,
        space={"record": 40, "join": 2}, parallel={0: 2, 2: 1}, **SCHEDULERS[scheduler],
    )  # fmt: skip


CONFIGS = {
    "default": Config(),
    "small": Config(tbus=2, peas=2, queue_depth=2, config_slots=2, retry_period=8, library_region=2),
    "slow": Config(tbus=1, peas=5, queue_depth=3, config_slots=1, link_latency=3, switch_cycles=0, library_region=4),
    "fabric": Config(data_vcs=2, data_buffer=7, link_stalls=5, data_width=64),
    "wide": Config(data_width=128, switch_cycles=0),
}


def in_any_order(picture: Image, seed: int, most: int = 100_000) -> tuple[np.ndarray, np.ndarray]:
    """Look at every part of every tile, and the host's port, in every cycle, each cycle in another order."""
    state = build(picture, 1 << 16)
    parts = parts_of(state)
    tiles, expected = picture.columns * picture.rows, sum(tile.expected for tile in picture.tiles)
    orders = np.random.default_rng(seed)
    # An engine must not be looked at before its start.
    starts = [(tile.x + tile.y) * (1 + picture.config.link_latency) + 1 for tile in picture.tiles]
    order = np.arange(tiles * parts + 1)
    for now in range(1, most):
        orders.shuffle(order)
        awake = np.array([*(now >= start for start in starts), True])
        cycle_in_order(state.header.ctypes.data, order[awake[order // parts] | (order % parts != 6)], now)
        if state.engine["ended"].sum() == expected:
            break
    return sort_events(state.event[: state.total[st.TOTAL_EVENTS]].copy()), state.engine["counters"]


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize("mesh", [(1, 1), (2, 1), (3, 2), (9, 1)], ids="{0[0]}x{0[1]}".format)
def test_order_and_sleep_do_not_matter(mesh: tuple[int, int], scheduler: str, config: str) -> None:
    picture = busy_image(*mesh, scheduler, CONFIGS[config])
    result = run(picture, 100_000)
    events, counters = in_any_order(picture, Random(f"{mesh}{scheduler}{config}").randrange(1 << 30))
    assert np.array_equal(events, result.events)
    assert np.array_equal(counters, result.counters)


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("mesh", [(1, 1), (3, 2)], ids="{0[0]}x{0[1]}".format)
def test_order_and_sleep_do_not_matter_to_rows_and_results(mesh: tuple[int, int], config: str) -> None:
    picture = hosted(busy_image(*mesh, "octopus", CONFIGS[config]), Random(config))
    result = run(picture, 100_000)
    assert (result.events["event"] == Event.ARRIVE).sum() == sum(tile.expected for tile in picture.tiles)
    events, counters = in_any_order(picture, Random(f"{mesh}{config}").randrange(1 << 30))
    assert np.array_equal(events, result.events)
    assert np.array_equal(counters, result.counters)
    assert_at_rest(result)


def hashes_by_tile(result: ModelResult, picture: Image) -> list[int]:
    tile = result.events["x"] + picture.columns * result.events["y"].astype(np.int64)
    added = np.bincount(tile, event_hashes(result.events).astype(np.float64), picture.columns * picture.rows)
    return [int(total) & 0xFFFFFFFF for total in added]


def test_a_run_is_the_same_every_time_and_without_records() -> None:
    picture = busy_image(3, 2, "octopus", Config())
    first, second, silent = run(picture, 100_000), run(picture, 100_000), run(picture, 100_000, record=False)
    assert np.array_equal(first.events, second.events)
    assert np.array_equal(first.counters, silent.counters)
    assert silent.events.dtype == EVENT and len(silent.events) == 0
    assert first.counters[:, 0].tolist() == hashes_by_tile(first, picture)


def test_everything_is_home_at_the_end() -> None:
    for scheduler in SCHEDULERS:
        for config in CONFIGS.values():
            assert_at_rest(run(busy_image(3, 2, scheduler, config), 100_000))


def packets_left(s: st.State) -> int:
    """Packets that are not free: all but those that the first one leads to, and itself."""
    free, number = 0, int(s.packet["next"][0])
    while number < len(s.packet):
        free, number = free + 1, int(s.packet["next"][number])
    return len(s.packet) - 1 - free


def assert_at_rest(result: ModelResult) -> None:
    s, p = result.state, result.state.params[0]
    assert (result.inject_cycles >= 0).sum() == (result.retire_cycles >= 0).sum() == result.counter("injected")
    assert (s.cell["stamp"] <= 0).all()  # queues are empty, credits at home
    assert (s.tbu["free"][s.tbu["dead"] == 0] == (1 << int(p["places"])) - 1).all()
    assert (s.tbu["waits"] == 0).all()
    assert np.isin(s.pea["state"], (st.PEA_IDLE, st.PEA_DISABLED)).all()
    assert (s.slot["state"] != st.SLOT_LOADING).all()
    assert (s.engine["state"] == st.IDLE).all()
    assert (s.engine["grants_count"] == 0).all() and (s.balance["promised"] == 0).all()
    assert packets_left(s) == 0
    assert (s.tbu["work"] == 0).all() and (s.balance["home"] == 0).all()
    assert all((s.engine[name + "_count"] == 0).all() for name in ("resumed", "ready", "stalled", "report"))
    assert (s.engine["asked"] == 0).all() and (s.stream["there"] == 0).all()
    assert not any(s.port[name][0] for name in ("buffers", "rows_count", "results_count", "left"))
    assert (s.switch["owner"] == -1).all() and (s.sender["left"] == 0).all() and (s.receiver["count"] == 0).all()
    assert (s.join["lanes"] == 0).all() and (s.join["arrived"] == 0).all() and (s.stream["busy"] == 0).all()
