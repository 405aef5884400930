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


def spawned() -> Workload:
    flows = ["a s 8", "s j 4", "j z"]
    blocks = [task("a"), block("s", "spawn", count=2, join="j"), block("j", "join", of="s"), block("z", "end")]
    return workload({"owg": workflow(blocks, flows), "instances": 1})


def test_inputs_are_not_compiled(tmp_path: Path) -> None:
    stream = replace(spawned().streams[0], inputs="rows.npy")
    path = tmp_path / "w.workload.json"
    save(replace(spawned(), streams=(stream,)), path)
    np.save(tmp_path / "rows.npy", np.zeros((1, 4), np.uint32))
    with pytest.raises(InputError) as caught:
        compile_workload(load_workload(path), 1, 1, Config(), "naive")
    message = "the hardware takes no inputs in this version; leave them out"
    assert str(caught.value) == f"{path}: streams[0].inputs: {message}"
