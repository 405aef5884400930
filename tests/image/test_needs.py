# SPDX-License-Identifier: Apache-2.0
from typing import Any

import numpy as np
import pytest

from octopus_hw.contract.config import Config
from octopus_hw.contract.errors import InputError
from octopus_hw.image.needs import Needs, needs_of

from .samples import block, chain, task, with_rows, workflow, workload

SPAWN = workflow(
    [block("s", "spawn", count=2, join="j"), block("j", "join", of="s"), block("z", "end")], ["s j 4", "j z"]
)


def needs(words: int, owg: dict[str, Any], config: Config) -> Needs:
    return needs_of(with_rows(workload({"owg": owg, "instances": 1}), np.zeros((2, words), np.uint32)), config)


@pytest.mark.parametrize("owg", [chain(task("a")), SPAWN, workflow([block("z", "end")], [])])
def test_rows_fit_a_buffer_whoever_takes_them(owg: dict[str, Any]) -> None:
    assert needs(128, owg, Config()).homes[0].store >= 128
    assert needs(129, owg, Config(buffer_words=129))
    with pytest.raises(InputError) as caught:
        needs(129, owg, Config())
    message = "rows of 129 words, but a buffer has 128; shorten them or raise buffer_words"
    assert str(caught.value) == f"sample.json: streams[0].inputs: {message}"


def test_no_row_is_longer_than_a_row_of_the_host_can_be() -> None:
    """A host's words behind a ROW must not be so many zeros that a RESET behind them counts (docs/host.md)."""
    roomy = Config(buffer_words=16383, store_words=1 << 18)
    assert needs(4095, SPAWN, roomy)
    with pytest.raises(InputError, match="rows of 4096 words, but 4095 are the most"):
        needs(4096, SPAWN, roomy)
