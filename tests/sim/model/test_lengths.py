# SPDX-License-Identifier: Apache-2.0
"""Page, compiler and interpreter agree on how many words every task of every workload gets and makes.

The model knows lengths from the image's rows alone; the interpreter has the words themselves.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from octopus_hw.contract.codes import Event
from octopus_hw.contract.config import Config
from octopus_hw.contract.errors import InputError
from octopus_hw.image.compile import Compiled, compile_workload
from octopus_hw.owg.data import Words
from octopus_hw.owg.interpret import _Run, _Token, fastest
from octopus_hw.owg.load import load_workload
from octopus_hw.owg.measures import executions
from octopus_hw.owg.workload import Stream, Workload
from octopus_hw.suites.load import SUITES, load_suite
from octopus_sim.model import run
from octopus_sim.model import state as st
from octopus_sim.model.build import build
from octopus_sim.model.step import run_until
from octopus_sim.model.widest import WIDEST
from octopus_sim.result_hashes import result_hashes
from tests.image.samples import workload
from tests.owg.samples import well_formed

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.owg.json"))
#: Instance, block, index and round of a task, and the words that come and that leave.
Task = tuple[int, int, int, int, int, int]
FIELDS = ("instance", "block", "index", "round", "words", "result")


def few(stream: Stream) -> Stream:
    """A stream with a few of its instances."""
    if stream.instances_per_tile is not None:
        return replace(stream, instances_per_tile=min(stream.instances_per_tile, 6))
    return replace(stream, instances=min(stream.instances or 24, 24))


def workloads() -> Iterator[Workload]:
    """All workloads, with a few instances of each stream."""
    loaded = chain(*(load_suite(name, 2, 2) for name in SUITES), map(load_workload, EXAMPLES))
    for each in loaded:
        yield replace(each, streams=tuple(map(few, each.streams)))


WORKLOADS = {each.name: each for each in workloads()}


@contextmanager
def noted(tasks: set[Task]) -> Iterator[None]:
    """Note what the interpreter's tasks get and make."""
    made = _Run.result

    def result(self: _Run, token: _Token) -> Words | None:
        words = made(self, token)
        if words is not None and token.words is not None:
            where = self.point.instance, self.base + token.block, token.index, token.round
            tasks.add((*where, len(token.words), len(words)))
        return words

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_Run, "result", result)
        yield


def interpreted(compiled: Compiled) -> tuple[set[Task], int]:
    """Every task as the interpreter has it; and for how many cycles each is on a PEA: two, and those it runs."""
    tasks: set[Task] = set()
    with noted(tasks):
        runs = [done for _, done in executions(compiled.resolved, words=True)]
    return tasks, 2 + min((fastest(task.cycles, 4) for done in runs for task in done.invocations), default=1)


def modelled(compiled: Compiled, often: int) -> set[Task]:
    """Every task as the model has it, which is looked at so often."""
    state = build(compiled.image, 1 << 16)
    peas, places = int(state.params[0]["peas"]), int(state.params[0]["places"])
    spans = [WIDEST.token[name] for name in FIELDS]
    tbu = np.arange(len(state.pea)) // peas
    tasks: set[Task] = set()
    now = 0
    while now < st.NEVER:
        now = max(run_until(state.header.ctypes.data, now + often, 0), now + often)
        state.total[st.TOTAL_EVENTS] = 0
        busy = np.isin(state.pea["state"], (st.PEA_BOUND, st.PEA_RUNNING))
        for words in state.place["token"][tbu[busy] * places + state.pea["place"][busy]].tolist():
            packed = sum((word & (1 << 64) - 1) << 64 * n for n, word in enumerate(words))
            tasks.add(tuple(packed >> span.offset & span.most for span in spans))  # type: ignore[arg-type]
    assert int(state.total[st.TOTAL_RETIRED]) == len(compiled.resolved)
    return tasks


@pytest.mark.parametrize("name", WORKLOADS)
def test_lengths_are_the_interpreters(name: str) -> None:
    compiled = compile_workload(WORKLOADS[name], 2, 2, Config(data_width=64), "octopus")
    tasks, often = interpreted(compiled)
    assert modelled(compiled, often) == tasks


def sliced(rng: random.Random, strategy: str) -> Compiled | None:
    """A random workflow with slices and halos, if it can be compiled."""
    owg = well_formed(rng.randint, size=rng.randint(3, 14), slices=True)
    config = Config(data_width=rng.choice([32, 64, 128]), tbus=rng.choice([1, 2]), queue_depth=rng.choice([1, 3]))
    try:
        return compile_workload(workload({"owg": owg, "instances": 3}, seed=rng.randrange(99)), 2, 1, config, strategy)
    except InputError:
        return None


@pytest.mark.parametrize("strategy", ["naive", "adaptive", "octopus"])
def test_slices_are_the_interpreters(strategy: str) -> None:
    rng = random.Random(strategy)
    checked, lengths = 0, set()
    while checked < 60:
        compiled = sliced(rng, strategy)
        if compiled is not None:
            tasks, often = interpreted(compiled)
            assert modelled(compiled, often) == tasks
            checked += 1
            lengths |= {task[4:] for task in tasks}
    assert len(lengths) > 100
    assert any(words > result > 0 for words, result in lengths) and any(result > words > 0 for words, result in lengths)


@pytest.mark.parametrize("strategy", ["adaptive", "octopus"])
def test_every_workload_comes_to_its_end(strategy: str) -> None:
    for each in WORKLOADS.values():
        compiled = compile_workload(each, 2, 2, Config(), strategy)
        for width in (32, 64, 128):
            # No table depends on the width of rows.
            image = replace(compiled.image, config=replace(compiled.image.config, data_width=width))
            assert run(image, 20_000_000).counter("retired") == len(compiled.resolved)


@pytest.mark.parametrize("name", ["document_understanding", "graph_analytics"])
def test_finishes_carry_the_interpreters_hashes(name: str) -> None:
    compiled = compile_workload(WORKLOADS[name], 2, 2, Config(), "octopus")
    events = run(compiled.image, hashes=result_hashes(compiled.resolved)).events
    told = {
        (instance.number, task.block, task.index, task.round): task.hash
        for instance, done in executions(compiled.resolved, words=True)
        for task in done.invocations
    }
    finishes = events[events["event"] == Event.FINISH]
    assert {tuple(event.tolist()[5:9]): event["data"] for event in finishes} == told
    assert not events["data"][events["event"] != Event.FINISH].any()
    assert len(set(told.values())) > 20
