# SPDX-License-Identifier: Apache-2.0
"""What all commands do when they are interrupted, or when nobody takes what they print."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from octopus_lab.cli import main
from tests.lab.outcome import ENVIRONMENT, ROOT, Octopus

COMMAND = (sys.executable, "-m", "octopus_lab")
SPEECH = "examples/speech_assistant.owg.json"


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [("check", SPEECH), ("check", *[SPEECH] * 9), ("run", "--help"), ("--version",)])
def test_a_full_disk(arguments: tuple[str, ...], unbuffered: str) -> None:
    environment = ENVIRONMENT | {"PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*COMMAND, *arguments], cwd=ROOT, env=environment, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert done.stderr.startswith(b"error: ") and done.stderr.count(b"\n") == 1
    assert b"no space left on device" in done.stderr


def test_who_reads_may_go() -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([*COMMAND, "check", SPEECH], cwd=ROOT, env=ENVIRONMENT, stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize(
    ("seen", "arguments"),
    [
        ("Verilog of 16x16 ...", ("generate", "--mesh", "16x16", "--out", "OUT")),
        ("amaranth ...", ("run", SPEECH, "--mesh", "2x2", "--engine", "amaranth", "--waves", "--out", "OUT")),
        ("in 2 processes ...", ("bench", "--mesh", "8x8", "--jobs", "2", "--out", "OUT")),
        ("2 at once ...", ("measure", "model", "--mesh", "8x8", "--processes", "2", "--seconds", "60")),
        ("1x1 ...", ("measure", "export", "--mesh", "1x1")),
    ],
)
def test_ctrl_c_is_told_in_one_line(tmp_path: Path, seen: str, arguments: tuple[str, ...]) -> None:
    out = tmp_path / "out"
    given = [str(out) if argument == "OUT" else argument for argument in arguments]
    process = subprocess.Popen(
        [*COMMAND, *given], cwd=ROOT, env=ENVIRONMENT, start_new_session=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    said = [""]
    while seen not in said[-1]:
        said.append(process.stderr.readline())
        assert said[-1], said
    time.sleep(0.5)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does, to all
    printed, rest = process.communicate(timeout=120)
    assert (process.returncode, printed) == (130, "")
    told = [line for line in rest.splitlines() if line and "the same command goes on from there" not in line]
    assert told == ["error: interrupted"]
    assert not out.is_dir() or {path.name for path in out.iterdir()} <= {"rows"}


def test_ctrl_c_says_nothing_of_what_is_half_made() -> None:
    program = """
import os, signal, sys
from amaranth.hdl import Elaboratable
from octopus_lab import cli

class Unit(Elaboratable):
    def elaborate(self, platform):
        pass

cli._run = lambda arguments: [Unit(), os.kill(os.getpid(), signal.SIGINT), Unit()]
sys.exit(cli.main([]))
"""
    done = subprocess.run([sys.executable, "-c", program], env=ENVIRONMENT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (130, "error: interrupted\n")


def test_signals_are_left_as_they_were() -> None:
    def mine(*_: object) -> None:
        raise AssertionError

    for handler in (signal.default_int_handler, signal.SIG_IGN, mine):
        before = signal.signal(signal.SIGINT, handler)
        try:
            assert main(["--version"]) == 0
            assert signal.getsignal(signal.SIGINT) is handler
        finally:
            signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (PermissionError(13, "Permission denied", "build/cache/x"), "build/cache/x: permission denied"),
        (OSError(28, "No space left on device"), "no space left on device"),
    ],
)
def test_what_the_machine_refuses(
    octopus: Octopus, tiny: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, expected: str
) -> None:
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr("octopus_lab.cli.check.load_workload", refuse)
    assert octopus("check", tiny).error == expected
