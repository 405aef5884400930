# SPDX-License-Identifier: Apache-2.0
"""Random workflows on the RTL, held against the model event by event, and random traffic on its routers, for long.

Run as ``python bench/soak.py --seconds N | --cycles N | --cases N [--seed S] [--mesh 4x4] [--build NAME]... [--json]``.
All links pause at random, for the model at the same times, and the host leaves gaps and lets words wait. Each case
follows from the seed and its number. The first that fails ends the soak: it is made as small as it gets, written to a
file, and the commands that repeat it are printed. ``--case FILE`` runs such a file; ``--break BIT`` takes a mode bit
from the RTL alone, to see what a failure looks like.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from octopus_hw.contract.errors import InputError
from octopus_hw.image.image import Image
from octopus_lab.soak.builds import CHIPS, NETWORKS, load_case, subject
from octopus_lab.soak.campaign import Failure, Limits, Tally, campaign, smallest
from octopus_lab.soak.case import Case
from octopus_lab.soak.judge import Judge, without
from octopus_lab.soak.traffic import TrafficJudge

BUILDS = CHIPS | NETWORKS
#: Mode bits whose absence shows in a run.
BITS = ("static", "adaptive", "prefetch", "affinity", "split", "balance", "early")


def say(text: str) -> None:
    """Print to stderr at once."""
    print(text, file=sys.stderr, flush=True)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, help="stop after this time (default: 60, if no other limit is given)")
    parser.add_argument("--cycles", type=int, help="stop after so many cycles of RTL")
    parser.add_argument("--cases", type=int, help="stop after so many cases")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, metavar="N", help="begin with case N of the seed")
    parser.add_argument("--mesh", default="4x4", metavar="CxR")
    parser.add_argument("--build", action="append", choices=BUILDS, help="default: all, one case of each in turn")
    parser.add_argument("--pauses", type=int, metavar="N", help="sixteenths in which links pause (default: by build)")
    parser.add_argument("--scale", type=int, default=16, help="size of the workloads")
    parser.add_argument("--case", type=Path, metavar="FILE", help="run one case from a file")
    parser.add_argument("--break", dest="broken", choices=BITS, metavar="BIT", help="take a mode bit from the RTL")
    parser.add_argument("--no-rebuild", action="store_true", help="make a failure small without other builds")
    parser.add_argument("--out", type=Path, default=Path("build/soak"), metavar="DIR", help="where failures go")
    parser.add_argument("--json", action="store_true", help="print the table as JSON")
    options = parser.parse_args(arguments)
    if options.seconds is options.cycles is options.cases is None:
        options.seconds = 60.0
    return options


def table(tallies: dict[str, Tally]) -> str:
    """Lay out what was run."""
    rows = [*tallies.items(), ("all", Tally.total(list(tallies.values())))]
    head = ("build", "cases", "cycles", "events", "instances", "tasks", "moves", "seconds", "cycles/s")
    lines: list[tuple[str, ...]] = [head]
    for name, tally in rows:
        numbers = (tally.cases, tally.cycles, tally.events, tally.instances, tally.tasks, tally.moves, tally.seconds)
        speed = tally.cycles / tally.seconds if tally.seconds else 0
        lines.append((name, *(f"{number:,.0f}" for number in (*numbers, speed))))
    first, *widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join([name.ljust(first), *(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))])
        for name, *cells in lines
    )


def explain(failure: Failure, options: argparse.Namespace) -> Path:
    """Say what failed and how to repeat it; make it small and write it down."""
    chosen = "".join(f" --build '{name}'" for name in options.build or ())
    chosen += f" --pauses {options.pauses}" if options.pauses is not None else ""
    broken = f" --break {options.broken}" if options.broken else ""
    say(f"\nFAILED: case {failure.number} of seed {options.seed}, {failure.subject.name}: {failure.case}")
    say(failure.verdict.failure)
    say(
        f"repeat: python bench/soak.py --mesh {options.mesh} --seed {options.seed} --scale {options.scale} "
        f"--first {failure.number} --cases 1{chosen}{broken}"
    )
    options.out.mkdir(parents=True, exist_ok=True)
    path: Path = options.out / f"seed-{options.seed}-case-{failure.number}.json"
    path.write_text(failure.case.to_json(), encoding="utf-8")
    say("making it small:")
    try:
        case, verdict = smallest(failure, rebuild=not options.no_rebuild, report=say)
    except KeyboardInterrupt:
        say(f"interrupted; it is as it was in {path}")
        return path
    path.write_text(case.to_json(), encoding="utf-8")
    say(f"smallest: {case}\n{verdict.failure}\nrepeat: python bench/soak.py --case {path}{broken}")
    return path


def run_file(options: argparse.Namespace, judge: Judge, routers: TrafficJudge) -> int:
    """Run one case; 1 if it fails."""
    case = load_case(options.case)
    verdict = judge(case) if isinstance(case, Case) else routers(case)
    print(f"{case}: {verdict.failure or f'{verdict.events} events, nothing wrong'}")
    return 1 if verdict.failure else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Soak; 1 if something failed."""
    options = parse(arguments)
    columns, rows = map(int, options.mesh.split("x"))
    fault = without(options.broken) if options.broken else _intact
    tallies: dict[str, Tally] = {}
    failure, file, begun = None, None, time.monotonic()
    with Judge(say, fault) as judge, TrafficJudge(say) as routers:
        if options.case:
            return run_file(options, judge, routers)
        subjects = [
            subject(name, columns, rows, options.scale, (judge, routers), options.pauses)
            for name in options.build or BUILDS
        ]
        limits = Limits(cases=options.cases, cycles=options.cycles, seconds=options.seconds)
        try:
            failure = campaign(subjects, options.seed, limits, tallies, first=options.first, report=say)
            file = explain(failure, options) if failure else None
        except KeyboardInterrupt:
            say("interrupted")
    cpu = sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )
    verdict = f"FAILED, see {file}" if failure else "nothing lost, no event differs"
    if options.json:
        told: dict[str, Any] = {"seed": options.seed, "mesh": [columns, rows], "failed": str(file) if file else None}
        builds = {name: asdict(tally) for name, tally in tallies.items()}
        print(json.dumps(told | {"wall_s": time.monotonic() - begun, "cpu_s": cpu, "builds": builds}, indent=2))
    else:
        print(table(tallies))
        print(f"seed {options.seed}, {options.mesh}, {time.monotonic() - begun:.0f} s, {cpu:.0f} s CPU: {verdict}")
    return 1 if failure else 0


def _intact(image: Image) -> Image:
    return image


if __name__ == "__main__":
    try:
        sys.exit(main())
    except InputError as error:
        sys.exit(f"error: {error}")
