# SPDX-License-Identifier: Apache-2.0
"""The soak itself: cases follow from seeds, faults are found, and what fails becomes small and repeatable."""

import json
import shlex
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from octopus_hw.contract.codes import HostEvent
from octopus_hw.contract.config import Config
from octopus_hw.contract.errors import InputError
from octopus_hw.owg.load import workflow_from_json
from octopus_lab.soak import builds, edits, traffic
from octopus_lab.soak.campaign import Failure, Limits, Subject, Tally, campaign, smallest
from octopus_lab.soak.case import Case, random_case
from octopus_lab.soak.inputs import INPUTS, loaded
from octopus_lab.soak.judge import Judge, Verdict, without
from octopus_lab.soak.smaller_workflows import fewer_blocks
from octopus_lab.soak.traffic import TrafficJudge, random_traffic
from octopus_sim.conformance import violations
from octopus_sim.engines import Engine, EngineResult, ModelEngine
from octopus_sim.expected import expect
from octopus_sim.host_events import HOST_EVENT
from octopus_sim.traffic.layout import COUNTERS
from tests.lab.outcome import Octopus

PAUSED = Config(link_stalls=3)


def subject(judge: Judge, config: Config = PAUSED) -> Subject:
    draw = partial(random_case, columns=2, rows=2, config=config)
    return Subject(name="model", draw=draw, judge=judge, stages=(edits.EDITS, edits.REBUILDS, edits.EDITS))


def find(judge: Judge, cases: int = 200) -> Failure:
    failure = campaign([subject(judge)], 7, Limits(cases=cases), {})
    assert failure is not None
    return failure


def test_a_case_follows_from_its_seed_and_survives_a_file(tmp_path: Path) -> None:
    case = random_case(5, 3, 2, PAUSED, 4)
    assert case == random_case(5, 3, 2, PAUSED, 4) != random_case(6, 3, 2, PAUSED, 4)
    flow = random_traffic(5, 4, 4, PAUSED)
    for one in (case, flow):
        (tmp_path / "case.json").write_text(one.to_json())
        assert builds.load_case(tmp_path / "case.json") == one
    (tmp_path / "case.json").write_text("{}")
    with pytest.raises(InputError, match="is no case that a soak has written"):
        builds.load_case(tmp_path / "case.json")


def test_nothing_is_wrong_with_the_model_against_itself() -> None:
    tallies: dict[str, Tally] = {}
    with Judge(rtl=ModelEngine) as judge:
        assert campaign([subject(judge)], 3, Limits(cases=12), tallies) is None
    assert tallies["model"].cases == 12
    assert tallies["model"].instances > 12


def test_the_model_follows_the_host_of_the_rtl() -> None:
    host = np.array([(3, HostEvent.CREDIT, 2)], HOST_EVENT)
    followed: list[Any] = []

    class Chip(ModelEngine):
        def run(self, image: Any, max_cycles: int = 0) -> EngineResult:
            return replace(super().run(image, max_cycles), host=host)

    class Follower(ModelEngine):
        def run(self, image: Any, max_cycles: int = 0) -> EngineResult:
            followed.append(self.host_events)
            self.host_events = None
            return super().run(image, max_cycles)

    with Judge(rtl=Chip) as judge:
        judge.model = Follower()
        assert judge(random_case(1, 2, 2, Config())).failure == ""
    assert followed[0] is None and followed[1] is host and len(followed) == 2
    assert judge.model.host_events is None


@pytest.mark.parametrize("bit", ["split", "affinity"])
def test_a_fault_is_found_and_made_small(bit: str, tmp_path: Path) -> None:
    with Judge(alter=without(bit), rtl=ModelEngine) as judge:
        failure = find(judge)
        case, verdict = smallest(failure)
        assert verdict.failure.startswith("event ")
        (tmp_path / "case.json").write_text(case.to_json())
        assert judge(builds.load_case(tmp_path / "case.json")) == verdict
    streams = case.workload["streams"]
    assert len(streams) == 1
    assert len(streams[0]["owg"]["blocks"]) <= 5
    assert (case.host, case.dead, case.config.link_stalls) == (None, (), 0)
    if bit == "split":  # an invocation alone in a tile shows it
        assert (case.columns, case.rows, streams[0]["instances"]) == (1, 1, 1)
        assert len(streams[0]["owg"]["blocks"]) == 2
    with Judge(rtl=ModelEngine) as judge:
        assert judge(case).failure == ""


def test_other_builds_are_left_out_on_demand() -> None:
    with Judge(alter=without("split"), rtl=ModelEngine) as judge:
        case, _ = smallest(find(judge), rebuild=False)
    assert (case.columns, case.rows, case.config) == (2, 2, PAUSED)


class Liar(ModelEngine):
    """Loses what it is told to lose."""

    def __init__(self, change: Any) -> None:
        super().__init__()
        self.change = change

    def run(self, image: Any, max_cycles: int = 0) -> Any:
        return self.change(super().run(image, max_cycles))


def drop_last(result: Any) -> Any:
    return replace(result, events=result.events[:-1])


def miscount(name: str, result: Any) -> Any:
    return replace(result, counters=result.counters | {name: result.counters[name] + np.eye(1, 4, 2, dtype=int)[0]})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (drop_last, "1 events are missing, one of them: retire"),
        (partial(miscount, "hash"), "counter 'hash' of tile 0,1 is"),
        (partial(miscount, "moved"), "counter 'moved' of tile 0,1 is"),
        (partial(miscount, "work"), "cycles of work were done, but"),
        (partial(miscount, "errors"), "1 packets had a wrong checksum"),
    ],
)
def test_what_is_lost_is_told(change: Any, message: str) -> None:
    case = random_case(4, 2, 2, Config())
    compiled = case.compile()
    result = Liar(change).run(compiled.image, 100_000)
    assert message in "; ".join(violations(compiled, result, expect(compiled.resolved, compiled.peas)))


