# SPDX-License-Identifier: Apache-2.0
import json
from pathlib import Path

from octopus_hw.contract.config import Config
from tests.lab.outcome import TINY, Octopus


def test_says_what_a_workflow_is_and_needs(octopus: Octopus, tiny: Path) -> None:
    done = octopus("check", tiny)
    assert (done.status, done.err) == (0, "")
    for line in (
        f"{tiny}: workload 'tiny', streams: 1",
        "    blocks 2 (tasks 1), flows 1",
        "    work 5 cycles, longest chain 5 cycles",
        "    at home, per instance: records 1, join records 0, words 0",
        "    a              1       5       6  stay on TBU 0  steady: always once, always 5 cycles",
    ):
        assert line in done.out.splitlines()
    needs = [line.split(maxsplit=3) for line in done.out.splitlines()]
    assert ["home_records", "4", str(Config().home_records), "records at one tile"] in needs
    assert "list_depth" not in done.out
    assert "list_depth" in octopus("check", tiny, "--mesh", "2x1").out


def test_says_what_the_fullest_tile_has_of_the_library(octopus: Octopus, tmp_path: Path) -> None:
    path = tmp_path / "dynamic.owg.json"
    path.write_text(json.dumps(DYNAMIC))  # five tasks of 32 words
    for mesh, side, words in (("4x4", 1, 160), ("4x4", 2, 64), ("5x4", 2, 96), ("3x3", 2, 160), ("4x4", 4, 32)):
        done = octopus("check", path, "--mesh", mesh, "--set", f"library_region={side}")
        assert f"  configurations: {words} words in the home store of the tile that has most" in done.out.splitlines()
    needs = json.loads(octopus("check", path, "--json", "--set", "library_region=2").out)["files"][0]
    assert needs["library_words"] == 64 and needs["needs"]["store_words"]["needed"] == 64


def test_goes_on_after_a_file_that_is_wrong(octopus: Octopus, tiny: Path) -> None:
    done = octopus("check", "nofile", tiny, "--json")
    assert done.status == 2 and done.err == "error: nofile: no such file; check the path\n"
    wrong, right = json.loads(done.out)["files"]
    assert wrong == {"file": "nofile", "error": "nofile: no such file; check the path"}
    assert right["needs"]["max_blocks"] == {"needed": 2, "available": 256}
    assert right["streams"][0]["profile"][0]["dynamics"] == "steady"


DYNAMIC = {
    "owg": 1,
    "name": "dynamic",
    "blocks": [
        {"id": "look", "kind": "task", "cycles": {"quantiles": [180, 220, 400]}, "value": {"quantiles": [0, 1, 2, 5]}},
        {"id": "each", "kind": "spawn", "count": "value", "join": "all_of_them"},
        {"id": "know", "kind": "task", "cycles": 256},
        {"id": "all_of_them", "kind": "join", "of": "each"},
        {"id": "tell", "kind": "task", "cycles": 96},
        {"id": "file", "kind": "task", "cycles": 64},
        {"id": "never", "kind": "branch", "choose": 0},
        {"id": "seldom", "kind": "task", "cycles": 9},
        {"id": "end", "kind": "end"},
    ],
    "entry": "look",
    "flows": [
        {"from": one, "to": other}
        for one, other in (
            *(("look", "each"), ("each", "know"), ("know", "all_of_them"), ("all_of_them", "tell"), ("tell", "file")),
            *(("file", "never"), ("never", "end"), ("never", "seldom"), ("seldom", "end")),
        )
    ],
}


def test_says_why_a_task_is_what_it_is_and_what_that_means(octopus: Octopus, tmp_path: Path) -> None:
    path = tmp_path / "dynamic.owg.json"
    path.write_text(json.dumps(DYNAMIC))
    report = json.loads(octopus("check", path, "--json").out)["files"][0]
    tasks = {task["id"]: task for task in report["streams"][0]["profile"]}
    assert {name: (task["dynamics"], task["pool"]) for name, task in tasks.items()} == {
        "look": ("time-dynamic", "fill"),
        "know": ("frequency-dynamic", "spread"),
        "tell": ("steady", "stay"),
        "file": ("steady", "stay"),
        "seldom": ("steady", "stay"),
    }
    assert [tasks[name]["pinned_tbu"] for name in ("look", "know", "tell", "file")] == [None, None, 0, 1]
    look, know = tasks["look"], tasks["know"]
    assert look["reason"] == f"180 to 400 cycles (mean {look['cycles']['mean']:.0f})"
    mean = f"{know['executions']['mean']:.2f}".rstrip("0")
    assert know["reason"] == f"runs 0 to 5 times per instance (mean {mean})"
    assert tasks["seldom"]["reason"] == "was never seen to run"
    assert report["unit"] == 4
    weights = [tasks[name]["weight"] * 4 for name in ("look", "know", "tell", "file", "seldom")]
    assert weights == [256, 256, 96, 64, 12]  # the least is 3 units
    lines = octopus("check", path).out.splitlines()
    row = next(line.split(maxsplit=8) for line in lines if line.startswith("    tell"))
    assert row == ["tell", "1", "96", "96", "stay", "on", "TBU", "0", "steady: always once, always 96 cycles"]
    assert any(line.endswith("frequency-dynamic: " + know["reason"]) for line in lines)
    for name in ("spread", "fill", "stay"):
        assert sum(line.startswith(f"  {name}: ") for line in lines) == 1
    assert any("units of 4)" in line for line in lines)


def test_a_workflow_without_tasks(octopus: Octopus, tmp_path: Path) -> None:
    path = tmp_path / "nothing.owg.json"
    nothing = {"owg": 1, "name": "nothing", "blocks": [{"id": "end", "kind": "end"}], "entry": "end", "flows": []}
    path.write_text(json.dumps(nothing))
    done = octopus("check", path)
    assert done.status == 0 and "weight:" not in done.out


def test_what_does_not_fit_is_wrong(octopus: Octopus, tiny: Path) -> None:
    assert "raise home_records to 4" in octopus("check", tiny, "--set", "home_records=3").error


def test_weights_say_how_many_tiles(octopus: Octopus, tmp_path: Path) -> None:
    stream = {"owg": TINY, "instances": 6, "homes": {"weights": [1, 2, 3]}}
    path = tmp_path / "weights.workload.json"
    path.write_text(json.dumps({"workload": 1, "name": "w", "streams": [stream]}))
    assert octopus("check", path).status == 0
    assert "3 weights for 4 tiles" in octopus("check", path, "--mesh", "2x2").error


def test_examples_fit_the_default_configuration(octopus: Octopus) -> None:
    assert octopus("check", *sorted(Path("examples").glob("*.json")), "--mesh", "2x2").status == 0
