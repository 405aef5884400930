# SPDX-License-Identifier: Apache-2.0
"""Links that stall, deeper buffers and two virtual channels of data links: RTL and model agree on every event.

All of them at once are what the quick tests on 3x2 run with (`rig.WIDE`).
"""

from dataclasses import replace

import pytest

from octopus_hw.contract.config import Config

from .test_random import check_cases

FABRICS = {
    "channels": {"data_vcs": 2},
    "buffers": {"data_buffer": 16},
    "stalls": {"link_stalls": 4},
    "all": {"data_vcs": 2, "data_buffer": 16, "link_stalls": 3},
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mesh", "fabric"), [((3, 3), "channels"), ((2, 2), "buffers"), ((2, 2), "stalls"), ((3, 3), "all")]
)
def test_every_event_agrees(mesh: tuple[int, int], fabric: str) -> None:
    config = replace(Config(tbus=2, peas=2), **FABRICS[fabric])
    seen = check_cases(*mesh, config, max_examples=100, derandomize=True)
    assert seen["moves"] and seen["grants used"]
