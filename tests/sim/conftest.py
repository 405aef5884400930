# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from pathlib import Path

import pytest

from octopus_hw.verilog.export import convert
from octopus_sim.build import Simulation, build
from octopus_sim.session import Session
from tests.verilog.samples import Echo


@pytest.fixture(scope="session")
def echo() -> Simulation:
    return build(convert(Echo(), "octopus").verilog)


@pytest.fixture
def session(echo: Simulation, tmp_path: Path) -> Iterator[Session]:
    with echo.session(tmp_path) as running:
        yield running
