# SPDX-License-Identifier: Apache-2.0
"""Every buffer and table as small as it may be: one place, one slot, one PEA, and tables full to the last row."""

from dataclasses import replace
from pathlib import Path

import pytest

from octopus_hw.contract.strategies import STRATEGIES
from octopus_hw.image.needs import needs_of
from octopus_hw.owg.load import load_workload
from octopus_hw.owg.workload import resolve

from .rig import SMALLEST, rig

WORKLOAD = Path(__file__).parents[2] / "examples" / "face_recognition.workload.json"


@pytest.mark.slow
def test_full_tables() -> None:
    workload = load_workload(WORKLOAD)
    needed = needs_of(workload, SMALLEST, resolve(workload, 2, 1)).by_key
    config = replace(SMALLEST, buffer_words=64, owner_entries=4, **needed)
    with rig(2, 1, config) as engines:
        for strategy in STRATEGIES:
            engines.agree(engines.compile(workload, strategy))