def test_inputs_are_drawn_at_times_and_follow_from_their_note() -> None:
    cases = [random_case(seed, 2, 2, Config()) for seed in range(12)]
    notes = [stream.get(INPUTS) for case in cases for stream in case.workload["streams"]]
    assert any(notes) and not all(notes)
    assert any(case.compile().image.inputs for case in cases)
    for case in cases:
        for stream, same in zip(loaded(case.workload).streams, loaded(case.workload).streams, strict=True):
            assert np.array_equal(stream.rows, same.rows)  # type: ignore[arg-type]
            assert stream.rows is None or len({word for row in stream.rows for word in row}) == stream.rows.size


def test_inputs_and_results_are_made_small() -> None:
    def judge(case: Case) -> Verdict:
        longest = max((len(inputs.rows[0]) for inputs in case.compile().image.inputs), default=0)
        return Verdict(failure="lost" if longest >= 3 else "")

    case = next(case for case in (random_case(seed, 2, 2, PAUSED) for seed in range(99)) if judge(case).failure)
    one = Subject(name="model", draw=lambda seed: case, judge=judge, stages=(edits.EDITS, edits.REBUILDS))
    small, _ = smallest(Failure(subject=one, number=0, case=case, verdict=judge(case)))
    (stream,) = small.workload["streams"]
    assert (stream["owg"]["flows"], stream["instances"]) == ([], 1)
    assert stream[INPUTS]["rows"] == 1 and stream[INPUTS]["words"] in (3, 4, 5)


def test_smaller_workflows_are_smaller_and_well_formed() -> None:
    for seed in range(6):
        for stream in random_case(seed, 2, 2, Config()).workload["streams"]:
            owg = stream["owg"]
            for smaller in fewer_blocks(owg):
                assert (len(smaller["blocks"]), len(smaller["flows"])) < (len(owg["blocks"]), len(owg["flows"]))
                workflow_from_json(json.dumps(smaller))
            if len(owg["blocks"]) > 1:
                assert len(next(fewer_blocks(owg))["blocks"]) == 1


class Wire:
    """Answers a plan as routers would that lose a packet."""

    def __init__(self, **counters: int) -> None:
        self.counters = counters

    def run(self, plan: Any) -> Any:
        return SimpleNamespace(words=[self.counters.get(name, 0) for _ in range(16) for name in COUNTERS])

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("counters", "failure"),
    [
        ({"born": 5, "taken": 5}, ""),
        ({"born": 5, "taken": 4}, "80 packets were born and 64 arrived"),
        ({"born": 5, "taken": 5, "disordered": 1}, "16 disordered"),
    ],
)
def test_traffic_must_arrive(counters: dict[str, int], failure: str) -> None:
    case = random_traffic(1, 4, 4, PAUSED)
    with TrafficJudge() as judge:
        judge._sessions[4, 4, PAUSED] = Wire(**counters)  # type: ignore[assignment]
        assert judge(case).failure == failure


def test_traffic_is_made_small() -> None:
    def judge(case: traffic.TrafficCase) -> Verdict:
        fails = case.traffic.flits >= 3 and case.traffic.window >= 100
        return Verdict(failure="broken" if fails else "")

    case = next(case for case in (random_traffic(seed, 4, 4, PAUSED) for seed in range(99)) if judge(case).failure)
    one = Subject(name="routers", draw=lambda seed: case, judge=judge, stages=(traffic.EDITS,))
    small, _ = smallest(Failure(subject=one, number=0, case=case, verdict=judge(case)))
    assert (small.traffic.flits, small.traffic.window, small.host) == (3, 100, None)


def test_limits_and_the_first_case() -> None:
    seen: list[int] = []

    def draw(seed: int) -> int:
        seen.append(seed)
        return seed

    one = Subject(name="a", draw=draw, judge=lambda case: Verdict(cycles=10), stages=())
    campaign([one], 1, Limits(cases=5), {})
    campaign([one], 1, Limits(cycles=15), {}, first=3)
    assert len(set(seen[1:6])) == 5
    assert seen[0] == seen[1]  # to have the build
    assert seen[7:] == seen[4:6]


def test_the_command_repeats_and_writes_what_failed(
    octopus: Octopus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("octopus_lab.soak.judge.VerilatorEngine", lambda report: ModelEngine())
    how = ("measure", "soak", "--mesh", "2x2", "--build", "small", "--scale", 1, "--seed", 2)
    done = octopus(*how, "--cases", 4)
    assert done.status == 0 and "nothing lost, no event differs" in done.out
    told = octopus(*how, "--break", "split", "--cases", 100, "--out", tmp_path, "--json")
    file = json.loads(told.out)["failed"]
    commands = [line.removeprefix("repeat: octopus-hw ") for line in told.err.splitlines() if "repeat: " in line]
    assert told.status == 1 and commands[-1] == f"measure soak --case {file} --break split"
    assert [octopus(*shlex.split(command)).status for command in commands] == [1, 1]
    assert octopus("measure", "soak", "--case", file).status == 0


def test_a_case_is_an_engine_s_business_alone() -> None:
    """The host's manners belong to engines with a host port; the model has none and takes no notice."""
    assert Engine.host is None
    case = random_case(1, 2, 2, Config())
    quiet = replace(case, host=None)
    with Judge(rtl=ModelEngine) as judge:
        assert judge(case) == judge(quiet)
    assert isinstance(case, Case)
