# SPDX-License-Identifier: Apache-2.0
"""Runs a case on the RTL and the model and says what is wrong, if anything.

::

    Case ─► compile ─┬─► model ──┐
                     │     ▲ host, if it gives rows or takes results
                     └─► RTL ────┴─► every event, counter and hash equal? results and all as the interpreter says?
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from octopus_hw.contract.config import Config
from octopus_hw.image.image import Image
from octopus_hw.owg.measures import executions
from octopus_lab.soak.case import Case
from octopus_sim.compare import compare
from octopus_sim.conformance import violations
from octopus_sim.engines import Engine, EngineResult, ModelEngine, VerilatorEngine
from octopus_sim.expected import expect
from octopus_sim.model import ModelError
from octopus_sim.plan import PlanError
from octopus_sim.result_hashes import result_hashes
from octopus_sim.results import result_count

__all__ = ["Judge", "Verdict", "without"]

#: Cycles that a run may take.
MAX_CYCLES = 20_000_000
#: Cycles more for each row and result: what a host that hesitates may let one wait.
_PATIENCE = 20_000
#: Runs after which a simulator is started anew: what it has printed is kept until it ends.
_RUNS = 40


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came of a case.

    Attributes
    ----------
    failure : str
        What is wrong; empty if nothing is.
    cycles, events, instances, tasks, moves : int
        How long it ran and what it did.
    """

    failure: str = ""
    cycles: int = 0
    events: int = 0
    instances: int = 0
    tasks: int = 0
    moves: int = 0


class Judge:
    """Judges cases; a context manager that keeps the simulators of all builds it has met running.

    Parameters
    ----------
    report
        Told what is about to be done that takes long.
    alter
        Changes an image before the RTL gets it: a fault, to see what becomes of it.
    rtl
        Makes the engine that is held against the model.
    """

    def __init__(
        self,
        report: Callable[[str], None] = lambda text: None,
        alter: Callable[[Image], Image] = lambda image: image,
        rtl: Callable[[], Engine] | None = None,
    ) -> None:
        self.model = ModelEngine()
        self.alter = alter
        self._open = rtl or (lambda: VerilatorEngine(report=report))
        self._engines: dict[tuple[int, int, Config], Engine] = {}
        self._runs: dict[tuple[int, int, Config], int] = {}

    def __call__(self, case: Case) -> Verdict:
        """Run a case; what it may raise is an `InputError` of a case that cannot be compiled."""
        compiled = case.compile()
        runs = list(executions(compiled.resolved, words=True))
        expected = expect(compiled.resolved, compiled.peas, runs)
        self.model.hashes = result_hashes(compiled.resolved, runs)
        try:
            model, rtl = self._run_both(case, compiled.image)
        except ModelError as error:
            return Verdict(failure=f"model: {error}")
        except PlanError as error:
            self._end(self._key(case))
            return Verdict(failure=f"RTL: {error}")
        difference = compare(model, rtl, ("model", "rtl"), case.columns)
        return Verdict(
            failure=str(difference) if difference else "; ".join(violations(compiled, rtl, expected)),
            cycles=int(rtl.events["cycle"].max()) + 1,
            events=len(rtl.events),
            instances=expected.measures.instances,
            tasks=expected.measures.tasks,
            moves=int(rtl.counters["moved"].sum()),
        )

    def _run_both(self, case: Case, image: Image) -> tuple[EngineResult, EngineResult]:
        """Run the model, then the RTL; if its host gave rows or took results, the model again, which follows it."""
        model = self.model.run(image, MAX_CYCLES)
        served = result_count(image) + sum(inputs.instances for inputs in image.inputs)
        most = 2 * int(model.events["cycle"].max()) + 10_000 + _PATIENCE * served
        rtl = self._run_rtl(case, self.alter(image), most)
        if rtl.host is None:
            return model, rtl
        self.model.host_events = rtl.host
        try:
            return self.model.run(image, MAX_CYCLES), rtl
        finally:
            self.model.host_events = None

    def _run_rtl(self, case: Case, image: Image, max_cycles: int) -> EngineResult:
        key = self._key(case)
        if self._runs.get(key, 0) >= _RUNS:
            self._end(key)
        if key not in self._engines:
            self._engines[key] = self._open()
        engine = self._engines[key]
        self._runs[key] = self._runs.get(key, 0) + 1
        engine.host, engine.hashes = case.host, self.model.hashes
        return engine.run(image, max_cycles)

    def _key(self, case: Case) -> tuple[int, int, Config]:
        return case.columns, case.rows, case.config

    def _end(self, key: tuple[int, int, Config]) -> None:
        self._runs.pop(key, None)
        if key in self._engines:
            self._engines.pop(key).close()

    def close(self) -> None:
        """End all simulators."""
        for key in list(self._engines):
            self._end(key)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def without(bit: str) -> Callable[[Image], Image]:
    """Return a fault: the RTL runs without a mode bit that the model has."""
    return lambda image: replace(image, mode=image.mode | {bit: 0})
