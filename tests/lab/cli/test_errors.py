# SPDX-License-Identifier: Apache-2.0
"""Bad input: one line that says what is wrong and what to do, status 2, no traceback, nothing on stdout."""

import json
import subprocess
import sys
from pathlib import Path

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
