# SPDX-License-Identifier: Apache-2.0
"""Whatever can run an image, behind one interface.

::

    image ──► Engine.run ──► EngineResult: events, counters of every tile, results, seconds

    model      the software model
    verilator  the generated Verilog, driven by cocotb through the host port
    amaranth   the design on Amaranth's own simulator: slow, small meshes only
"""

import shutil
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.codes import COUNTERS, Message
from octopus_hw.contract.errors import InputError, nearest
from octopus_hw.image.image import Image
from octopus_sim.chip import COORDINATES, chip_source
from octopus_sim.configurations import parse_loaded
from octopus_sim.events import parse_events
from octopus_sim.host import explain, host_plan
from octopus_sim.host_events import parse_host_events
from octopus_sim.plan import Plan, PlanError, PlanResult
from octopus_sim.replies import replies_of
from octopus_sim.results import Outcome, is_served, results_of
from octopus_sim.session import Session

__all__ = ["ENGINES", "MAX_CYCLES", "Engine", "EngineResult", "open_engine", "runs_of"]

#: Cycles after the last arrival after which a run that has not ended is given up: before a chip's counter wraps.
MAX_CYCLES = 100_000_000

#: What a chip that does what it should sends, but for counters.
_FOR_HOST = (Message.STATUS, Message.DONE, Message.ROW, Message.RESULT)

#: Told what an engine is about to do, which may take long.
Report = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class EngineResult:
    """What a run did.

    Attributes
    ----------
    events
        Records of `events.EVENT`, in order.
    counters
        By name of `codes.COUNTERS`, one number for each tile, row by row.
    wall_s
        Seconds from loading the image to reading the counters, without building anything.
    results
        What the host was sent, in the order of instances; None of an engine that holds no words.
    host
        Records of `host_events.HOST_EVENT`: what the host did and when, for a model to follow; None of an engine
        without a host port, or where neither rows nor results pass through it.
    loaded
        Records of `configurations.LOADED`; None of an engine that holds no words.
    """

    events: NDArray[np.void]
    counters: dict[str, NDArray[np.int64]]
    wall_s: float
    results: tuple[Outcome, ...] | None = None
    host: NDArray[np.void] | None = None
    loaded: NDArray[np.void] | None = None

    @property
    def hash(self) -> int:
        """The event hashes of all tiles, added up."""
        return int(self.counters["hash"].sum()) & 0xFFFFFFFF


