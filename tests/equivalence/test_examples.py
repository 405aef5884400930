# SPDX-License-Identifier: Apache-2.0
"""Every example under every strategy, with three seeds on some meshes: RTL, model and interpreter agree throughout."""

from pathlib import Path

import pytest

from octopus_hw.contract.config import Config
from octopus_hw.contract.strategies import STRATEGIES
from octopus_hw.image.compile import task_numbers
from octopus_hw.owg.load import load_workload

from .rig import WIDE, rig

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.json"))
SEEDS = (1, 20_240_517, 0xFFFF_FFFF)
DEAD = {
    (2, 2): ["0,0.1", "1,0.2.3", "1,1"],  # a TBU, a PEA, a tile's compute
    (3, 2): ["2,0", "1,0.0.0", "0,1.3"],
    (4, 4): ["3,3", "1,1", "0,0.0.0", "0,0.0.1", "1,2.2", "2,2.0.3"],
}
SMALL, LARGE = (2, 2, Config()), (3, 2, WIDE)
MESHES = [pytest.param(*SMALL, id="2x2"), pytest.param(*LARGE, id="3x2")]


def check_all(columns: int, rows: int, config: Config, dead: list[str], seeds: tuple[int, ...] = SEEDS) -> int:
    """Compare all examples, strategies and seeds on one mesh; return how many runs that were."""
    assert len(EXAMPLES) >= 5
    runs = 0
    with rig(columns, rows, config) as engines:
        for example in EXAMPLES:
            workload = load_workload(example)
            for strategy in STRATEGIES:
                for seed in seeds:
                    engines.agree(engines.compile(workload, strategy, seed, dead))
                    runs += 1
    return runs


def test_a_mesh() -> None:
    assert check_all(*SMALL, [], SEEDS) == len(EXAMPLES) * len(STRATEGIES) * len(SEEDS)


@pytest.mark.parametrize(("columns", "rows", "config"), MESHES)
def test_parts_may_be_dead(columns: int, rows: int, config: Config) -> None:
    check_all(columns, rows, config, DEAD[columns, rows], SEEDS[1:2])


def test_a_library_serves_though_its_tile_is_dead() -> None:
    """Configurations come from tiles that compute nothing, of one region even for nobody, and all runs agree."""
    workload = load_workload(EXAMPLES[0])
    with rig(3, 2, WIDE) as engines:
        for strategy in ("profiled", "octopus"):
            for dead in (["0,0", "1,1", "2,0"], ["0,0", "2,0", "2,1"]):
                compiled = engines.compile(workload, strategy, dead=dead)
                tiles = [compiled.image.library(0, 0).tiles(0, 0)[task] for task in task_numbers(workload)]
                assert {(0, 0), (1, 1)} <= {(int(tile["x"]), int(tile["y"])) for tile in tiles}
                alive = [tile for tile in compiled.image.tiles if f"{tile.x},{tile.y}" not in dead]
                loads = engines.agree(compiled).counters["loads"]
                assert loads.sum() == loads[[tile.y * 3 + tile.x for tile in alive]].sum() > 0


@pytest.mark.slow
@pytest.mark.parametrize(("columns", "rows", "config"), [(1, 1, Config()), (2, 1, Config()), (4, 4, Config()), LARGE])
def test_more_meshes(columns: int, rows: int, config: Config) -> None:
    check_all(columns, rows, config, [], SEEDS if columns < 3 else SEEDS[:1])


@pytest.mark.slow
@pytest.mark.parametrize("library_region", [1, pytest.param(4, marks=pytest.mark.long)])
def test_dead_parts_of_a_whole_region(library_region: int) -> None:
    check_all(4, 4, Config(library_region=library_region), DEAD[4, 4], SEEDS[2:])


@pytest.mark.slow
def test_slower_links() -> None:
    check_all(2, 2, Config(link_latency=3), [])
