# SPDX-License-Identifier: Apache-2.0
"""What the host says to a chip, and how it reads what comes back; the chip itself is simulated elsewhere."""

import json
from pathlib import Path

import numpy as np
import pytest

from octopus_hw.contract.codes import COUNTERS, Event, HostEvent, Message
from octopus_hw.contract.config import Config
from octopus_hw.contract.errors import InputError
from octopus_hw.image.boot import boot_words
from octopus_hw.image.compile import compile_workload
from octopus_hw.image.image import Image
from octopus_hw.owg import load_workload, workload_from_json
from octopus_sim import chip, engines
from octopus_sim.chip import chip_source
from octopus_sim.engines import AmaranthEngine, EngineResult, VerilatorEngine, open_engine, runs_of
from octopus_sim.events import EVENT
from octopus_sim.host_events import HOST_EVENT
from octopus_sim.plan import Plan, PlanError, PlanResult


def small() -> Image:
    workload = load_workload("examples/face_recognition.owg.json")
    return compile_workload(workload, 2, 1, Config(), "naive", dead=["1,0"]).image


def answer(plan: Plan, words: list[int], printed: list[str]) -> PlanResult:
    steps = [(0, 0)] * len(plan.steps)
    return PlanResult(words=words, word_cycles=[0] * len(words), steps=steps, cycles=9, printed=printed, wall_s=0.5)


def header(message: Message, x: int, y: int) -> int:
    return int(message) | x << 4 | y << 11


class Scripted(AmaranthEngine):
    """A chip whose answers are given."""

    def __init__(self, words: list[int]) -> None:
        super().__init__()
        self.words = words
        self.plans: list[Plan] = []
        self.printed = ["noise", "EVENT 7 1 0 2.3 start 4 5 6 1 0", "EVENT 3 0 0 cbu inject 4 0 0 0 0"]

    def simulate(self, image: Image, plan: Plan) -> PlanResult:
        self.plans.append(plan)
        return answer(plan, self.words, self.printed)


def test_the_host_loads_waits_for_homes_with_instances_and_reads() -> None:
    words = [header(Message.DONE, 0, 0), 16]
    for number in range(len(COUNTERS)):
        words += [header(Message.DATA, 1, 0), 100 + number, header(Message.DATA, 0, 0), number]
    engine = Scripted(words)
    image = small()
    result = engine.run(image, 5000)
    send, ask, sealed, start, wait, *reads = engine.plans[0].steps
    assert send["words"] + start["words"] == boot_words(image).tolist() and len(start["words"]) == 2
    assert ask["words"] == [0x70000000] and len(sealed["expected"]) == 5
    assert (wait["words"], wait["timeout"]) == (2, 5000)
    assert [step["words"] for step in reads[::2]] == [[3 << 28 | 1 << 7, 1 << 16 | k] for k in range(len(COUNTERS))]
    assert [step["words"] for step in reads[1::2]] == [2 * 2] * len(COUNTERS)
    assert [result.counters[name].tolist() for name in COUNTERS[:2]] == [[0, 100], [1, 101]]
    assert result.hash == 100 and result.wall_s == 0.5
    assert result.events.tolist() == [
        (3, 0, 0, 0, Event.INJECT, 4, 0, 0, 0, 0),
        (7, 1, 0, 20, Event.START, 4, 5, 6, 1, 0),
    ]


def test_a_message_that_is_not_for_the_host() -> None:
    with pytest.raises(PlanError, match="a message 0 from 1,0, which is none for it"):
        Scripted([header(Message.PLACE, 1, 0), 0]).run(small())


def served() -> Image:
    flows = [{"from": "a", "to": "end", "words": 2}]
    blocks = [{"id": "a", "kind": "task", "cycles": 5}, {"id": "end", "kind": "end"}]
    owg = {"owg": 1, "name": "w", "blocks": blocks, "entry": "a", "flows": flows}
    document = {"workload": 1, "name": "w", "streams": [{"owg": owg, "instances": 2}]}
    return compile_workload(workload_from_json(json.dumps(document)), 2, 1, Config(), "naive").image


