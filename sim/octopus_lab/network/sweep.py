# SPDX-License-Identifier: Apache-2.0
"""Latency against offered load: from next to none up to the load at which the network is full, and beyond."""

import contextlib
import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

from octopus_hw.contract.config import ROUTERS, Config
from octopus_hw.contract.errors import InputError
from octopus_hw.files import output_directory, write
from octopus_sim.session import Session
from octopus_sim.traffic.driver import Outcome, Traffic, network, outcome, plan
from octopus_sim.traffic.patterns import demand

__all__ = ["Bench", "Curve", "configured", "sweep"]

#: A network is saturated where packets take this many times as long as without any other traffic.
_SATURATED = 3
#: Loads that are measured up to the bound, and how closely the saturation point is looked for, in parts of the bound.
_STEPS = 10
_FINEST = 1 / 160


@dataclass(frozen=True, kw_only=True)
class Curve:
    """What a router does with a pattern; loads are flits for each cycle and tile that sends.

    Attributes
    ----------
    mesh, router, pattern, flits
        What it is: like ``8x8``, ``fast``, ``uniform``, and the flits of a packet.
    bound
        The load that no router could exceed, since some link, source or sink is busy all the time.
    zero_load, per_hop
        Latency at the lowest load, in cycles, and its part for each hop.
    saturation
        Flits accepted at the highest measured load at which latency is at most three times that.
    plateau
        Flits accepted when as much is offered as can be.
    points
        Outcomes by asked load, in its order.
    """

    mesh: str
    router: str
    pattern: str
    flits: int
    bound: float
    zero_load: float
    per_hop: float
    saturation: float
    plateau: float
    points: dict[float, Outcome]

    @property
    def errors(self) -> int:
        """Faults that sinks found."""
        return sum(point.errors for point in self.points.values())


class Bench:
    """A built network and what was measured on it; a context manager.

    Parameters
    ----------
    columns, rows
        The mesh.
    config
        The router's sizes.
    directory
        Keeps outcomes, each at once, so that an interrupted sweep goes on.
    """

    def __init__(self, columns: int, rows: int, config: Config, directory: Path) -> None:
        self.columns = columns
        self.rows = rows
        self.simulation = network(columns, rows, config)
        self.directory = output_directory(directory)
        self._resources = contextlib.ExitStack()
        self._session: Session | None = None

    def measure(self, traffic: Traffic) -> Outcome:
        """Let traffic flow, or find what came of it before."""
        text = json.dumps([self.simulation.directory.name, asdict(traffic)])
        kept = self.directory / f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.json"
        if kept.exists():
            return Outcome(**json.loads(kept.read_text(encoding="utf-8")))
        if self._session is None:
            scratch = Path(self._resources.enter_context(tempfile.TemporaryDirectory()))
            self._session = self._resources.enter_context(self.simulation.session(scratch))
        found = outcome(traffic, self.columns, self.rows, self._session.run(plan(traffic, self.columns, self.rows)))
        write(kept, json.dumps(asdict(found)) + "\n")
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._resources.close()


def sweep(bench: Bench, router: str, traffic: Traffic) -> Curve:
    """Measure a curve, all but its load being given; `router` is what to call it."""
    wanted = demand(traffic.pattern, bench.columns, bench.rows)
    points: dict[float, Outcome] = {}

    def measure(load: float) -> Outcome:
        return points.setdefault(load, bench.measure(replace(traffic, load=load)))

    lowest = round(min(0.01, wanted.bound / 25), 4)
    zero = measure(lowest)
    if zero.latency is None:
        raise InputError("--window", str(traffic.window), f"is too short: nothing arrived, or not all, of {traffic}")
    limit = _SATURATED * zero.latency

    def fits(load: float) -> bool:
        latency = measure(load).latency
        return latency is not None and latency <= limit

    saturation = _last(fits, lowest, wanted.bound)
    for load in (min(1.0, round(1.2 * wanted.bound, 4)), 1.0):
        measure(load)
    # A packet of one flit is one cycle in its source and one in the router's first queue; each further flit comes one
    # cycle later.
    fixed = 2 + traffic.flits - 1
    return Curve(
        mesh=f"{bench.columns}x{bench.rows}",
        router=router,
        pattern=traffic.pattern.name.lower(),
        flits=traffic.flits,
        bound=wanted.bound,
        zero_load=zero.latency,
        per_hop=(zero.latency - fixed) / zero.hops,
        saturation=points[saturation].accepted,
        plateau=points[1.0].accepted,
        points=dict(sorted(points.items())),
    )


def configured(router: str, base: Config) -> Config:
    """Return a configuration with a preset's router."""
    return replace(base, **ROUTERS[router])


def _last(fits: Callable[[float], bool], lowest: float, bound: float) -> float:
    """Return the highest load that fits, as closely as `_FINEST` says."""
    good, bad = lowest, None
    for load in _loads(bound):
        if not fits(load):
            bad = load
            break
        good = load
    while bad is not None and bad - good > _FINEST * bound:
        middle = round((good + bad) / 2, 4)
        if fits(middle):
            good = middle
        else:
            bad = middle
    return good


def _loads(bound: float) -> Iterator[float]:
    for number in range(1, _STEPS + 1):
        yield round(bound * number / _STEPS, 4)
