# SPDX-License-Identifier: Apache-2.0
import json
import tomllib
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from octopus_hw.contract.config import Config
from octopus_hw.contract.errors import InputError
from octopus_hw.image.compile import compile_workload
from octopus_hw.owg import load_workload, resolve
from octopus_hw.suites import SUITES, load_suite, on_mesh, suite_files

ROOT = Path(__file__).parents[2]
MESHES = [(2, 2), (4, 4), (8, 8), (16, 16)]


@pytest.mark.parametrize("mesh", MESHES, ids=lambda mesh: "{}x{}".format(*mesh))
@pytest.mark.parametrize("suite", SUITES)
def test_every_workload_fits_the_default_configuration(suite, mesh):
    for workload in load_suite(suite, *mesh):
        compiled = compile_workload(workload, *mesh, Config(), "naive")
        assert len(compiled.resolved) >= 3 * mesh[0] * mesh[1]


@pytest.mark.parametrize("suite", SUITES)
def test_names_are_those_of_the_files_and_differ(suite):
    with suite_files(suite) as paths:
        names = [load_workload(path).name for path in paths]
        assert names == [path.name.removesuffix(".workload.json") for path in paths]
    assert [workload.name for workload in load_suite(suite, 1, 1)] == names


def test_suites_share_no_name_and_the_first_has_twelve():
    names = {suite: {workload.name for workload in load_suite(suite, 1, 1)} for suite in SUITES}
    assert not names["octopus"] & names["stress"]
    assert len(names["octopus"]) >= 12 and len(names["stress"]) >= 7


@pytest.mark.parametrize("suite", SUITES)
def test_no_workflow_is_left_over(suite):
    with suite_files(suite) as paths:
        used = {stream["owg"] for path in paths for stream in json.loads(path.read_text("utf-8"))["streams"]}
        assert used == {path.name for path in paths[0].parent.glob("*.owg.json")}


def test_the_package_carries_the_files():
    document = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    globs = document["tool"]["setuptools"]["package-data"]["octopus_hw"]
    carried = {path for pattern in globs for path in (ROOT / "octopus_hw").glob(pattern)}
    for suite in SUITES:
        assert set((ROOT / "octopus_hw" / "suites" / suite).iterdir()) <= carried


def test_an_unknown_suite_is_refused():
    with pytest.raises(InputError, match="--suite: octopsu: is not known; did you mean 'octopus'"):
        load_suite("octopsu", 2, 2)


@pytest.mark.parametrize("mesh", [(2, 2), (3, 3), (16, 16)])
def test_a_tile_has_the_same_open_arrivals_on_every_mesh(mesh):
    tiles = mesh[0] * mesh[1]
    for suite in SUITES:
        for alone, together in zip(load_suite(suite, 1, 1), load_suite(suite, *mesh), strict=True):
            for stream, scaled in zip(alone.streams, together.streams, strict=True):
                assert scaled == replace(stream, period=scaled.period, arrivals=scaled.arrivals)
                if stream.period is not None:
                    assert scaled.period * tiles == pytest.approx(stream.period, rel=0.01)
                elif stream.arrivals is not None:
                    assert scaled.arrivals[::tiles] == stream.arrivals
                    assert len(scaled.arrivals) == tiles * len(stream.arrivals)


def test_bursts_come_at_every_tile():
    (workload,) = (found for found in load_suite("stress", 4, 2) if found.name == "bursts")
    resolved = resolve(workload, 4, 2)
    (stream,) = workload.streams
    for tile in range(8):
        due = resolved.due[resolved.home == tile].tolist()
        assert len(due) == stream.instances_per_tile
        gaps = {later - earlier for earlier, later in pairwise(due)}
        assert gaps <= {0, 1, 15999}


def test_a_period_too_short_to_share_is_refused():
    (workload,) = (found for found in load_suite("octopus", 1, 1) if found.name == "xrbench_vr_gaming")
    with pytest.raises(InputError, match=r"streams\[0\]\.period: 1536 cycles cannot be shared by 1024 tiles"):
        on_mesh(workload, 32, 32)


def test_what_is_not_per_tile_stays():
    (workload,) = (found for found in load_suite("octopus", 1, 1) if found.name == "xrbench_vr_gaming")
    fixed = replace(workload, streams=(replace(workload.streams[0], instances=9, instances_per_tile=None),))
    assert on_mesh(fixed, 4, 4) == fixed
