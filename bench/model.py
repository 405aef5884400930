# SPDX-License-Identifier: Apache-2.0
"""How fast the model is: tile-cycles per second with every tile busy, and seconds to compile its kernels.

Run as ``python bench/model.py [--mesh CxR] [--instances N] [--strategy S]``.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "sim")]

from octopus_hw.config import Config  # noqa: E402
from octopus_hw.image.compile import compile_workload  # noqa: E402
from octopus_hw.owg import workload_from_json  # noqa: E402
from octopus_sim.model import ModelResult, run  # noqa: E402


def workload(instances: int) -> dict[str, Any]:
    """Return faces to recognise, in a window that keeps all PEAs of a tile busy."""
    blocks = [
        {
            "id": "detect",
            "kind": "task",
            "cycles": {"quantiles": [90, 100, 110, 200]},
            "value": {"quantiles": [0, 1, 2, 5]},
        },
        {"id": "faces", "kind": "spawn", "count": "value", "join": "gather"},
        {"id": "embed", "kind": "task", "cycles": {"affine": [100, 5]}},
        {"id": "known", "kind": "branch", "choose": {"quantiles": [0, 0, 0, 1]}},
        {"id": "enroll", "kind": "task", "cycles": 250},
        {"id": "gather", "kind": "join", "of": "faces"},
        {"id": "done", "kind": "end"},
    ]
    links = ["detect faces 16", "faces embed 8", "embed known 0", "known gather 0", "known enroll 8", "enroll gather 0"]
    ends = [link.split() for link in [*links, "gather done 0"]]
    flows = [{"from": source, "to": sink, "words": int(words)} for source, sink, words in ends]
    owg = {"owg": 1, "name": "faces", "blocks": blocks, "entry": "detect", "flows": flows}
    stream = {"owg": owg, "instances_per_tile": instances, "window": 8}
    return {"workload": 1, "name": "bench", "streams": [stream]}


def timed(*args: Any) -> tuple[ModelResult, float]:
    """Run, and return the seconds it took."""
    begin = time.perf_counter()
    result = run(*args)
    return result, time.perf_counter() - begin


def main() -> None:
    """Print one line for each part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mesh", default="16x16")
    parser.add_argument("--instances", type=int, default=64)
    parser.add_argument("--strategy", default="adaptive")
    arguments = parser.parse_args()
    columns, rows = map(int, arguments.mesh.split("x"))
    document = workload_from_json(json.dumps(workload(arguments.instances)))
    _, seconds = timed(compile_workload(document, 1, 1, Config(), arguments.strategy).image, 10_000_000, False)
    print(f"kernels ready in {seconds:.1f} s")
    image = compile_workload(document, columns, rows, Config(), arguments.strategy).image
    for record in (False, True):
        result, seconds = timed(image, 10_000_000, record)
        tiles = columns * rows
        busy = result.counter("work") / (16 * tiles * result.end_cycle)
        print(
            f"{arguments.mesh} {arguments.strategy}{' with records' if record else ''}: {result.end_cycle} cycles, "
            f"{seconds:.2f} s, {tiles * result.end_cycle / seconds / 1e6:.2f} M tile-cycles/s "
            f"({result.tile_cycles / seconds / 1e6:.2f} M looked at), {result.counter('started')} tasks, "
            f"PEAs {busy:.0%} busy"
        )


if __name__ == "__main__":
    main()