def test_what_a_served_chip_sends_and_what_its_host_did() -> None:
    words = [header(Message.DONE, 0, 0), 16, header(Message.RESULT, 1, 0), 1, 9 | 2 << 16, 5, 6]
    words += [header(Message.ROW, 0, 0), 1, header(Message.RESULT, 0, 0), 0, 8]
    for number in range(len(COUNTERS)):
        words += [header(Message.DATA, 1, 0), 100 + number, header(Message.DATA, 0, 0), number]
    engine = Scripted(words)
    engine.printed += ["HOST 12 2 1", "HOST 4 1 3"]
    engine.host_cycles = 5
    result = engine.run(served())
    assert [step["every"] for step in engine.plans[0].steps if step["do"] == "serve"] == [5]
    assert result.results is not None and result.host is not None
    assert [(one.instance, one.value, one.words.tolist()) for one in result.results] == [(0, 8, []), (1, 9, [5, 6])]
    assert result.host.tolist() == [(4, HostEvent.CREDIT, 3), (12, HostEvent.TAKEN, 1)]
    assert [result.counters[name].tolist() for name in COUNTERS[:2]] == [[0, 100], [1, 101]]
    assert Scripted(words[:2] + words[12:]).run(small()).host is None


def test_a_model_follows_the_first_host_if_there_is_one() -> None:
    ran: list[tuple[str, object]] = []

    class Fake(AmaranthEngine):
        def __init__(self, name: str, *, port: bool) -> None:
            self.name, self.has_port = name, port

        def run(self, image: Image, max_cycles: int = 0) -> EngineResult:
            ran.append((self.name, self.host_events))
            host = np.array([(len(ran), 0, 0)], HOST_EVENT) if self.has_port and image.columns == 2 else None
            return EngineResult(events=np.zeros(0, EVENT), counters={}, wall_s=0.0, host=host)

    names = (("model", False), ("one", True), ("other", True))
    engines = [Fake(name, port=port) for name, port in names]
    done = dict(runs_of(engines, served()))
    assert list(done) == [engines[1], engines[2], engines[0]]
    assert [name for name, _ in ran] == ["one", "other", "model"]
    assert ran[0][1] is None and ran[2][1] is done[engines[1]].host
    assert all(engine.host_events is None for engine in engines)
    ran.clear()
    plain = [engine for engine, _ in runs_of(engines, small())]
    assert plain == engines and [name for name, _ in ran] == ["model", "one", "other"]
    ran.clear()
    assert [engine for engine, _ in runs_of(engines[:1], served())] == engines[:1] and ran == [("model", None)]


def test_unknown_engines(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--engine: verilatr: is not known; did you mean 'verilator'"):
        open_engine("verilatr")
    with pytest.raises(InputError, match="--waves"):
        open_engine("model", tmp_path)


def test_the_simulation_of_a_chip_stays_up(monkeypatch: pytest.MonkeyPatch) -> None:
    log: list[str] = []

    class Session:
        def run(self, plan: Plan, *, reset: bool) -> PlanResult:
            log.append("run" if reset else "go on")
            pairs = [(header(Message.DATA, x, 0), 0) for x in (0, 1) for _ in COUNTERS]
            return answer(plan, [word for pair in pairs for word in pair], [])

        def close(self) -> None:
            log.append("close")

    class Simulation:
        def session(self, directory: Path) -> Session:
            log.append("start")
            return Session()

    monkeypatch.setattr(engines, "chip_source", lambda *mesh: chip.ChipSource("", ()))
    monkeypatch.setattr("octopus_sim.build.build", lambda *arguments, **keys: Simulation())
    image = small()
    other = compile_workload(load_workload("examples/face_recognition.owg.json"), 2, 1, Config(tbus=1), "naive").image
    said: list[str] = []
    with VerilatorEngine(report=said.append) as engine:
        for each in (image, image, other):
            engine.run(each)
            engine.pin = False
    assert log == ["start", "run", "go on", "close", "start", "go on", "close"]
    assert said == ["Verilog of 2x1", "Verilator simulation of 2x1"] * 2


def test_the_verilog_of_a_chip_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []

    class Exported:
        verilog = "module octopus();"
        units = {"tile_1": "octopus_hw.chip.tile.Tile{}", "tile_switch_2": "octopus_hw.noc.tile_switch.TileSwitch{}"}

    def convert(top: object, verify: str) -> Exported:
        made.append(top)
        return Exported()

    monkeypatch.setattr("octopus_hw.verilog.export.convert", convert)
    for config in (Config(), Config(), Config(tbus=1)):
        source = chip_source(1, 1, config, tmp_path)
        assert source == chip.ChipSource("module octopus();", ("tile_1",))
    assert len(made) == 2
