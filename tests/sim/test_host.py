# SPDX-License-Identifier: Apache-2.0
import json
from dataclasses import replace

import numpy as np

from octopus_hw.contract.codes import Message, PortError, PortState
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import PortWord
from octopus_hw.image.boot import boot_words
from octopus_hw.image.compile import compile_workload
from octopus_hw.owg import load_workload, workload_from_json
from octopus_sim.host import explain, host_plan, status_of

DONE, STALLED = [[Message.DONE | 1 << 4, 7], [Message.STALLED | 2 << 4 | 1 << 11, 77]]
STATUS = [Message.STATUS, 0, 0, PortWord.pack(state=PortState.FAILED, error=PortError.SEAL), 12]


def image():
    return compile_workload(load_workload("examples/face_recognition.owg.json"), 2, 1, Config(), "naive").image


def test_what_a_status_says():
    assert status_of(STATUS) == (PortState.FAILED, PortError.SEAL, 12)


def test_what_ended_a_plan_is_told_in_one_line():
    what = image()
    assert str(explain(what, STATUS)) == (
        "the chip refused word 12 of the image: SEAL; docs/host.md says what that means"
    )
    told = str(explain(what, [*STATUS, *DONE, *STALLED]))
    assert told.startswith("tile 2,1 stands still in cycle 77: ") and f"{what.watchdog} times 4,096 cycles" in told
    sealed = [*STATUS[:3], PortState.LOADING, 5]
    assert str(explain(what, sealed)).endswith("not sealed, but LOADING, after 5 words")


def test_the_start_waits_for_a_good_status():
    what = image()
    plan = host_plan(what, 1000, None)
    status = plan.steps[2]["expected"]
    assert (status[0], status[3], status[4]) == (8, PortState.SEALED, len(boot_words(what)) - 2)
    assert sum(step["do"] == "wait" and "ends" in step for step in plan.steps) == 1


def served(words, rows):
    flows = [{"from": "a", "to": "end", "words": words}]
    blocks = [{"id": "a", "kind": "task", "cycles": 5}, {"id": "end", "kind": "end"}]
    owg = {"owg": 1, "name": "w", "blocks": blocks, "entry": "a", "flows": flows}
    document = {"workload": 1, "name": "w", "streams": [{"owg": owg, "instances": 5}, {"owg": owg, "instances": 4}]}
    workload = workload_from_json(json.dumps(document))
    last = replace(workload.streams[1], rows=rows)
    workload = replace(workload, streams=(workload.streams[0], last))
    return compile_workload(workload, 2, 1, Config(), "naive").image


def test_a_run_with_rows_or_results_is_served():
    rows = np.arange(6, dtype=np.uint32).reshape(2, 3)
    plain, sent, given = served(0, None), served(2, None), served(0, rows)
    assert "serve" not in [step["do"] for step in host_plan(plain, 1000, None).steps]
    (serve,) = [step for step in host_plan(sent, 1000, 7, every=3).steps if step["do"] == "serve"]
    assert (serve["inputs"], serve["homes"], serve["results"], serve["every"]) == ([], 2, 9, 3)
    plan = host_plan(given, 1000, None)
    (serve,) = [step for step in plan.steps if step["do"] == "serve"]
    assert (serve["inputs"], serve["results"]) == ([(5, 4, [[0, 1, 2], [3, 4, 5]])], 4)
    assert serve["ends"] == (15, Message.STALLED) and serve["timeout"] == 1000
    assert json.loads(json.dumps(plan.steps))[4]["inputs"] == [[5, 4, [[0, 1, 2], [3, 4, 5]]]]
