# SPDX-License-Identifier: Apache-2.0
"""Run by `test_wider_token.py`: model against RTL, and what is counted; prints JSON."""

import json

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.image.compile import compile_workload
from octopus_hw.owg import workload_from_json
from octopus_sim.compare import compare
from octopus_sim.engines import open_engine
from octopus_sim.result_hashes import result_hashes

CONFIG = Config(tbus=2, peas=2, max_blocks=16, max_flows=32, list_depth=8, home_records=256, join_records=128,
                store_words=2048, number_words=256)  # fmt: skip

TASKS = {
    "owg": 1, "name": "w", "entry": "a",
    "blocks": [
        {"id": "a", "kind": "task", "cycles": 20, "value": 3},
        {"id": "s", "kind": "spawn", "count": "value", "join": "j"},
        {"id": "b", "kind": "task", "cycles": {"quantiles": [9, 30]}}, {"id": "j", "kind": "join", "of": "s"},
        {"id": "e", "kind": "end"},
    ],
    "flows": [
        {"from": "a", "to": "s", "words": 3}, {"from": "s", "to": "b", "words": 2},
        {"from": "b", "to": "j", "words": 1}, {"from": "j", "to": "e"},
    ],
}  # fmt: skip


def main() -> None:
    document = {"workload": 1, "name": "w", "seed": 5, "streams": [{"owg": TASKS, "instances": 2}]}
    compiled = compile_workload(workload_from_json(json.dumps(document)), 2, 1, CONFIG, "naive")
    image = compiled.image
    with open_engine("model") as model, open_engine("amaranth") as rtl:
        model.hashes = result_hashes(compiled.resolved)
        said, done = model.run(image, 20_000), rtl.run(image, 20_000)
    difference = compare(said, done, ("model", "amaranth"), 2)
    result = {
        "words": layouts(CONFIG).token.words,
        "difference": str(difference) if difference else None,
        "events": len(done.events),
        "end": int(done.events["cycle"].max()),
        "moves": int(done.counters["moved"].sum()),
        "errors": int(done.counters["errors"].sum()),
    }
    print(json.dumps(result))


main()
