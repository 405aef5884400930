# SPDX-License-Identifier: Apache-2.0
"""Splitting an invocation over idle PEAs, and bindings without affinity (docs/timing.md#splitting)."""

import pytest

from octopus_hw.contract.codes import Kind, SourceKind
from octopus_sim.model import run
from octopus_sim.model import state as st
from octopus_sim.model.twins import Bench

from .rig import TBU, bound, step, tbu
from .samples import VALUE, flow, image, numbers, source, story, task


def helped(b: Bench) -> list[tuple[int, list[int]]]:
    """Bound PEAs, each with its helpers, which have its context."""
    peas = b.state.pea[: int(b.state.params[0]["peas"])]
    found = []
    for number in [n for n, pea in enumerate(peas) if pea["state"] == st.PEA_BOUND]:
        helpers = [n for n in range(len(peas)) if peas["helpers"][number] >> n & 1]
        assert all(peas["state"][n] == st.PEA_HELPING for n in helpers)
        assert all(peas["context"][n] == peas["context"][number] for n in helpers)
        found.append((number, helpers))
    return found


@pytest.mark.parametrize(
    ("waits", "idle", "parallel", "helpers"),
    [
        (1, 4, 2, [1, 2, 3]),
        (1, 4, 1, [1]),
        (1, 4, 0, []),
        (1, 3, 2, [1]),  # 4 are too many: 2 it is
        (2, 4, 2, [1]),  # 4 - 4 < 2 - 1
        (3, 4, 2, [1]),  # 4 - 2 >= 3 - 1
        (4, 4, 2, []),
        (2, 5, 2, [1, 2, 3]),
        (2, 2, 1, []),
        (1, 1, 2, []),
    ],
)
def test_how_many_peas(waits: int, idle: int, parallel: int, helpers: list[int]) -> None:
    for split in (0, 1):
        b = tbu([5] * waits, [5], [-1] * idle, split=split)
        b.state.slot[0]["parallel"] = parallel
        step(b, 10, TBU)
        assert helped(b) == [(0, helpers if split else [])]


def test_helpers_are_the_lowest_of_the_other_idle_peas() -> None:
    b = tbu([5], [5], [-1, -1, -1, 0, -1], split=1)
    b.state.slot[0]["parallel"] = 1
    b.state.pea[0]["state"], b.state.pea[0]["until"] = st.PEA_RUNNING, 100
    step(b, 10, TBU)
    assert helped(b) == [(3, [1])]


@pytest.mark.parametrize(("contexts", "until"), [([0, 0], 11), ([0, -1], 15), ([0, 1], 15), ([-1, -1], 15)])
def test_no_switch_only_if_all_had_the_context(contexts: list[int], until: int) -> None:
    b = tbu([5], [5, 6], contexts, split=1)
    b.state.slot[0]["parallel"] = 2
    step(b, 10, TBU)
    assert bound(b) == [(0, 0, 0, until)] and helped(b) == [(0, [1])]


def test_a_helpers_context_is_not_replaced() -> None:
    b = tbu([5], [5, 6], [-1, -1], split=1)
    b.state.slot[0]["parallel"] = 1
    step(b, 10, TBU)
    s = b.state
    s.pea[0]["context"] = 1  # only the helper has slot 0 now
    s.place[1]["token"][0], s.tbu[0]["waiting"][0], s.tbu[0]["waits"], s.tbu[0]["passed"] = 9 << 20, 1, 1, 7
    step(b, 11, TBU)
    assert (s.slot["state"][:2] == st.SLOT_RESIDENT).all()


def test_without_affinity_the_oldest_and_the_lowest_pea() -> None:
    b = tbu([5, 6], [5, 6], [-1, -1, 1], affinity=0)
    step(b, 10, TBU)
    assert bound(b) == [(0, 0, 0, 15)]
    step(b, 11, TBU)
    assert bound(b) == [(0, 0, 0, 15), (1, 1, 1, 16)]


def test_without_affinity_the_lowest_pea_may_have_the_context() -> None:
    b = tbu([6, 5], [5, 6], [1, 0], affinity=0)
    step(b, 10, TBU)
    assert bound(b) == [(0, 0, 1, 11)]


@pytest.mark.parametrize(
    ("parallel", "cycles", "runs"), [(2, 100, 28), (1, 100, 56), (0, 100, 100), (2, 5, 2), (2, 8, 3), (2, 9, 3)]
)
def test_a_split_run(parallel: int, cycles: int, runs: int) -> None:
    """The worked example, split: ceil((c + floor(c / 8)) / k) cycles (docs/timing.md#splitting)."""
    flows = [flow(1, Kind.END), task(0, 0)]
    picture = image(
        flows, numbers({0: (source(SourceKind.CONST, cycles), VALUE)}, 2), mode={"split": 1}, parallel={0: parallel}
    )
    result = run(picture, 500)
    assert story(result.events)[2:] == [
        (20, "0.0", "start", 0),
        (20 + runs, "0.0", "finish", 0),
        (23 + runs, "cbu", "retire", 1),
    ]
    assert (result.state.pea["state"] == st.PEA_IDLE).all()
    assert result.counter("work") == cycles


def test_helpers_are_idle_when_their_first_is() -> None:
    """Two PEAs, one split invocation, and a second token behind it: it starts on a helper's PEA, too."""
    flows = [flow(1, Kind.END), task(0, 0)]
    lists = {(0, 0): [{"instance": 0}, {"instance": 1, "due": 23}]}
    dead = {(0, 0): 0xFFFF_FFFC}
    table = numbers({0: (source(SourceKind.CONST, 80), VALUE)}, 2)
    result = run(image(flows, table, mode={"split": 1}, parallel={0: 1}, lists=lists, dead=dead), 500)
    # 80 + 10 cycles on two PEAs; the second is bound in the cycle after the finish and needs no switch.
    assert story(result.events, "start", "finish") == [
        (20, "0.0", "start", 0),
        (65, "0.0", "finish", 0),
        (67, "0.0", "start", 0),
        (112, "0.0", "finish", 0),
    ]
