# SPDX-License-Identifier: Apache-2.0
"""Runs that do not end, and the cache of compiled kernels."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from octopus_hw.contract.codes import COUNTERS, Kind, SourceKind
from octopus_sim.model import ModelError, run

from .samples import VALUE, flow, image, numbers, source, task


def test_too_few_cycles_say_where_tokens_are() -> None:
    flows = [flow(1, Kind.END), task(0, 0)]
    picture = image(flows, numbers({0: (source(SourceKind.CONST, 1000), VALUE)}, 2))
    with pytest.raises(ModelError) as caught:
        run(picture, 100)
    assert str(caught.value).splitlines() == [
        "not finished after 100 cycles: 0 of 1 instances retired",
        "  tile 0,0: 1 instances left; TBU 0: 1 places taken, 0 wait, 0 bound, 1 run",
    ]


def test_a_run_that_is_stuck_ends() -> None:
    """A join of all that waits for a second flow, which no row leads to."""
    flows = [flow(1, Kind.JOIN, next=1, all=1, count=2), flow(2, Kind.END), task(0, 0)]
    with pytest.raises(ModelError, match=r"stuck in cycle \d+: 0 of 1 instances retired\n  tile 0,0: 1 instances left"):
        run(image(flows, numbers({0: (source(SourceKind.CONST, 1), VALUE)}, 3)))


def test_counters() -> None:
    flows = [task(1, 1), flow(2, Kind.END), task(0, 0)]
    picture = image(flows, numbers({n: (source(SourceKind.CONST, 7 + n), VALUE) for n in range(2)}, 3))
    result = run(picture)
    told = {name: result.counter(name) for name in COUNTERS if name != "hash"}
    assert told == {
        "injected": 1, "retired": 1, "dispatched": 2, "moved": 0, "started": 2, "work": 15, "loads": 2, "errors": 0,
        "refused": 0,
    }  # fmt: skip


def test_no_writable_folder_is_no_hindrance() -> None:
    """Where nothing can be cached, the decorators still give what can be compiled."""
    code = "from octopus_sim.model.kernel import entry; print(entry(lambda x: x + 1)(2))"
    root = Path(__file__).resolve().parents[3]
    environment = os.environ | {
        "NUMBA_CACHE_DIR": "/proc/nowhere",
        "PYTHONPATH": os.pathsep.join([str(root), str(root / "sim")]),
    }
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout == "3\n", done.stderr
