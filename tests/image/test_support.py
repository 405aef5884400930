# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from octopus_hw.contract.config import Config
from octopus_hw.contract.errors import InputError
from octopus_hw.image.compile import compile_workload
from octopus_hw.owg.load import load_workload
from octopus_hw.owg.save import save
from octopus_hw.owg.workload import Workload

from .samples import block, task, workflow, workload


def spawned(**keys: int) -> Workload:
    flows = ["a s 8", {"from": "s", "to": "j", "words": 4} | keys, "j z"]
    blocks = [task("a"), block("s", "spawn", count=2, join="j"), block("j", "join", of="s"), block("z", "end")]
    return workload({"owg": workflow(blocks, flows), "instances": 1})


@pytest.mark.parametrize("keys", [{"first": 4}, {"stride": 4}])
def test_slices_are_not_compiled(keys: dict[str, int]) -> None:
    compile_workload(spawned(), 1, 1, Config(), "naive")
    with pytest.raises(InputError) as caught:
        compile_workload(spawned(**keys), 1, 1, Config(), "naive")
    message = "the hardware carries no slices in this version; leave 'first' and 'stride' out"
    assert str(caught.value) == f"sample.json: streams[0].owg.flows[1]: {message}"


def test_inputs_are_not_compiled(tmp_path: Path) -> None:
    stream = replace(spawned().streams[0], inputs="rows.npy")
    path = tmp_path / "w.workload.json"
    save(replace(spawned(), streams=(stream,)), path)
    np.save(tmp_path / "rows.npy", np.zeros((1, 4), np.uint32))
    with pytest.raises(InputError) as caught:
        compile_workload(load_workload(path), 1, 1, Config(), "naive")
    message = "the hardware takes no inputs in this version; leave them out"
    assert str(caught.value) == f"{path}: streams[0].inputs: {message}"
