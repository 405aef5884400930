# SPDX-License-Identifier: Apache-2.0
"""The grammar that all commands share."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from octopus_lab.bench.experiments import EXPERIMENTS
from octopus_lab.cli.measure import MEASURES
from octopus_lab.cli.parser import COMMANDS
from tests.lab.outcome import ENVIRONMENT, Octopus

PATHS = [(), *((name,) for name in COMMANDS), *(("measure", name) for name in MEASURES)]
PATHS += [("measure", "evaluate", name) for name in EXPERIMENTS]


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_help(octopus: Octopus, path: tuple[str, ...]) -> None:
    done = octopus(*path, "--help")
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"usage: {' '.join(('octopus-hw', *path))} [-h]")
    assert "--json" in done.out or path in {(), ("measure",), ("measure", "evaluate")}


def test_lists_of_commands_are_whole(octopus: Octopus) -> None:
    for path, names in (((), COMMANDS), (("measure",), MEASURES), (("measure", "evaluate"), EXPERIMENTS)):
        lines = [line.split() for line in octopus(*path, "--help").out.splitlines()]
        assert {line[0] for line in lines if line} >= set(names)


def test_version(octopus: Octopus) -> None:
    assert octopus("--version").out == f"octopus-hw {version('octopus-hw')}\n"


def test_a_command_imports_what_it_needs_and_no_more(tiny: Path) -> None:
    program = "import sys; from octopus_lab.cli import main; assert main(sys.argv[1:]) == 0; print(*sys.modules)"

    def imported(*arguments: str) -> set[str]:
        command = [sys.executable, "-c", program, *arguments]
        done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=True)
        return set(done.stdout.split())

    heavy = {"cocotb", "matplotlib", "numba", "octopus_sim.engines", "pytest"}
    assert not imported("check", str(tiny)) & (heavy | {"amaranth", "octopus_sim"})
    assert not imported("measure", "--help") & heavy
    assert "pytest" in imported("measure", "proofs", "--help")


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (("run", "FILE", "--mesh", "1x1", "--mesh", "2x2"), "--mesh"),
        (("run", "FILE", "--mesh", "1x1", "--strategy", "naive", "--strategy", "octopus"), "--strategy"),
        (("run", "FILE", "--mesh", "1x1", "--engine", "model", "--engine", "model"), "--engine"),
        (("run", "FILE", "--mesh", "1x1", "--out", "a", "--out=b"), "--out"),
        (("check", "FILE", "--seed", "1", "--seed", "1"), "--seed"),
        (("compare", "FILE", "--mesh", "1x1", "--config", "a", "--config", "b"), "--config"),
        (("bench", "--jobs", "1", "--jobs", "2"), "--jobs"),
        (("measure", "soak", "--cases", "1", "--cases", "2"), "--cases"),
        (("measure", "evaluate", "main", "--suite", "stress", "--suite", "stress"), "--suite"),
    ],
)
def test_an_option_that_is_given_twice(octopus: Octopus, tiny: Path, arguments: tuple[str, ...], option: str) -> None:
    given = (tiny if argument == "FILE" else argument for argument in arguments)
    assert octopus(*given).error == f"{option}: is given twice; give it once"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("measure",), "the following arguments are required: NAME"),
        (("measure", "unit"), "name: unit: is not known; did you mean 'units'?"),
        (("measure", "evaluate", "mian"), "experiment: mian: is not known; did you mean 'main'?"),
        (("measure", "soak", "--cases", "0"), "--cases: 0: is no number for it; give a whole number from 1 to"),
        (("measure", "soak", "--seconds", "no"), "--seconds: no: is no number for it; give one greater than 0"),
        (("measure", "soak", "--mesh", "2"), "--mesh: 2: is no mesh"),
        (("measure", "deadlock", "--tbus", "7"), "--tbus: 7: is no number for it; give a whole number from 1 to 6"),
        (("measure", "network", "--flits", "64"), "--flits: 64: is no number for it; give a whole number from 1 to 63"),
        (("measure", "units", "--speed", "9"), "--speed: 9: is not known; known: '6', '7', '8'"),
    ],
)
def test_what_is_wrong_with_a_measurement_is_told_in_one_line(
    octopus: Octopus, arguments: tuple[str, ...], expected: str
) -> None:
    assert expected in octopus(*arguments).error
