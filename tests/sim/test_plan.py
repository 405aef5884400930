# SPDX-License-Identifier: Apache-2.0
"""Both drivers of the host port, held against each other."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from octopus_hw.contract.codes import Message
from octopus_hw.contract.layout import HostWord
from octopus_hw.verilog.export import convert
from octopus_sim import amaranth_run
from octopus_sim.build import Simulation, build
from octopus_sim.plan import Plan, PlanError, PlanResult
from octopus_sim.session import Session
from tests.verilog.samples import Asker, Echo, Through


def same(one: PlanResult, other: PlanResult) -> bool:
    return (one.words, one.word_cycles, one.steps, one.cycles, one.printed) == (
        other.words,
        other.word_cycles,
        other.steps,
        other.cycles,
        other.printed,
    )


def test_words_steps_and_prints(session: Session) -> None:
    result = session.run(Plan().send([5, 6]).wait(messages=2).idle(4))
    assert result.messages == [(6, 0), (7, 1)]
    assert result.word_cycles == [5, 6, 12, 13]
    assert result.steps == [(0, 8), (8, 14), (14, 18)]
    assert result.printed == ["echo,0,5", "echo,1,6"]
    assert result.step_words(0) == [6, 0]


def test_each_plan_starts_from_reset(session: Session) -> None:
    plan = Plan().send([1]).wait(messages=1)
    assert same(session.run(plan), session.run(plan))


def test_plan_cut_short_leaves_nothing_behind(session: Session) -> None:
    session.run(Plan().send([1]))
    assert session.run(Plan().send([9]).wait(messages=1)).messages == [(10, 0)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.lists(st.integers(0, 2**32 - 1), max_size=4), st.integers(0, 9), st.booleans())))
def test_both_simulators_agree_on_every_cycle(session: Session, steps: list[tuple[list[int], int, bool]]) -> None:
    plan = Plan()
    owed = 0
    for words, idle, wait in steps:
        plan.send(words).idle(idle)
        owed += len(words)
        if wait:
            plan.wait(messages=owed)
            owed = 0
    assert same(session.run(plan), amaranth_run.run(Echo(), plan))


@pytest.mark.parametrize("seed", range(8))
def test_both_hesitate_alike(session: Session, seed: int) -> None:
    plan = Plan().hesitate(seed).send(range(20)).wait(messages=15).idle(30).send(range(5)).wait(messages=10)
    hesitant, prompt = session.run(plan), session.run(Plan().send([1]).wait(messages=1))
    assert same(hesitant, amaranth_run.run(Echo(), plan))
    assert [word for word, _ in hesitant.messages] == [*range(1, 21), *range(1, 6)]
    assert len(set(np.diff(hesitant.word_cycles[::2]))) > 3
    assert prompt.word_cycles == [5, 6]


@pytest.mark.parametrize(
    ("plan", "steps"),
    [
        (Plan().send([5]).expect([6, 0]).send([7]).wait(messages=1), 4),
        (Plan().send([5]).expect([6, 1]).send([7]).wait(messages=1), 2),
        (Plan().send([5, 9]).wait(messages=2, ends=(3, 3)).send([7]).wait(messages=1, ends=(15, 9)), 4),
        # The first word of a message counts, of this wait alone.
        (Plan().send([5, 9]).wait(messages=2, ends=(15, 10)).idle(3), 2),
        (Plan().send([5, 9]).wait(messages=2).send([2]).wait(messages=1, ends=(15, 10)).idle(3), 5),
    ],
)
def test_a_plan_ends_where_other_words_came(session: Session, plan: Plan, steps: int) -> None:
    result = session.run(plan)
    assert len(result.steps) == steps
    assert same(result, amaranth_run.run(Echo(), plan))


ROW, RESULT, DONE, STALLED = (
    HostWord.pack(message=message) for message in (Message.ROW, Message.RESULT, Message.DONE, Message.STALLED)
)
#: Credits first; two rows are asked for at once; then results, of one of which the host takes words for long.
ASKED = [
    *[(2, ROW), (2, 3), (2, ROW), (2, 4), (2, RESULT), (2, 3), (2, 5 | 40 << 16), *((2, word) for word in range(40))],
    *[(8, DONE), (9, 1), (12, RESULT), (12, 4), (12, 6)],
]


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with build(convert(Asker(ASKED), "octopus").verilog).session(tmp_path_factory.mktemp("asker")) as running:
        yield running


def serving(plan: Plan, *, results: int = 2, every: int = 1, timeout: int = 100_000) -> Plan:
    inputs = [(3, 2, [[7, 8, 9], [10, 11, 12]])]
    return plan.serve(inputs, homes=1, results=results, every=every, timeout=timeout, ends=(15, Message.STALLED))


@pytest.mark.parametrize("every", [1, 3, 50])
@pytest.mark.parametrize("host", [None, *range(8)])
def test_both_serve_alike(asker: Session, host: int | None, every: int) -> None:
    plan = serving(Plan() if host is None else Plan().hesitate(host), every=every).idle(5)
    result = asker.run(plan)
    assert same(result, amaranth_run.run(Asker(ASKED), plan))
    assert result.words == [word for _, word in ASKED]
    said = [line.split(",") for line in result.printed]
    words, cycles = [int(word) for *_, word in said], [int(cycle) for _, cycle, _ in said]
    credit = words.index(9 << 28)
    rows = [8 << 28, 3, 7, 8, 9, 8 << 28, 3, 10, 11, 12]
    if host is None:
        assert words == [9 << 28, 2, *rows]
    else:
        assert [word for word in words if word >> 28 == 8] == [8 << 28] * 2 and words[credit + 1] in (1, 2)
    assert min(np.diff(cycles)) >= every and min(np.diff(result.word_cycles)) >= every


def test_a_served_run_ends_early_or_says_what_is_missing(asker: Session) -> None:
    stalled = [(0, STALLED), (0, 9), (0, ROW), (0, 3)]
    result = amaranth_run.run(Asker(stalled), serving(Plan()).idle(9))
    assert len(result.steps) == 1 and result.words == [STALLED, 9]
    message = r"step 0 \(serve\): 1 of 1 DONEs and 2 of 3 results came within 500 cycles"
    for run in (asker.run, lambda plan: amaranth_run.run(Asker(ASKED), plan)):
        with pytest.raises(PlanError, match=message):
            run(serving(Plan(), results=3, timeout=500))
    with pytest.raises(PlanError, match=r"step 1 \(serve\): a result of instance 3 came that nobody waits for"):
        asker.run(Plan().send([0, 0]).serve([(3, 2, [[]])], homes=1, results=0))
    assert len(asker.run(serving(Plan())).words) == len(ASKED)


def test_combinational_answers_are_seen(tmp_path: Path) -> None:
    plan = Plan().send(range(9)).idle(3).send([1, 2]).wait(words=11)
    with build(convert(Through(), "octopus").verilog).session(tmp_path) as running:
        result = running.run(plan)
    assert result.words == [*range(1, 10), 2, 3]
    assert same(result, amaranth_run.run(Through(), plan))


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (Plan().idle(3).wait(words=1, timeout=10), r"step 1 \(wait\): 1 of 1 words did not come within 10 cycles"),
        (Plan().send([1, 2], timeout=2), r"step 0 \(send\): word 1 of 2 was not taken within 2 cycles"),
    ],
)
def test_a_step_that_never_ends_is_named(session: Session, plan: Plan, message: str) -> None:
    with pytest.raises(PlanError, match=message):
        session.run(plan)
    with pytest.raises(PlanError, match=message):
        amaranth_run.run(Echo(), plan)
    assert session.run(Plan().send([1]).wait(messages=1)).messages == [(2, 0)]


def test_death_of_the_simulator_is_told(echo: Simulation, tmp_path: Path) -> None:
    with echo.session(tmp_path) as session:
        session.run(Plan().idle(1))
        session._process.kill()
        session._process.wait()
        with pytest.raises(PlanError, match="simulator ended with status -9"):
            session.run(Plan().idle(1))


def test_amaranth_writes_waves(tmp_path: Path) -> None:
    amaranth_run.run(Echo(), Plan().idle(3), waves=tmp_path / "dump.vcd")
    assert "$enddefinitions" in (tmp_path / "dump.vcd").read_text()
