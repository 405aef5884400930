# SPDX-License-Identifier: Apache-2.0
"""Random workflows on the RTL, held against the model event by event, and random traffic on its routers, for long.

All links stall at random, for the model at the same times. The host leaves gaps, lets words wait, gives rows late and
few credits at a time, and is silent for long now and then; the model is told when. Each case follows from the seed and
its number. The first that fails ends the soak: it is made as small as it gets, written to a file, and the commands that
repeat it are printed. The exit status is 1 then.
"""

import json
import shlex
import sys
import time
from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

from octopus_hw.contract.layout import Mode
from octopus_hw.files import write
from octopus_hw.image.image import Image
from octopus_lab.cli import options
from octopus_lab.measure.usage import cpu_seconds
from octopus_lab.soak.builds import CHIPS, NETWORKS, load_case, subject
from octopus_lab.soak.campaign import Failure, Limits, Tally, campaign, smallest
from octopus_lab.soak.case import Case
from octopus_lab.soak.judge import Judge, without
from octopus_lab.soak.traffic import TrafficJudge
from octopus_lab.table import plain

__all__ = ["add_arguments", "run"]

BUILDS = CHIPS | NETWORKS


def say(text: str) -> None:
    """Print to stderr at once."""
    print(text, file=sys.stderr, flush=True)


def add_arguments(parser: ArgumentParser) -> None:
    """Add the command's arguments."""
    options.add_json(parser)
    about = "stop after this time (default: 60, if no other limit is given)"
    parser.add_argument("--seconds", type=options.positive("--seconds"), metavar="S", help=about)
    for name, what in (("--cycles", "cycles of RTL"), ("--cases", "cases")):
        parser.add_argument(name, type=options.number(name), metavar="N", help=f"stop after so many {what}")
    options.add_seed(parser, "of all cases (default: 1)", 1)
    first = options.number("--first", least=0)
    parser.add_argument("--first", type=first, default=0, metavar="N", help="begin with case N of the seed")
    options.add_mesh(parser, default=(4, 4), help="default: 4x4")
    about = "can be given several times; default: all, one case of each in turn"
    parser.add_argument("--build", action="append", choices=list(BUILDS), help=about)
    about = "sixteenths in which links stall (default: by build)"
    parser.add_argument("--stalls", type=options.number("--stalls", 0, 15), metavar="N", help=about)
    about = "size of the workloads (default: 16)"
    parser.add_argument("--scale", type=options.number("--scale", most=10_000), default=16, metavar="N", help=about)
    parser.add_argument("--case", type=Path, metavar="FILE", help="run one case from a file that a failure has left")
    about = "take a mode bit from the RTL alone, to see what a failure looks like"
    parser.add_argument("--break", dest="broken", choices=list(Mode.spans), help=about)
    parser.add_argument("--no-rebuild", action="store_true", help="make a failure small without other builds")
    options.add_out(parser, "build/soak")


def run(arguments: Namespace) -> int:
    """Soak; 1 if something failed."""
    fault = without(arguments.broken) if arguments.broken else _intact
    columns, rows = arguments.mesh
    begun = time.monotonic()
    tallies: dict[str, Tally] = {}
    file = None
    with Judge(say, fault) as judge, TrafficJudge(say) as routers:
        if arguments.case:
            return _run_file(arguments.case, judge, routers)
        subjects = [
            subject(name, columns, rows, arguments.scale, (judge, routers), arguments.stalls)
            for name in arguments.build or BUILDS
        ]
        try:
            failure = campaign(subjects, arguments.seed, _limits(arguments), tallies, first=arguments.first, report=say)
            file = _explain(failure, arguments) if failure else None
        except KeyboardInterrupt:
            _report(arguments, tallies, time.monotonic() - begun, "interrupted", file)
            raise
    verdict = f"FAILED, see {file}" if file else "nothing lost, no event differs"
    _report(arguments, tallies, time.monotonic() - begun, verdict, file)
    return 1 if file else 0


def _limits(arguments: Namespace) -> Limits:
    if arguments.seconds is arguments.cycles is arguments.cases is None:
        return Limits(seconds=60.0)
    return Limits(cases=arguments.cases, cycles=arguments.cycles, seconds=arguments.seconds)


def _run_file(path: Path, judge: Judge, routers: TrafficJudge) -> int:
    """Run one case; 1 if it fails."""
    case = load_case(path)
    verdict = judge(case) if isinstance(case, Case) else routers(case)
    print(f"{case}: {verdict.failure or f'{verdict.events} events, nothing wrong'}")
    return 1 if verdict.failure else 0


def _explain(failure: Failure, arguments: Namespace) -> Path:
    """Say what failed and how to repeat it; make it small and write it down."""
    again = "repeat: octopus-hw measure soak"
    broken = ["--break", arguments.broken] if arguments.broken else []
    how: list[object] = ["--mesh", options.mesh_texts([arguments.mesh]), "--seed", arguments.seed]
    how += ["--scale", arguments.scale, "--first", failure.number, "--cases", 1]
    how += [argument for name in arguments.build or () for argument in ("--build", name)]
    how += ["--stalls", arguments.stalls] if arguments.stalls is not None else []
    say(f"\nFAILED: case {failure.number} of seed {arguments.seed}, {failure.subject.name}: {failure.case}")
    say(f"{failure.verdict.failure}\n{again} {shlex.join(map(str, [*how, *broken]))}")
    path = Path(arguments.out) / f"seed-{arguments.seed}-case-{failure.number}.json"
    write(path, failure.case.to_json())
    say("making it small:")
    try:
        case, verdict = smallest(failure, rebuild=not arguments.no_rebuild, report=say)
    except KeyboardInterrupt:
        say(f"it is as it was in {path}")
        raise
    write(path, case.to_json())
    say(f"smallest: {case}\n{verdict.failure}\n{again} {shlex.join(['--case', str(path), *broken])}")
    return path


def _report(arguments: Namespace, tallies: dict[str, Tally], wall_s: float, verdict: str, file: Path | None) -> None:
    """Print what was run and what came of it."""
    if arguments.json:
        told: dict[str, Any] = {"seed": arguments.seed, "mesh": arguments.mesh, "failed": str(file) if file else None}
        builds = {name: asdict(tally) for name, tally in tallies.items()}
        print(json.dumps(told | {"wall_s": wall_s, "cpu_s": cpu_seconds(), "builds": builds}, indent=2))
    else:
        how = f"seed {arguments.seed}, {options.mesh_texts([arguments.mesh])}"
        print(f"{_table(tallies)}\n{how}, {wall_s:.0f} s, {cpu_seconds():.0f} s CPU: {verdict}")


def _table(tallies: dict[str, Tally]) -> str:
    headings = ("build", "cases", "cycles", "events", "instances", "tasks", "moves", "seconds", "cycles/s")
    lines = []
    for name, tally in [*tallies.items(), ("all", Tally.total(list(tallies.values())))]:
        numbers = (tally.cases, tally.cycles, tally.events, tally.instances, tally.tasks, tally.moves, tally.seconds)
        speed = tally.cycles / tally.seconds if tally.seconds else 0
        lines.append((name, *(f"{number:,.0f}" for number in (*numbers, speed))))
    return plain(headings, lines)


def _intact(image: Image) -> Image:
    return image
