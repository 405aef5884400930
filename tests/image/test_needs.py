# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

import numpy as np
import pytest

from octopus_hw.contract.config import Config
from octopus_hw.contract.errors import InputError
from octopus_hw.image.needs import needs_of
from octopus_hw.owg.workload import Workload

from .samples import block, chain, task, workflow, workload


def given(words: int, owg: dict[str, object]) -> Workload:
    plain = workload({"owg": owg, "instances": 1})
    rows = np.zeros((2, words), np.uint32)
    return replace(plain, streams=(replace(plain.streams[0], inputs="rows.npy", rows=rows),))


def test_rows_fit_the_buffer_of_the_task_that_takes_them() -> None:
    needs_of(given(128, chain(task("a"))), Config())
    with pytest.raises(InputError) as caught:
        needs_of(given(129, chain(task("a"))), Config())
    message = "rows of 129 words for task 'a', but a buffer has 128; shorten them or raise buffer_words"
    assert str(caught.value) == f"sample.json: streams[0].inputs: {message}"


def test_rows_for_a_spawn_need_not() -> None:
    blocks = [block("s", "spawn", count=2, join="j"), block("j", "join", of="s"), block("z", "end")]
    needs_of(given(129, workflow(blocks, ["s j 4", "j z"])), Config())
