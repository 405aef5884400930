# SPDX-License-Identifier: Apache-2.0
"""Breaks every unit in at least five ways, and shows that a test or a proof catches each.

It works on copies of the sources in ``build/mutants``; results are kept there by content, so that an interrupted run
goes on where it was. The exit status is 1 if a mutant survives, or a test fails without one. The mutants are in
``sim/octopus_lab/measure/breakages``.
"""

import fcntl
import json
import queue
import shlex
import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from octopus_lab.cli import options
from octopus_lab.measure.mutant_runs import Copy, Snapshot
from octopus_lab.measure.mutant_table import Mutant, TableError, complaints, load
from octopus_lab.table import plain
from octopus_sim.progress import Progress

__all__ = ["Verdict", "add_arguments", "judge", "run", "table"]

ROOT = Path(__file__).resolve().parents[3]

#: Errors that come of a broken table or checkout, not of a test that has noticed something.
_UNSOUND = "fails without a mutant too"
_SENSELESS = (_UNSOUND, "SyntaxError", "NameError", "ImportError", "IndentationError", "ModuleNotFoundError")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of a mutant.

    Attributes
    ----------
    caught
        The test that failed; empty if none did.
    message
        Its error.
    seconds, cpu
        Over all the steps that were run.
    """

    unit: str
    number: int
    breaks: str
    caught: str
    message: str
    seconds: float
    cpu: float

    @property
    def good(self) -> bool:
        """It was caught, by a test that looked at what the unit does."""
        return bool(self.caught) and not self.message.startswith(_SENSELESS)


def judge(mutant: Mutant, copy: Copy, limit: float) -> Verdict:
    """Run a mutant's tests until one fails."""
    text = mutant.applied(copy.snapshot.directory)
    seconds = cpu = 0.0
    for step in mutant.tests:
        if mutant.file not in copy.snapshot.reached(step):
            raise TableError(f"{mutant.unit}, {mutant.number}: {step} does not import {mutant.file}")
        outcome = copy.outcome(step, {mutant.file: text}, limit)
        seconds, cpu = seconds + outcome.seconds, cpu + outcome.cpu
        if outcome.failed:
            unbroken = copy.outcome(shlex.quote(outcome.failed) if "::" in outcome.failed else step, {}, limit)
            if unbroken.failed:
                outcome = replace(outcome, message=f"{_UNSOUND}: {unbroken.failed}")
            break
    return Verdict(unit=mutant.unit, number=mutant.number, breaks=mutant.breaks, caught=outcome.failed,
                   message=outcome.message, seconds=round(seconds, 2), cpu=round(cpu, 2))  # fmt: skip


def table(verdicts: list[Verdict]) -> str:
    """Lay out a line for each unit."""
    lines = []
    for unit in dict.fromkeys(verdict.unit for verdict in verdicts):
        mine = [verdict for verdict in verdicts if verdict.unit == unit]
        lines.append((unit, *_sums(mine), _tests(mine)))
    lines.append(("all", *_sums(verdicts), ""))
    return plain(["unit", "mutants", "caught", "seconds", "CPU s", "by"], lines)


def _sums(verdicts: list[Verdict]) -> tuple[str, str, str, str]:
    times = [sum(getattr(verdict, name) for verdict in verdicts) for name in ("seconds", "cpu")]
    return str(len(verdicts)), str(sum(v.good for v in verdicts)), f"{times[0]:.0f}", f"{times[1]:.0f}"


def _tests(verdicts: list[Verdict]) -> str:
    names = Counter(v.caught.rpartition("/")[2].partition("[")[0] for v in verdicts if v.good)
    return ", ".join(f"{name} {count}" for name, count in names.most_common())


def _judged(mutants: list[Mutant], copies: list[Copy], limit: float) -> list[Verdict]:
    idle: queue.Queue[Copy] = queue.Queue()
    for copy in copies:
        idle.put(copy)

    def judged(mutant: Mutant) -> Verdict:
        copy = idle.get()
        try:
            verdict = judge(mutant, copy, limit)
        finally:
            idle.put(copy)
        word = "caught" if verdict.good else f"NOT CAUGHT {verdict.message}"
        progress.step(f"{verdict.unit} {verdict.number}: {word}")
        return verdict

    with Progress(len(mutants)) as progress, ThreadPoolExecutor(len(copies)) as pool:
        try:
            return list(pool.map(judged, mutants))
        except KeyboardInterrupt:
            for copy in copies:
                copy.stop()
            raise


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    options.add_json(parser)
    about = "only units whose name contains NAME; can be given several times"
    parser.add_argument("--unit", action="append", metavar="NAME", help=about)
    options.add_jobs(parser, "tests that run side by side (default: 1)", 1)
    about = "CPU seconds for one step of tests (default: 300)"
    parser.add_argument("--limit", type=options.positive("--limit"), default=300.0, metavar="S", help=about)
    about = "where copies and results are (default: build/mutants of the checkout)"
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "mutants", metavar="DIR", help=about)


def run(arguments: Namespace) -> int:
    """Print the table; 1 if a mutant survives, or what is to catch it is unsound."""
    arguments.work.mkdir(parents=True, exist_ok=True)
    with (arguments.work / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        snapshot = Snapshot(ROOT, arguments.work)
        mutants = load(snapshot.directory)
        wrong = complaints(snapshot.directory, mutants)
        mutants = [m for m in mutants if not arguments.unit or any(part in m.unit for part in arguments.unit)]
        if wrong and not arguments.unit:
            print("\n".join(wrong), file=sys.stderr)
            return 1
        copies = [Copy(snapshot, number) for number in range(arguments.jobs)]
        verdicts = _judged(mutants, copies, arguments.limit)
    print(json.dumps([asdict(v) for v in verdicts]) if arguments.json else table(verdicts))
    survivors = [v for v in verdicts if not v.good]
    for v in survivors:
        print(f"not caught: {v.unit}, {v.number}: {v.breaks} {v.message}", file=sys.stderr)
    return 1 if survivors else 0
