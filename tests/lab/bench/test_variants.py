# SPDX-License-Identifier: Apache-2.0
"""Workloads made from workloads."""

import itertools
import json
from dataclasses import replace

import numpy as np
import pytest

from octopus_hw.contract.config import Config
from octopus_hw.image.limits import require_all
from octopus_hw.image.needs import needs_of
from octopus_hw.owg import Affine, Const, Quantiles, Scenes, Workload, resolve, workload_from_json
from octopus_lab.bench.row import resolved_on
from octopus_lab.bench.variants import (
    half_in,
    is_closed,
    opened,
    roomy,
    scaled,
    shortened,
    total_work,
    with_data,
    with_homes,
    with_load,
    with_most,
)
from tests.lab.bench.samples import TASK, TINY, workload

#: Two tasks one after another, with data that goes home at the end.
TWO = {
    "owg": 1,
    "name": "two",
    "blocks": [TASK, {**TASK, "id": "b", "cycles": 15}, {"id": "end", "kind": "end"}],
    "entry": "a",
    "flows": [{"from": "a", "to": "b", "words": 100}, {"from": "b", "to": "end", "words": 100}],
}


def both(**keys: object) -> Workload:
    streams = [
        {"owg": TINY, "instances_per_tile": 90, "window": 2},
        {"owg": TWO, "instances_per_tile": 90, "window": 4},
    ]
    return workload_from_json(json.dumps({"workload": 1, "name": "both", "streams": streams, **keys}))


@pytest.mark.parametrize(("load", "windows"), [(1.0, [3, 6]), (2.0, [6, 13]), (0.01, [1, 1])])
def test_windows_for_a_load_keep_their_proportions(load: float, windows: list[int]) -> None:
    # 16 PEAs; windows of 2 and 4 hold 2 + 8 invocations
    assert [stream.window for stream in with_load(both(), 2, 2, Config(), load).streams] == windows


def test_no_more_windows_than_fit() -> None:
    for some in (with_load(both(), 2, 2, Config(), 100.0), with_most(both(), 2, 2, Config())):
        config = roomy(some, 2, 2, Config())
        require_all("both", needs_of(some, config, resolved_on(some, 2, 2, config)).by_key, config)
        windows = [stream.window for stream in some.streams]
        assert 55 <= sum(windows) <= 64 and windows[1] / windows[0] == pytest.approx(2, abs=0.2)


def test_a_roomy_configuration_changes_storage_only() -> None:
    some, least = workload(instances=2000), Config(list_depth=1, max_blocks=1)
    assert roomy(some, 1, 1, least) == replace(least, list_depth=2000, max_blocks=2)
    most = roomy(some, 1, 1, least, storage=True)
    assert most == replace(
        least, list_depth=2000, max_blocks=2, max_instances=64, home_records=4096, join_records=4096, store_words=262144
    )


def test_open_arrivals_have_the_rate_asked_for() -> None:
    assert total_work(both(), 2, 2, Config()) == 4 * 90 * (5 + 20)
    for poisson in (False, True):
        some = opened(both(), 2, 2, Config(), 36_000, poisson)
        assert not is_closed(some) and is_closed(both())
        assert len(resolve(some, 2, 2)) == 720
        for stream in some.streams:
            arrivals = np.array(stream.arrivals)
            assert len(arrivals) == 360 and arrivals[0] >= 0 and arrivals[-1] < 36_000
            assert (np.diff(arrivals) >= 0).all()
        if not poisson:
            assert (arrivals // 100 == np.arange(360)).all()  # one in each period, somewhere in it
            assert len(set((arrivals % 100).tolist())) > 60
        else:
            assert np.diff(arrivals).std() == pytest.approx(100, rel=0.2)
        assert some == opened(both(), 2, 2, Config(), 36_000, poisson)
        assert some != opened(both(seed=2), 2, 2, Config(), 36_000, poisson)


@pytest.mark.parametrize(("mesh", "part"), [((4, 4), (2, 2)), ((4, 2), (1, 1)), ((3, 3), (2, 2)), ((1, 1), (1, 1))])
def test_half_of_all_homes(mesh: tuple[int, int], part: tuple[int, int]) -> None:
    weights = half_in(*mesh, *part)
    inside = [w for at, w in enumerate(weights) if at % mesh[0] < part[0] and at // mesh[0] < part[1]]
    assert len(weights) == mesh[0] * mesh[1] and len(inside) == part[0] * part[1]
    assert 2 * sum(inside) == sum(weights) or mesh == part
    some = with_homes(workload(instances=2 * sum(weights)), weights)
    assert (np.bincount(resolve(some, *mesh).home) == 2 * np.array(weights)).all()


def test_shorter() -> None:
    short = shortened(both(), 2, 2, 3)
    assert len(resolve(short, 2, 2)) == 24 and shortened(both(), 2, 2, 100) == both()
    assert len(resolve(shortened(workload(instances=50), 2, 2, 3), 2, 2)) == 12
    assert shortened(workload(arrivals=list(range(50))), 1, 1, 3).streams[0].arrivals == (0, 1, 2)


def test_data() -> None:
    whole = workload(owg=TWO)
    assert [flow.words for flow in with_data(whole, 0.256).streams[0].workflow.flows] == [25, 25]
    assert [flow.words for flow in with_data(whole, 0).streams[0].workflow.flows] == [0, 0]
    assert with_data(whole, 1).streams[0].workflow.flows == whole.streams[0].workflow.flows


def test_scaled_cycles() -> None:
    sources = {
        "a": ({"quantiles": [1, 20]}, Quantiles((1, 5))),
        "b": ({"affine": [100, -8]}, Affine(25, -2)),
        "c": ({"scenes": {"x": 400, "y": {"quantiles": [8]}}}, Scenes((("x", Const(100)), ("y", Quantiles((2,)))))),
        "d": ({"replay": [[[4, 8], [400]]]}, None),
        "e": ("value", Affine(0, 1)),
    }
    blocks = [{"id": name, "kind": "task", "cycles": source} for name, (source, _) in sources.items()]
    names = [*sources, "end"]
    flows = [{"from": one, "to": other} for one, other in itertools.pairwise(names)]
    owg = {"owg": 1, "name": "s", "blocks": [*blocks, {"id": "end", "kind": "end"}], "entry": "a", "flows": flows}
    found = scaled(workload(owg=owg), 0.25).streams[0].workflow.blocks
    for block, (_, expected) in zip(found, sources.values(), strict=False):
        assert expected is None or block.cycles == expected
    assert found[3].cycles is not None and found[3].cycles.bounds(0, 0) == (1, 100)
    assert scaled(workload(), 1.0) == workload()
    assert scaled(workload(), 1e9).streams[0].workflow.blocks[0].cycles == Const(65535)
