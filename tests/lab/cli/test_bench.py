# SPDX-License-Identifier: Apache-2.0
"""The command `bench`."""

import json
from pathlib import Path

import pytest

from tests.lab.outcome import TINY, Octopus

from .conftest import Ideal


def test_tables_files_and_json(octopus: Octopus, tiny: Path, tmp_path: Path, ideal: type[Ideal]) -> None:
    other = tmp_path / "other.workload.json"
    stream = {"owg": TINY, "arrivals": [0, 1, 2], "deadline": 5}
    other.write_text(json.dumps({"workload": 1, "name": "other", "streams": [stream]}))
    out = tmp_path / "a" / "b"
    names = ("--strategy", "naive", "--strategy", "octopus-split")
    meshes = ("--mesh", "1x1", "--mesh", "2x1")
    command = ("bench", tiny, other, *meshes, *names, "--engine", "ideal", "--jobs", 1, "--out", out)
    done = octopus(*command)
    assert done.status == 0 and "(8/8," in done.err
    assert "1x1: efficiency (lower bound / makespan); speed-ups of octopus-split" in done.out
    lines = [line.split() for line in done.out.splitlines()]
    assert ["tiny", "0.070", "5", "0.031", "0.031", "1.000", "1.000"] in lines
    assert ["other,", "naive", "22", "31", "31", "31", "3", "3", "100.000", "-"] in lines
    paths = [Path(line) for line in done.out.partition("files:\n")[2].split()]
    assert paths[0] == out / "bench.json" and out / "efficiency_2x1.svg" in paths and out / "latency_1x1.svg" in paths
    assert all(path.stat().st_size for path in paths)
    again = octopus(*command, "--json")
    assert again.status == 0 and again.err.splitlines() == [f"8 rows are at hand in {out / 'rows'} ..."]
    document = json.loads(again.out)
    assert document == json.loads((out / "bench.json").read_text())
    assert [(row["workload"], row["mesh"], row["strategy"]) for row in document["rows"][:3]] == [
        ("tiny", [1, 1], "naive"),
        ("tiny", [1, 1], "octopus-split"),
        ("other", [1, 1], "naive"),
    ]
    means = document["summary"]["2x1"]["octopus-split"]
    assert means["speedup"] == {"naive": {"geomean": 1.0, "best": 1.0, "on": "tiny"}} and means["workloads"] == 1


def test_an_interrupted_command_says_how_to_go_on(
    octopus: Octopus, tiny: Path, tmp_path: Path, ideal: type[Ideal], monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = []
    run = Ideal.run

    def interrupted(self: Ideal, *arguments: object) -> object:
        runs.append(self)
        if len(runs) == 2:
            raise KeyboardInterrupt
        return run(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Ideal, "run", interrupted)
    command = ("bench", tiny, "--mesh", "1x1", "--engine", "ideal", "--jobs", 1, "--out", tmp_path / "out")
    done = octopus(*command)
    assert done.status == 130 and done.err.endswith("error: interrupted\n")
    assert f"1 of 6 rows are done and kept in {tmp_path / 'out' / 'rows'}; the same command goes on" in done.err
    assert octopus(*command).status == 0 and len(runs) == 7


def test_a_run_that_went_wrong(
    octopus: Octopus, tiny: Path, tmp_path: Path, ideal: type[Ideal], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Ideal.run

    def lose(self: Ideal, *arguments: object) -> object:
        result = run(self, *arguments)  # type: ignore[arg-type]
        result.counters["errors"][0] = 2
        return result

    monkeypatch.setattr(Ideal, "run", lose)
    done = octopus(
        "bench", tiny, "--mesh", "1x1", "--engine", "ideal", "--jobs", 1, "--strategy", "naive", "--out", tmp_path / "o"
    )
    assert done.status == 1 and "error: tiny, 1x1, naive, ideal: 2 packets had a wrong checksum" in done.err
    assert json.loads((tmp_path / "o" / "bench.json").read_text()) == {"rows": [], "summary": {}}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--jobs", "0"), "--jobs: 0: is no number for it; give a whole number from 1 to 9999"),
        (("--strategy", "octopus-splt"), "--strategy: octopus-splt: 'splt' is no mechanism; did you mean 'split'?"),
        (("--mesh", "2"), "--mesh: 2: is no mesh"),
        (("--engine", "icarus"), "--engine: icarus: is not known"),
        (("--suite", "octopuss"), "--suite: octopuss: is not known; did you mean 'octopus'?"),
        (("--set", "list_depth=15", "--mesh", "1x1"), "needs 16 instances that one tile injects"),
    ],
)
def test_bad_input(octopus: Octopus, tiny: Path, tmp_path: Path, arguments: tuple[str, ...], expected: str) -> None:
    assert expected in octopus("bench", tiny, "--out", tmp_path / "out", *arguments).error


def test_files_that_are_none(octopus: Octopus, tiny: Path, tmp_path: Path) -> None:
    assert "nothing.json" in octopus("bench", tmp_path / "nothing.json", "--out", tmp_path / "out").error
    assert "is called too; rename one of them" in octopus("bench", tiny, tiny, "--out", tmp_path / "out").error
