# SPDX-License-Identifier: Apache-2.0
"""One workload on RTL, model and timeless interpreter: three opinions that must agree."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from octopus_hw.contract.config import Config
from octopus_hw.image.compile import Compiled, compile_workload
from octopus_hw.owg.measures import executions
from octopus_hw.owg.workload import Workload
from octopus_sim.compare import compare
from octopus_sim.conformance import violations
from octopus_sim.engines import Engine, EngineResult, VerilatorEngine, open_engine, runs_of
from octopus_sim.expected import expect
from octopus_sim.result_hashes import result_hashes

__all__ = ["SMALLEST", "WIDE", "Rig", "rig"]

#: Every buffer and table at the smallest size that holds the random workloads; sizes of units at their smallest.
SMALLEST = Config(
    tbus=1, peas=1, config_slots=1, queue_depth=1, buffer_words=128, switch_cycles=0, retry_period=8, balance_period=16,
)  # fmt: skip

#: What the 3x2 mesh has: work is exchanged at longer intervals, tiles share libraries, links stall, and those for data
#: have two classes, which three columns are needed for: packets that go straight on, and those that do not.
WIDE = Config(balance_period=64, data_vcs=2, data_buffer=16, link_stalls=3, library_region=2)

MAX_CYCLES = 2_000_000


class Rig:
    """The engines of one mesh and configuration, kept running."""

    def __init__(self, columns: int, rows: int, config: Config, model: Engine, rtl: VerilatorEngine) -> None:
        self.columns, self.rows, self.config = columns, rows, config
        self.model, self.rtl = model, rtl

    def compile(self, workload: Workload, strategy: str, seed: int | None = None, dead: Iterable[str] = ()) -> Compiled:
        return compile_workload(workload, self.columns, self.rows, self.config, strategy, seed, dead)

    def agree(self, compiled: Compiled) -> EngineResult:
        """Run a compiled workload on both engines; demand that they and the interpreter agree."""
        runs = list(executions(compiled.resolved, words=True))
        self.model.hashes = result_hashes(compiled.resolved, runs)
        done = dict(runs_of((self.model, self.rtl), compiled.image, MAX_CYCLES))
        rtl = done[self.rtl]
        difference = compare(done[self.model], rtl, ("model", "verilator"), self.columns)
        assert difference is None, str(difference)
        wrong = violations(compiled, rtl, expect(compiled.resolved, compiled.peas, runs))
        assert not wrong, "\n".join(wrong)
        return rtl


@contextmanager
def rig(columns: int, rows: int, config: Config) -> Iterator[Rig]:
    """Engines for a mesh; the simulation is built once and kept in the cache. A RESET separates runs, not the pin."""
    with open_engine("model") as model, VerilatorEngine() as rtl:
        rtl.pin = False
        yield Rig(columns, rows, config, model, rtl)
