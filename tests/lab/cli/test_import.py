# SPDX-License-Identifier: Apache-2.0
import json
from pathlib import Path

import pytest

from octopus_hw.owg import load_workflow, load_workload
from tests.lab.outcome import Octopus

DOT = """digraph {
  node [type=work, time="30 ms"]
  split [type=split, time=1]
  split -> {a b c} [size=4000]
  {a b c} -> merge
  merge [type=merge, time=0]
}
"""


@pytest.fixture
def dot(tmp_path: Path) -> Path:
    path = tmp_path / "flow.dot"
    path.write_text(DOT)
    return path


def test_says_what_it_did(octopus: Octopus, dot: Path, tmp_path: Path) -> None:
    done = octopus("import", dot, "--from", "dot", "--out", tmp_path / "out")
    path = tmp_path / "out" / "flow.owg.json"
    assert (done.status, done.err) == (0, "")
    for line in (
        f"{path}: workflow 'flow'",
        "  5 tasks and 6 edges became 6 blocks, 3 of them tasks, and 5 flows",
        "  3 times work: one spawn, recorded times by index",
        "  a cycle stands for 500 us (chosen, --cycle for another)",
        "  a task takes 1 to 2000 cycles",
        "  tasks shorter than half a cycle, which take 1: 1",
        "  work 2181 cycles, critical path 2061 cycles",
        "  a word stands for 50 B (chosen, --word for another)",
        "  configurations of 32 words, one for each of 3 task blocks",
    ):
        assert line in done.out.splitlines()
    assert "needs" not in done.out and "shrunk" not in done.out
    checked = octopus("check", path)
    assert checked.status == 0 and "longest chain 2061 cycles" in checked.out


def test_options(octopus: Octopus, dot: Path, tmp_path: Path) -> None:
    path = tmp_path / "sub" / "other.json"
    done = octopus(
        *("import", dot, "--from", "dot", "--cycle", "10ms", "--word", "8B", "--config-words", 5, "--flat"),
        *("--out", path, "--json"),
    )
    report = json.loads(done.out)
    written = path.with_name("other.owg.json")
    assert done.status == 0 and report["files"] == [str(written)]
    assert (report["cycle_seconds"], report["word_bytes"], report["config_words"]) == (0.01, 8, 5)
    assert report["where"]["b"] == ["b", 0] and report["spawns"] == [] and report["critical_path"] == 104
    assert report["operands_shrunk"] == ["a", "b", "c"]
    workflow = load_workflow(written)
    assert len(workflow.tasks) == 5 and {workflow.blocks[number].config for number in workflow.tasks} == {5}


def test_limits_are_those_of_the_configuration(octopus: Octopus, dot: Path, tmp_path: Path) -> None:
    out = ("--from", "dot", "--out", tmp_path)
    done = octopus("import", dot, *out, "--set", "buffer_words=400", "--set", "max_blocks=2")
    assert "  a word stands for 10 B (chosen, --word for another)" in done.out.splitlines()
    assert "  needs --set max_blocks=6" in done.out.splitlines()


def test_a_graph_for_which_a_tile_has_little_room(octopus: Octopus, tmp_path: Path) -> None:
    path = tmp_path / "wide.json"
    nodes = [{"id": f"n{number}", "cycles": 9} for number in range(1500)]
    path.write_text(json.dumps({"directed": True, "nodes": nodes, "edges": []}))
    done = octopus("import", path, "--from", "nodelink", "--flat", "--out", tmp_path)
    workload = tmp_path / "wide.workload.json"
    lines = done.out.splitlines()
    assert f"  a tile has room for 2 in flight: run {workload}, which asks for no more" in lines
    assert "  no static strategy holds it: owner_entries would have to be 1500" in lines
    needs = next(line for line in lines if line.startswith("  needs ")).removeprefix("  needs ").split()
    assert load_workload(workload).streams[0].window == 2
    assert octopus("check", workload, *needs).status == 0
    assert octopus("check", workload, *needs[:-2]).status == 2


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), "the following arguments are required: --from"),
        (("--from", "dott"), "--from: dott: is not known; did you mean 'dot'?"),
        (("--from", "nodelink"), "flow.dot: line 1 column 1: broken JSON"),
        (("--from", "dot", "--cycle", "1us"), "flow.dot: task 'split': 1 s are 1000000 cycles of 1 us"),
        (("--from", "dot", "--cycle", "often"), "cycle: 'often' is no time; give a number and a unit, like 10 ms"),
        (("--from", "dot", "--cycle", "0"), "cycle: 0 is nothing; give more than 0"),
        (("--from", "dot", "--word", "1 m"), "word: '1 m' is no size"),
        (("--from", "dot", "--missing", "-1"), "missing: '-1' is no time"),
        (("--from", "dot", "--config-words", "512"), "config_words: 512: is out of range; give 0 to 511"),
        (("--from", "dot", "--config-words", "x"), "--config-words"),
    ],
)
def test_bad_input_is_one_line(octopus: Octopus, dot: Path, arguments: tuple[str, ...], expected: str) -> None:
    assert expected in octopus("import", dot, *arguments).error


def test_files_that_are_wrong(octopus: Octopus, tmp_path: Path) -> None:
    assert "nofile: no such file" in octopus("import", "nofile", "--from", "dot").error
    path = tmp_path / "bad.json"
    for text in (
        "{",
        "[]",
        "7",
        "null",
        '{"workflow": 3}',
        '{"workflow": {"tasks": [3]}}',
        '{"workflow": {"tasks": 3}}',
    ):
        path.write_text(text)
        for format in ("wfformat", "nodelink", "dot"):
            assert octopus("import", path, "--from", format).error.startswith(str(path))


def test_a_place_that_cannot_be_written(octopus: Octopus, dot: Path) -> None:
    assert "cannot be written" in octopus("import", dot, "--from", "dot", "--out", dot / "below").error
