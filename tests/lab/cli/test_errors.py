# SPDX-License-Identifier: Apache-2.0
"""Bad input: one line that says what is wrong and what to do, status 2, no traceback, nothing on stdout."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.lab.outcome import ENVIRONMENT, TINY, Octopus


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), "the following arguments are required: COMMAND"),
        (("rum",), "command: rum: is not known; did you mean 'run'?"),
        (("run", "FILE"), "the following arguments are required: --mesh"),
        (("run", "FILE", "--mesh", "2"), "--mesh: 2: is no mesh; give columns and rows, like 4x2"),
        (("run", "FILE", "--mesh", "0x2"), "--mesh: 0x2: give 1 to 128 columns and rows"),
        (("generate", "--mesh", "129x1"), "--mesh: 129x1: give 1 to 128 columns and rows"),
        (("run", "FILE", "--mesh", "1x1", "--strategy", "adaptiv"), "--strategy: adaptiv: is not known; did you mean"),
        (
            ("run", "FILE", "--mesh", "1x1", "--strategy", "octopus-splt"),
            "'splt' is no mechanism; did you mean 'split'?",
        ),
        (("compare", "FILE", "--mesh", "1x1", "--strategy", "best"), "--strategy: best: is not known; known: 'naive',"),
        (("run", "FILE", "--mesh", "1x1", "--engine", "icarus"), "--engine: icarus: is not known; known: 'model'"),
        (("run", "FILE", "--mesh", "1x1", "--seed", "-1"), "--seed: -1: is no seed"),
        (("run", "FILE", "--mesh", "1x1", "--seed", "4294967296"), "--seed: 4294967296: is no seed"),
        (("run", "FILE", "--mesh", "1x1", "--waves"), "--waves: the engine model makes none"),
        (("run", "FILE", "--mesh", "1x1", "--disable", "1,0"), "--disable: 1,0: there is no column 1"),
        (("run", "FILE", "--mesh", "1x1", "--disable", "0,0"), "no tile is alive to be a home"),
        (("run", "FILE", "--mesh", "1x1", "--set", "tbu=3"), "tbu: is not known; did you mean 'tbus'?"),
        (("run", "FILE", "--mesh", "1x1", "--set", "tbus=7"), "tbus: 7 is not a whole number from 1 to 6"),
        (("run", "FILE", "--mesh", "1x1", "--set", "tbus"), "--set: tbus: write key=number"),
        (("check", "FILE", "--set", "tbus=2", "--set", "tbus=3"), "--set: tbus=3: tbus is set twice; set it once"),
        (
            ("run", "FILE", "--mesh", "1x1", "--strategy", "naive-balance"),
            "naive is without 'balance'",
        ),
        (("run", "FILE", "--mesh", "1x1", "--set", "max_blocks=1"), "needs 2 blocks, but the configuration has 1"),
        (("run", "FILE", "--mesh", "1x1", "--set", "list_depth=15"), "needs 16 instances that one tile injects"),
        (("run", "FILE", "--mesh", "1x1", "--config", "nofile.toml"), "nofile.toml: cannot be read"),
        (("run", "nofile", "--mesh", "1x1"), "nofile: no such file; check the path"),
        (("check", "nofile"), "nofile: no such file"),
        (("check", "FILE", "--mesh", "1x1", "--set", "number_words=4", "--disable", "x"), "--disable: x: is no part"),
        (("compare", "FILE", "--mesh", "1x1", "--engine", "model"), "--engine: model: is one engine only"),
        (("compare", "FILE", "nofile", "--mesh", "1x1"), "nofile: no such file"),
        (("demo", "--mesh", "axb"), "--mesh: axb: is no mesh"),
        (("demo", "--what"), "unrecognized arguments: --what"),
    ],
)
def test_one_line(octopus: Octopus, tiny: Path, arguments: tuple[str, ...], expected: str) -> None:
    error = octopus(*(tiny if argument == "FILE" else argument for argument in arguments)).error
    assert expected in error


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", "line 1 column 2: broken JSON"),
        ('{"owg": 1, "owg": 1}', "duplicate key 'owg'"),
        (json.dumps(TINY | {"blox": []}), "unknown key 'blox'"),
        (json.dumps(TINY | {"entry": "b"}), "entry: there is no block 'b'; known: 'a', 'end'"),
        (json.dumps(TINY | {"flows": []}), "blocks[0]: no flow leaves task 'a'"),
        (json.dumps(TINY | {"flows": [{"from": "a", "to": "end", "words": -1}]}), "flows[0].words: -1 is out of range"),
    ],
)
def test_files_that_are_wrong(octopus: Octopus, tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(text)
    for arguments in (("check", path), ("run", path, "--mesh", "1x1"), ("compare", path, "--mesh", "1x1", "--json")):
        error = octopus(*arguments).error
        assert error.startswith(f"{path}: ") and expected in error


def sliced(at: int, **keys: int) -> dict[str, Any]:
    """A fork, a task and a branch one after the other, with keys of one of the flows."""
    names = ["a", "f", "b", "p", "end"]
    kinds = [{"kind": "task", "cycles": 5}, {"kind": "fork"}, {"kind": "task", "cycles": 5}, {"kind": "branch"}]
    blocks = [{"id": name} | kind for name, kind in zip(names, [*kinds, {"kind": "end"}], strict=True)]
    flows = [{"from": source, "to": target, "words": 8} for source, target in pairwise(names)]
    flows[at] |= keys
    return {"owg": 1, "name": "w", "blocks": blocks, "entry": "a", "flows": flows}


@pytest.mark.parametrize(
    ("owg", "expected"),
    [
        (sliced(2, first=4), "flows[2].first: into branch 'p', which passes on words from 0 on; leave it out"),
        (sliced(3, first=4), "flows[3].first: out of branch 'p', which passes on words from 0 on; leave it out"),
        (sliced(1, stride=6), "flows[1].stride: 6 is not a multiple of 4; give 4 or 8"),
        (
            sliced(1, first=4),
            "flows[1]: the slice ends at word 12, but fork 'f' holds 8; take fewer or send it more",
        ),
        (
            sliced(3, words=200),
            "flows[3].words: 200 words, but a buffer has 128; send fewer or raise buffer_words",
        ),
    ],
)
def test_slices_that_are_wrong(octopus: Octopus, tmp_path: Path, owg: dict[str, Any], expected: str) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(owg))
    for arguments in (("check", path), ("run", path, "--mesh", "1x1")):
        assert octopus(*arguments).error == f"{path}: {expected}"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (None, "rows.npy: no such file; check the path"),
        (b"text", "rows.npy: is no .npy or .npz file; write it with numpy.save or numpy.savez"),
        (np.zeros(4, np.uint8), "rows.npy: inputs: 1 dimensions; give two, a row for each instance"),
        (
            np.zeros((2, 3)),
            "rows.npy: inputs: numbers of type float64; give bytes (uint8) or words (uint32 or int32)",
        ),
        (
            np.array([[print]], object),
            "rows.npy: inputs: Python objects; give bytes (uint8) or words (uint32 or int32)",
        ),
        (
            np.zeros((2, 513), np.uint8),
            "w.json: streams[0].inputs: rows of 129 words, but a buffer has 128; shorten them or raise buffer_words",
        ),
    ],
)
def test_inputs_that_are_wrong(octopus: Octopus, tmp_path: Path, rows: Any, expected: str) -> None:
    path, file = tmp_path / "w.json", tmp_path / "rows.npy"
    stream = {"owg": TINY, "instances": 2, "inputs": file.name}
    path.write_text(json.dumps({"workload": 1, "name": "w", "streams": [stream]}))
    if isinstance(rows, bytes):
        file.write_bytes(rows)
    elif rows is not None:
        np.save(file, rows, allow_pickle=True)
    for arguments in (("check", path), ("run", path, "--mesh", "1x1")):
        assert octopus(*arguments).error == f"{tmp_path}/{expected}"


@pytest.mark.parametrize("command", [("run", "FILE", "--mesh", "1x1"), ("generate", "--mesh", "1x1"), ("demo",)])
def test_an_output_directory_that_cannot_be(octopus: Octopus, tiny: Path, command: tuple[str, ...]) -> None:
    out = tiny / "below" / "a file"
    error = octopus(*(tiny if argument == "FILE" else argument for argument in command), "--out", out).error
    assert error == f"{out}: cannot be written (not a directory); choose another place"


def test_nothing_is_left_behind_when_input_is_wrong(octopus: Octopus, tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert octopus("run", tiny, "--mesh", "1x1", "--set", "max_blocks=1", "--out", out).error
    assert not out.exists()


def test_a_process_of_its_own_has_the_same_manners(tiny: Path) -> None:
    command = [sys.executable, "-m", "octopus_lab", "check", str(tiny), "nofile"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRONMENT)
    assert done.returncode == 2 and done.stderr == "error: nofile: no such file; check the path\n"
    assert "workload 'tiny'" in done.stdout
