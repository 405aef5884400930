# SPDX-License-Identifier: Apache-2.0
"""A chip so small that its tokens take two flits less: model and RTL count flits alike."""

import json

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.image.compile import compile_workload
from octopus_hw.owg import workload_from_json
from octopus_sim.compare import compare
from octopus_sim.engines import open_engine
from octopus_sim.result_hashes import result_hashes

NARROW = Config(
    tbus=1, peas=1, config_slots=1, queue_depth=2, coord_bits=3, max_blocks=3, max_flows=3, max_streams=1,
    max_instances=2, list_depth=4, home_records=4, join_records=1, store_words=64, number_words=16, owner_entries=4,
    buffer_words=4, config_words=16,
)  # fmt: skip

CHAIN = {
    "owg": 1, "name": "w", "entry": "a",
    "blocks": [
        {"id": "a", "kind": "task", "cycles": 20, "config": 16},
        {"id": "b", "kind": "task", "cycles": 9, "config": 8},
        {"id": "e", "kind": "end"},
    ],
    "flows": [{"from": "a", "to": "b", "words": 4}, {"from": "b", "to": "e"}],
}  # fmt: skip


def test_every_event_agrees() -> None:
    document = {"workload": 1, "name": "w", "seed": 5, "streams": [{"owg": CHAIN, "instances": 4, "window": 2}]}
    compiled = compile_workload(workload_from_json(json.dumps(document)), 2, 1, NARROW, "naive")
    image = compiled.image
    with open_engine("model") as model, open_engine("amaranth") as rtl:
        model.hashes = result_hashes(compiled.resolved)
        said, done = model.run(image, 20_000), rtl.run(image, 20_000)
    assert (layouts(NARROW).token_head.words, layouts(Config()).token_head.words) == (4, 6)
    assert compare(said, done, ("model", "amaranth"), 2) is None
    assert done.counters["moved"].sum() > 0 and done.counters["errors"].sum() == 0
