# SPDX-License-Identifier: Apache-2.0
"""What the host says to a chip, and how it reads what comes back; the chip itself is simulated elsewhere."""

from pathlib import Path

import pytest

from octopus_hw.contract.codes import COUNTERS, Event, Message
from octopus_hw.contract.config import Config
from octopus_hw.contract.errors import InputError
from octopus_hw.image.boot import boot_words
from octopus_hw.image.compile import compile_workload
from octopus_hw.image.image import Image
from octopus_hw.owg import load_workload
from octopus_sim import chip, engines
from octopus_sim.chip import chip_source
from octopus_sim.engines import AmaranthEngine, VerilatorEngine, open_engine
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

    def simulate(self, image: Image, plan: Plan) -> PlanResult:
        self.plans.append(plan)
        return answer(
            plan, self.words, ["noise", "EVENT 7 1 0 2.3 start 4 5 6 1 0", "EVENT 3 0 0 cbu inject 4 0 0 0 0"]
        )


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
    with pytest.raises(PlanError, match="message 0 from 1,0"):
        Scripted([header(Message.PLACE, 1, 0), 0]).run(small())


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
