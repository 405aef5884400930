# SPDX-License-Identifier: Apache-2.0
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from octopus_hw.verilog.export import convert
from octopus_sim import toolchain
from octopus_sim.block import block
from octopus_sim.build import Simulation, build
from octopus_sim.cache import content_hash, make_once
from octopus_sim.plan import Plan
from tests.verilog.samples import Echo, EchoMesh

ROOT = Path(__file__).parents[2]
MESH = convert(EchoMesh(3, 2), "octopus")


def test_second_build_compiles_nothing(echo: Simulation) -> None:
    began = time.perf_counter()
    again = build(convert(Echo(), "octopus").verilog)
    assert again == echo
    assert time.perf_counter() - began < 2


@pytest.fixture
def all_processors() -> Iterator[int]:
    """Let a test use processors that others run on, and tell how many there are."""
    own = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    yield toolchain.processors()
    os.sched_setaffinity(0, own)


@pytest.mark.slow
def test_exports_and_ways_to_build_them_behave_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, all_processors: int
) -> None:
    plan = Plan().send(range(0, 1 << 20, 12345)).wait(messages=80)
    cells = [name for name in MESH.uses if name.endswith("cell")]
    simulations = [
        build(convert(EchoMesh(3, 2), "octopus", deduplicate=False).verilog),
        build(MESH.verilog, no_inline=cells),
        build(MESH.verilog, blocks=cells, fixed=("x", "y")),
    ]
    monkeypatch.setattr("octopus_sim.build.PLACES_PER_THREAD", 1)
    simulations.append(build(MESH.verilog, blocks=cells, fixed=("x", "y")))
    # On a machine with one processor the last two are the same.
    assert len({simulation.directory for simulation in simulations}) == min(4, 2 + all_processors)
    results = []
    for index, simulation in enumerate(simulations):
        with simulation.session(tmp_path / str(index)) as session:
            session.run(Plan().send([index]).idle(5))
            results.append(session.run(plan))
    for result in results[1:]:
        assert result.words == results[0].words
        assert result.word_cycles == results[0].word_cycles


def test_a_block_is_compiled_once_for_all_meshes() -> None:
    cells = [name for name in MESH.uses if name.endswith("cell")]
    build(MESH.verilog, blocks=cells, fixed=("x", "y"))
    blocks = set(toolchain.cache_directory().glob("block-*"))
    build(convert(EchoMesh(2, 2), "octopus").verilog, blocks=cells, fixed=("x", "y"))
    assert set(toolchain.cache_directory().glob("block-*")) == blocks


def test_a_blocks_ports_may_have_any_name_and_width(tmp_path: Path) -> None:
    widths = {"a": 1, "a_b": 8, "a__b": 9, "a___b": 32, "a__0__c": 33, "z_": 64, "z__": 65, "a____": 3}
    ways = {"input": "input", "output": "output reg"}
    ports = [f"  {ways[way]} [{width - 1}:0] {name}_{way};" for name, width in widths.items() for way in ways]
    names = ", ".join(f"{name}_{way}" for name in widths for way in ways)
    moves = [f"    {name}_output <= {name}_input;" for name in widths]
    head = [f"module any(clk, rst, {names});", "  input clk;", "  input rst;", *ports]
    text = "\n".join([*head, "  always @(posedge clk) begin", *moves, "  end", "endmodule", ""])
    made = block(text, "any", "build", tmp_path)
    assert all(file.is_file() for file in made.files)


def test_a_block_that_cannot_be_compiled_is_named(tmp_path: Path) -> None:
    broken = MESH.verilog.replace("endmodule", "  assign = 1;\nendmodule")
    with pytest.raises(toolchain.ToolError, match=r"(?s)build of octopus_cell failed.*syntax error"):
        build(broken, blocks=["octopus_cell"], cache=tmp_path)
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]


@pytest.mark.slow
def test_waves_show_what_is_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    simulation = build(convert(Echo(), "octopus").verilog, waves=True)
    monkeypatch.chdir(tmp_path)
    with simulation.session(Path("a/b")) as session:
        session.run(Plan().send([1]).wait(messages=1))
    names = {"dump.vcd", "results.xml", "stderr.txt", "stdout.txt"}
    assert {path.name for path in (tmp_path / "a" / "b").iterdir()} == names
    waves = (tmp_path / "a" / "b" / "dump.vcd").read_text()
    assert "fsm_state" in waves
    assert "#10" in waves


def test_broken_verilog_is_refused_with_the_log(tmp_path: Path) -> None:
    with pytest.raises(toolchain.ToolError, match=r"(?s)build of octopus failed.*syntax error"):
        build("module octopus(clk);\n  input clk;\nassign = 1;\nendmodule\n", cache=tmp_path)
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]


def test_missing_top_is_named(tmp_path: Path) -> None:
    with pytest.raises(toolchain.ToolError, match="no module octopus"):
        build("module other(clk);\nendmodule\n", cache=tmp_path)


def _interrupt(directory: Path) -> None:
    (directory / "half").touch()
    raise KeyboardInterrupt


def _make(directory: Path) -> None:
    (directory / "made").touch()


def test_interrupted_build_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        make_once(tmp_path, "thing", _interrupt)
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]


def test_killed_build_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "thing.partial-1").mkdir()
    made = make_once(tmp_path, "thing", _make)
    assert [path.name for path in made.iterdir()] == ["made"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["thing", "thing.lock"]


def test_several_processes_make_it_once(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, sys, time\n"
        "from octopus_sim.cache import make_once\n"
        "def make(directory):\n"
        "    time.sleep(0.3)\n"
        "    print('made')\n"
        "make_once(pathlib.Path(sys.argv[1]), 'thing', make)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT / "sim")}
    command = [sys.executable, "-c", program, str(tmp_path)]
    workers = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    outputs = [worker.communicate()[0] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    assert sorted(outputs) == ["", "", "made\n"]


def test_build_killed_half_way_is_made_anew(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    for runtime in toolchain.cache_directory().glob("runtime-*/"):
        shutil.copytree(runtime, cache / runtime.name)  # nothing of a design, and most of the time
    source = tmp_path / "octopus.v"
    source.write_text(MESH.verilog)
    program = (
        "import pathlib, sys\n"
        "from octopus_sim.build import build\n"
        "build(pathlib.Path(sys.argv[1]).read_text(), cache=pathlib.Path(sys.argv[2]))\n"
    )
    command = [sys.executable, "-c", program, str(source), str(cache)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "sim")))}
    with subprocess.Popen(command, env=environment, start_new_session=True) as builder:
        while not list(cache.rglob("Vtop.mk")):
            time.sleep(0.01)
            assert builder.poll() is None
        os.killpg(builder.pid, signal.SIGKILL)
    assert not list(cache.glob("*/simulation"))
    with build(MESH.verilog, cache=cache).session(tmp_path / "run") as session:
        assert len(session.run(Plan().send([1]).wait(messages=1)).messages) == 1
    assert not list(cache.glob("*.partial-*"))


def test_hash_tells_texts_apart() -> None:
    assert content_hash("ab", "c") != content_hash("a", "bc")


def test_cache_lies_in_the_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(ROOT / "tests")
    assert toolchain.cache_directory() == ROOT / "build" / "cache"
    monkeypatch.chdir(tmp_path)
    assert ROOT not in toolchain.cache_directory().parents
