# SPDX-License-Identifier: Apache-2.0
"""Processes that end badly: in an error, or killed together with their parent."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from octopus_lab.bench.jobs import sources_version
from octopus_lab.bench.workers import WorkerError, Workers
from tests.lab.bench.samples import TINY, jobs, row_files, workload
from tests.lab.outcome import ENVIRONMENT


def test_sources_that_changed_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("octopus_lab.bench.workers.sources_version", lambda: sources_version() + "x")
    with pytest.raises(WorkerError, match="the sources have changed since the command began"):
        with Workers(1, tmp_path) as workers:
            list(workers.run([jobs(workload())]))
    assert not list(tmp_path.glob("*.json"))


def test_an_engine_that_a_process_does_not_know(tmp_path: Path) -> None:
    with Workers(1, tmp_path) as workers:
        (answer, error) = next(workers.run([jobs(workload())]))
    assert error == "--engine: ideal: is not known; did you mean 'model'?" and len(answer) == 24


def test_a_killed_process_is_told(tmp_path: Path) -> None:
    with Workers(1, tmp_path) as workers:
        (process,) = workers._processes.values()
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        told = r"status -9 \(for want of memory\?\) on w, 1x1, naive, model; what was done is kept"
        with pytest.raises(WorkerError, match=told):
            list(workers.run([jobs(workload(), engine="model")]))


@pytest.mark.slow
def test_the_command_goes_on_after_it_was_killed(tmp_path: Path) -> None:
    file, out = tmp_path / "tiny.owg.json", tmp_path / "out"
    file.write_text(json.dumps(TINY))
    meshes = [argument for side in (1, 2, 8) for argument in ("--mesh", f"{side}x{side}")]
    command = [
        sys.executable,
        "-m",
        "octopus_lab",
        "bench",
        str(file),
        *meshes,
        "--out",
        str(out),
        "--jobs",
        "2",
        "--json",
    ]
    process = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    begun = time.monotonic()
    while not row_files(out) and process.poll() is None and time.monotonic() - begun < 120:
        time.sleep(0.005)
    process.kill()
    process.wait()
    time.sleep(1.0)  # what a process was at, it may still keep
    kept = {path: path.read_bytes() for path in row_files(out)}
    assert kept
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=240, check=True)
    assert {path: path.read_bytes() for path in kept} == kept
    document = json.loads(done.stdout)
    assert len(document["rows"]) == 18 == len(row_files(out))
    assert f"{len(kept)} rows are at hand" in done.stderr or len(kept) == 18
    assert document == json.loads((out / "bench.json").read_text())
