# SPDX-License-Identifier: Apache-2.0
"""Random traffic on routers alone: sources and sinks of `octopus_sim.traffic`, links that stall, a host that hesitates.

Nothing here has a model: sinks check every flit, and after the last birth all that was born must arrive.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Self

from octopus_hw.contract.config import Config
from octopus_lab.soak.case import config_json
from octopus_lab.soak.choose import one_of
from octopus_lab.soak.judge import Verdict
from octopus_lab.soak.shrink import Edit
from octopus_sim.plan import Plan, PlanError
from octopus_sim.session import Session
from octopus_sim.traffic.driver import Traffic, network, outcome, plan
from octopus_sim.traffic.layout import Pattern

__all__ = ["EDITS", "TrafficCase", "TrafficJudge", "random_traffic"]

#: Flits for each cycle and tile that are certainly accepted, whatever the pattern, by links that never stall.
_ACCEPTED = 0.13


@dataclass(frozen=True, kw_only=True)
class TrafficCase:
    """What flows, on what, and how the host behaves.

    Attributes
    ----------
    columns, rows : int
    config : Config
    traffic : Traffic
    host : int or None
        Seed of the gaps and stalls at the host port; None for a host that is always ready.
    """

    columns: int
    rows: int
    config: Config
    traffic: Traffic
    host: int | None = None

    def to_json(self) -> str:
        """Return the text of a file."""
        return json.dumps(asdict(self) | {"config": config_json(self.config)}, indent=1) + "\n"

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Self:
        """Take apart what `to_json` wrote."""
        traffic = fields["traffic"]
        known = Traffic(**traffic | {"pattern": Pattern(traffic["pattern"])})
        return cls(**fields | {"config": Config(**fields["config"]), "traffic": known})

    def __str__(self) -> str:
        what = self.traffic
        host = "always ready" if self.host is None else "stalls"
        return (
            f"{self.columns}x{self.rows}, {what.pattern.name.lower()}, {what.flits} flits, load {what.load:.2f}, "
            f"{what.cycles} cycles, link_stalls {self.config.link_stalls}, host {host}"
        )


def random_traffic(seed: int, columns: int, rows: int, config: Config) -> TrafficCase:
    """Make the case of a seed."""
    random = Random(seed)
    choose = random.randint
    births, load = choose(200, 4000), choose(1, 100) / 100
    accepted = _ACCEPTED * (16 - config.link_stalls) / 16
    traffic = Traffic(
        pattern=one_of(choose, tuple(Pattern)),
        flits=one_of(choose, (1, 1, 2, 3, 5, 5, 8, choose(1, 63))),
        load=load,
        seed=choose(0, 2**32 - 1),
        warm_up=0,
        window=births,
        rest=0,
        drain=round(births * load / accepted) + 1000,
    )
    return TrafficCase(columns=columns, rows=rows, config=config, traffic=traffic, host=choose(0, 2**32 - 1))


class TrafficJudge:
    """Judges cases; a context manager that keeps the simulators of all builds it has met running."""

    def __init__(self, report: Callable[[str], None] = lambda text: None) -> None:
        self.report = report
        self._sessions: dict[tuple[int, int, Config], Session] = {}
        self._directory = Path(tempfile.mkdtemp(prefix="octopus-soak-"))

    def __call__(self, case: TrafficCase) -> Verdict:
        """Run a case."""
        traffic = case.traffic
        host = Plan() if case.host is None else Plan().hesitate(case.host)
        steps = Plan(host.steps + plan(traffic, case.columns, case.rows).steps)
        try:
            result = outcome(traffic, case.columns, case.rows, self._session(case).run(steps))
        except PlanError as error:
            return Verdict(failure=f"RTL: {error}")
        wrong = {name: getattr(result, name) for name in ("misrouted", "disordered", "broken")}
        found = [f"{count} {name}" for name, count in wrong.items() if count]
        if result.born != result.taken:
            found.append(f"{result.born} packets were born and {result.taken} arrived")
        return Verdict(failure="; ".join(found), cycles=traffic.cycles, events=result.taken)

    def _session(self, case: TrafficCase) -> Session:
        key = case.columns, case.rows, case.config
        if key not in self._sessions:
            self.report(f"Verilator simulation of the routers of {case.columns}x{case.rows}")
            simulation = network(*key)
            self._sessions[key] = simulation.session(self._directory / str(len(self._sessions)))
        return self._sessions[key]

    def close(self) -> None:
        """End all simulators."""
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()
        shutil.rmtree(self._directory, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _plainer(case: TrafficCase) -> Iterator[TrafficCase]:
    if case.host is not None:
        yield replace(case, host=None)


def _shorter(case: TrafficCase) -> Iterator[TrafficCase]:
    now = case.traffic.window
    for window in sorted({now // 8, now // 2, now * 3 // 4, now - 1}):
        if 0 < window < now:
            yield _with(case, window=window)


def _less(case: TrafficCase) -> Iterator[TrafficCase]:
    now = case.traffic
    for flits in sorted({1, 2, now.flits // 2, now.flits - 1}):
        if 0 < flits < now.flits:
            yield _with(case, flits=flits)
    for load in (now.load / 4, now.load / 2):
        if load > 0.001:
            yield _with(case, load=load)
    for pattern in Pattern:
        if pattern < now.pattern:
            yield _with(case, pattern=pattern)


def _with(case: TrafficCase, **changes: Any) -> TrafficCase:
    return replace(case, traffic=replace(case.traffic, **changes))


EDITS: tuple[Edit[TrafficCase], ...] = (_plainer, _shorter, _less)
