# SPDX-License-Identifier: Apache-2.0
"""Case after case, until time or cycles are up or one fails; what fails is made small."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from random import Random
from typing import Any

from octopus_hw.contract.errors import InputError
from octopus_lab.soak.judge import Verdict
from octopus_lab.soak.shrink import Edit, shrink

__all__ = ["Failure", "Limits", "Subject", "Tally", "campaign", "case_seed", "smallest"]

#: Seconds between two lines of progress.
_PERIOD_S = 10.0


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What is soaked.

    Attributes
    ----------
    name : str
    draw : callable
        Makes the case of a seed.
    judge : callable
        Runs a case.
    stages : sequence
        How a case that fails is made smaller.
    """

    name: str
    draw: Callable[[int], Any]
    judge: Callable[[Any], Verdict]
    stages: Sequence[Sequence[Edit[Any]]]


@dataclass(kw_only=True)
class Tally:
    """What has been run of one subject; `events` are packets where there are no events."""

    cases: int = 0
    cycles: int = 0
    events: int = 0
    instances: int = 0
    tasks: int = 0
    moves: int = 0
    seconds: float = 0.0

    def add(self, verdict: Verdict, seconds: float) -> None:
        """Count one case."""
        self.cases += 1
        self.seconds += seconds
        for name in ("cycles", "events", "instances", "tasks", "moves"):
            setattr(self, name, getattr(self, name) + getattr(verdict, name))

    @classmethod
    def total(cls, tallies: Sequence["Tally"]) -> "Tally":
        """Add up."""
        return cls(**{field.name: sum(getattr(tally, field.name) for tally in tallies) for field in fields(cls)})


@dataclass(frozen=True, kw_only=True)
class Limits:
    """When to stop; None is no limit."""

    cases: int | None = None
    cycles: int | None = None
    seconds: float | None = None

    def reached(self, tally: Tally, seconds: float) -> bool:
        """Whether it is enough."""
        pairs = ((self.cases, tally.cases), (self.cycles, tally.cycles), (self.seconds, seconds))
        return any(limit is not None and now >= limit for limit, now in pairs)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A case that failed: what it was, its number in the campaign, and what it showed."""

    subject: Subject
    number: int
    case: Any
    verdict: Verdict


def case_seed(seed: int, number: int) -> int:
    """Return the seed of a campaign's case."""
    return Random(f"{seed} {number}").getrandbits(32)


def campaign(
    subjects: Sequence[Subject],
    seed: int,
    limits: Limits,
    tallies: dict[str, Tally],
    *,
    first: int = 0,
    report: Callable[[str], None] = lambda text: None,
) -> Failure | None:
    """Run cases, subject by subject in turn, from number `first` on; return the first that fails.

    First each subject runs one case that does not count: builds are there when the time begins.

    Parameters
    ----------
    subjects
        What is soaked; case n is one of ``subjects[n % len(subjects)]``.
    seed
        All follows from this.
    limits
        When to stop.
    tallies
        By subject's name; counted up as cases end, so that an interrupted campaign has them.
    first
        The number of the first case.
    report
        Told how far it is, now and then.
    """
    for number in range(first, first + len(subjects)):
        subject = subjects[number % len(subjects)]
        subject.judge(subject.draw(case_seed(seed, number)))
    begun = told = time.monotonic()
    tallies |= {subject.name: Tally() for subject in subjects}
    number = first
    while not limits.reached(total := Tally.total(list(tallies.values())), time.monotonic() - begun):
        subject = subjects[number % len(subjects)]
        case = subject.draw(case_seed(seed, number))
        start = time.monotonic()
        verdict = subject.judge(case)
        tallies[subject.name].add(verdict, time.monotonic() - start)
        if verdict.failure:
            return Failure(subject=subject, number=number, case=case, verdict=verdict)
        number += 1
        if time.monotonic() - told >= _PERIOD_S:
            told = time.monotonic()
            total = Tally.total(list(tallies.values()))
            report(
                f"{total.cases} cases, {total.cycles:,} cycles, {total.events:,} events, "
                f"{total.cycles / total.seconds:,.0f} cycles/s; last: {subject.name}: {case}"
            )
    return None


def smallest(
    failure: Failure, *, rebuild: bool = True, attempts: int = 1000, report: Callable[[str], None] = lambda text: None
) -> tuple[Any, Verdict]:
    """Return the smallest case found that still fails, and what it shows.

    Parameters
    ----------
    failure
        Where to begin.
    rebuild
        Try stages after the first, which take other builds of the RTL, too.
    attempts
        Most cases to run.
    report
        Told of each smaller case.
    """

    def fails(case: Any) -> bool:
        try:
            return bool(failure.subject.judge(case).failure)
        except InputError:
            return False

    stages = failure.subject.stages if rebuild else failure.subject.stages[:1]
    case = shrink(failure.case, fails, stages, attempts=attempts, report=report)
    return case, failure.verdict if case == failure.case else failure.subject.judge(case)
