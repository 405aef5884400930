# SPDX-License-Identifier: Apache-2.0
"""Where FLOW sends a task: pools, gaps, inheritance and grants (docs/timing.md#flow)."""

from typing import Any

import pytest

from octopus_hw.contract.codes import Kind, Message, Pool, SourceKind
from octopus_hw.contract.config import Config
from octopus_sim.model import state as st
from octopus_sim.model.twins import Bench

from .rig import ENGINE, step
from .samples import VALUE, flow, image, numbers, source, task

SPREAD, FILL, STAY = Pool
PLACES = 4
HERE, GRANTED, STALLED, HOME = "here", "granted", "stalled", "home"


def flow_of(loads: list[int], pool: Pool, own: int = -1, grants: int = 0, **keys: Any) -> tuple[Bench, Any]:
    """One FLOW of a task with two PEAs in each TBU; where the token goes, and to which TBU.

    `own` is the TBU of a PLACE holder at its last, else the holder is a record.
    """
    config = Config(tbus=len(loads), peas=2, queue_depth=PLACES)
    flows = [flow(1, Kind.END), task(0, 0, pool=int(pool), pinned_tbu=keys.get("pinned_tbu", 0), weight=5)]
    mode = {"balance": 1, "early": keys.get("early", 0), "announce": keys.get("announce", 0)}
    table = numbers({0: (source(SourceKind.CONST, 5), VALUE)}, 2)
    b = Bench(image(flows, table, config=config, mode=mode, dead=keys.get("dead", {})))
    s = b.state
    for number, load in enumerate(loads):
        s.tbu[number]["free"] = (1 << PLACES) - (1 << load)
    c, e = s.current[0], s.engine[0]
    c["kind"] = st.HOLD_PLACE if own >= 0 else st.HOLD_SINGLE
    c["number"] = own * PLACES if own >= 0 else len(loads) * PLACES
    c["cursor"] = c["flow"] = e["row"] = 1
    e["state"], e["grants_count"], e["aged"] = st.FLOW_SEEN, grants, 32
    for number in range(grants):
        s.grant[number]["x"], s.grant[number]["tbu"], s.grant[number]["place"] = number, number, 3
        s.grant[number]["partner"] = 6 + number
    step(b, 40, ENGINE)
    if e["state"] == st.IDLE:
        return b, STALLED
    if e["target"] == st.TARGET_HOME:
        return b, HOME
    return b, (HERE if e["target"] == st.TARGET_PLACE else GRANTED, int(e["target_tbu"]))


@pytest.mark.parametrize(
    ("pool", "loads", "pinned_tbu", "tbu"),
    [
        (SPREAD, [2, 1, 3], 0, 1),
        (SPREAD, [1, 1, 2], 2, 0),
        (SPREAD, [4, 4, 3], 0, 2),
        (FILL, [0, 1, 3], 0, 1),
        (FILL, [1, 0, 1], 0, 0),
        (FILL, [3, 2, 2], 0, 1),  # no gaps
        (FILL, [0, 0, 0], 2, 0),
        (STAY, [0, 0, 1], 2, 2),
        (STAY, [1, 0, 2], 2, 1),  # the pinned TBU has no gap
        (STAY, [3, 3, 4], 2, 0),
    ],
)
def test_pools(pool: Pool, loads: list[int], pinned_tbu: int, tbu: int) -> None:
    b, where = flow_of(loads, pool, pinned_tbu=pinned_tbu)
    assert where == (HERE, tbu)
    assert b.state.tbu[tbu]["free"] == (1 << PLACES) - (1 << loads[tbu] + 1)


@pytest.mark.parametrize(
    ("pool", "loads", "own", "tbu", "inherited"),
    [
        (SPREAD, [1, 2, 2], 1, 1, True),  # counts as 1, and ties go to the own TBU
        (SPREAD, [1, 3, 2], 1, 0, False),
        (SPREAD, [4, 4, 4], 2, 2, True),
        (FILL, [1, 2, 0], 1, 1, True),  # counts as 1: a gap
        (FILL, [1, 1, 0], 1, 0, False),  # counts as 0
        (STAY, [2, 2, 0], 0, 0, True),
    ],
)
def test_inheriting_counts_one_less(pool: Pool, loads: list[int], own: int, tbu: int, inherited: bool) -> None:
    b, where = flow_of(loads, pool, own=own)
    assert where == (HERE, tbu)
    assert bool(b.state.engine[0]["inherit"]) == inherited


def test_a_gap_is_for_a_live_pea() -> None:
    dead = {(0, 0): 0x1 << 8}  # one PEA of TBU 1
    assert flow_of([0, 1, 0], FILL)[1] == (HERE, 1)
    assert flow_of([0, 1, 0], FILL, dead=dead)[1] == (HERE, 0)


@pytest.mark.parametrize(
    ("pool", "loads", "early", "own", "where"),
    [
        (SPREAD, [2, 2, 3], 1, -1, (GRANTED, 0)),
        (FILL, [2, 2, 3], 1, -1, (GRANTED, 0)),
        (STAY, [2, 2, 3], 1, -1, (HERE, 0)),
        (SPREAD, [2, 2, 3], 0, -1, (HERE, 0)),
        (SPREAD, [3, 1, 3], 1, -1, (HERE, 1)),
        (SPREAD, [2, 2, 3], 1, 1, (HERE, 1)),  # the inherited place makes a gap
        (SPREAD, [3, 3, 3], 1, 1, (GRANTED, 0)),
        (SPREAD, [4, 4, 4], 0, -1, (GRANTED, 0)),
        (STAY, [4, 4, 4], 1, -1, (GRANTED, 0)),
        (STAY, [4, 4, 4], 0, 2, (HERE, 2)),
    ],
)
def test_grants_are_used_early_or_in_need(pool: Pool, loads: list[int], early: int, own: int, where: Any) -> None:
    b, told = flow_of(loads, pool, own=own, grants=2, early=early)
    assert told == where
    e = b.state.engine[0]
    taken = b.take(b.queue("reply"), 41)
    if where[0] == GRANTED:
        # The oldest grant was x 0, TBU 0, place 3, partner 6: TAKEN, not returned.
        assert (int(e["target_x"]), int(e["target_y"]), int(e["target_place"])) == (0, 0, 3)
        assert int(e["grants_count"]) == 1
        assert taken == int(Message.TAKEN) << 15 | (3 | 6 << 8) << 33
    else:
        assert taken is None and int(e["grants_count"]) == 2


def test_failing_without_grants() -> None:
    b, where = flow_of([4, 4, 4], SPREAD, early=1)
    assert where == STALLED
    assert int(b.state.balance[0]["home"]) == 12  # what weight 5 is worth
    assert flow_of([4, 4, 4], FILL, own=1)[1] == (HERE, 1)