class Engine(ABC):
    """Runs images; a context manager that ends what it has started.

    Parameters
    ----------
    waves
        Directory in which a run leaves its waves, or None.
    report
        Told what is about to be done.

    Attributes
    ----------
    host : int or None
        Where there is a host port: the seed of a host that hesitates (`Plan.hesitate`); None for one always ready.
    start : int
        Where there is a host port: the time at which it starts the chip. Not 0 only if all arrives later
        (docs/timing.md#a-late-start): the wait is left out, and all events are in the same cycles.
    hashes : array or None
        The `data` of the finishes of the image that is run next (`octopus_sim.result_hashes`), for a model, which
        holds no words; None: all are 0.
    host_cycles : int
        Cycles from one word to the next, in either direction, while a host gives rows and takes results.
    host_events : array or None
        What the host of another engine did (`EngineResult.host`), for a model to follow; None: the model has its own.
    """

    name = ""
    has_waves = True
    has_port = True
    host: int | None = None
    start = 0
    hashes: NDArray[np.void] | None = None
    host_cycles = 1
    host_events: NDArray[np.void] | None = None

    def __init__(self, waves: Path | None = None, report: Report = lambda text: None) -> None:
        self.waves = waves
        self.report = report

    @abstractmethod
    def run(self, image: Image, max_cycles: int = MAX_CYCLES) -> EngineResult:
        """Run an image to its end.

        Raises
        ------
        PlanError, ModelError
            The chip refused the image, a home stands still, or the run did not end within `max_cycles` after its last
            arrival.
        """

    def close(self) -> None:  # noqa: B027  # most engines leave nothing running
        """End what is still running."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class ModelEngine(Engine):
    """The software model."""

    name = "model"
    has_waves = False
    has_port = False

    def run(self, image: Image, max_cycles: int = MAX_CYCLES) -> EngineResult:
        """See `Engine.run`."""
        from octopus_sim import model

        begin = time.perf_counter()
        result = model.run(
            image,
            image.last_due + max_cycles,
            hashes=self.hashes,
            host=self.host_events,
            host_cycles=self.host_cycles,
        )
        wall_s = time.perf_counter() - begin
        counters = {name: result.counters[:, number] for number, name in enumerate(COUNTERS)}
        return EngineResult(events=result.events, counters=counters, wall_s=wall_s)


class _ChipEngine(Engine):
    """What drives a chip through its host port."""

    def run(self, image: Image, max_cycles: int = MAX_CYCLES) -> EngineResult:
        """See `Engine.run`."""
        plan = host_plan(image, max_cycles, self.host, self.start, self.host_cycles)
        done = self.simulate(image, plan)
        if len(done.steps) < len(plan.steps):
            raise explain(image, done.words)
        return EngineResult(
            events=parse_events(done.printed),
            counters=_counters(image, done),
            wall_s=done.wall_s,
            results=results_of(done.words),
            host=parse_host_events(done.printed) if is_served(image) else None,
            loaded=parse_loaded(done.printed),
        )

    @abstractmethod
    def simulate(self, image: Image, plan: Plan) -> PlanResult:
        """Run a plan on the chip that an image is for."""


class VerilatorEngine(_ChipEngine):
    """Verilator under cocotb; the simulator of one mesh and configuration stays up for further runs.

    Attributes
    ----------
    pin : bool
        Whether the reset pin is set before each run; without, the boot words' RESET alone ends what was before.
    """

    name = "verilator"
    pin = True

    def __init__(self, waves: Path | None = None, report: Report = lambda text: None) -> None:
        super().__init__(waves, report)
        self._session: tuple[object, Session] | None = None
        self._directory = Path(tempfile.mkdtemp(prefix="octopus-"))

    def simulate(self, image: Image, plan: Plan) -> PlanResult:
        return self.session(image).run(plan, reset=self.pin)

    def session(self, image: Image) -> Session:
        """Return the running simulator of the chip that an image is for."""
        key = image.columns, image.rows, image.config
        if self._session is None or self._session[0] != key:
            self._end_session()
            self._session = key, self._start(image)
        return self._session[1]

    def _start(self, image: Image) -> Session:
        from octopus_sim.build import build

        mesh = f"{image.columns}x{image.rows}"
        self.report(f"Verilog of {mesh}")
        source = chip_source(image.columns, image.rows, image.config)
        self.report(f"Verilator simulation of {mesh}")
        simulation = build(source.verilog, blocks=source.blocks, fixed=COORDINATES, waves=self.waves is not None)
        return simulation.session(self.waves or self._directory / "session")

    def _end_session(self) -> None:
        if self._session is not None:
            self._session[1].close()
            self._session = None

    def close(self) -> None:
        """See `Engine.close`."""
        self._end_session()
        shutil.rmtree(self._directory, ignore_errors=True)


class AmaranthEngine(_ChipEngine):
    """Amaranth's own simulator."""

    name = "amaranth"

    def simulate(self, image: Image, plan: Plan) -> PlanResult:
        from octopus_hw.chip.mesh import Octopus
        from octopus_sim.amaranth_run import run

        waves = None
        if self.waves is not None:
            self.waves.mkdir(parents=True, exist_ok=True)
            waves = self.waves / "dump.vcd"
        return run(Octopus(image.columns, image.rows, image.config, events=True), plan, waves=waves)


ENGINES: dict[str, type[Engine]] = {kind.name: kind for kind in (ModelEngine, VerilatorEngine, AmaranthEngine)}


def open_engine(name: str, waves: Path | None = None, report: Report = lambda text: None) -> Engine:
    """Return the engine of this name.

    Raises
    ------
    InputError
        There is none, or it makes no waves.
    """
    if name not in ENGINES:
        raise InputError("--engine", name, f"is not known; {nearest(name, ENGINES)}")
    if waves is not None and not ENGINES[name].has_waves:
        raise InputError("--waves", "", f"the engine {name} makes none; use verilator or amaranth")
    return ENGINES[name](waves, report)


def runs_of(
    engines: Sequence[Engine], image: Image, max_cycles: int = MAX_CYCLES
) -> Iterator[tuple[Engine, EngineResult]]:
    """Run an image on each engine, and yield each with what came of it.

    If rows or results pass through the host port, those that have one run first, and the others follow the first one's
    host.
    """
    if is_served(image):
        engines = sorted(engines, key=lambda engine: not engine.has_port)
    host = None
    for engine in engines:
        engine.host_events = host
        try:
            result = engine.run(image, max_cycles)
        finally:
            engine.host_events = None
        host = result.host if host is None else host
        yield engine, result


def _counters(image: Image, done: PlanResult) -> dict[str, NDArray[np.int64]]:
    """Sort the counters by tile; each tile sends its own in order."""
    by_tile: dict[int, list[int]] = {tile: [] for tile in range(len(image.tiles))}
    for message, x, y, words in replies_of(done.words):
        if message == Message.DATA:
            by_tile[y * image.columns + x].append(words[0])
        elif message not in _FOR_HOST:
            raise PlanError(f"the chip sent the host a message {message} from {x},{y}, which is none for it")
    table = np.array(list(by_tile.values()), np.int64)
    return {name: table[:, number] for number, name in enumerate(COUNTERS)}
