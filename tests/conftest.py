# SPDX-License-Identifier: Apache-2.0
"""Options of the long tests; tests that run side by side share the processors."""

import pytest

from octopus_sim.toolchain import share_processors


def pytest_configure(config: pytest.Config) -> None:
    if worker := getattr(config, "workerinput", None):
        share_processors(int(worker["workerid"].removeprefix("gw")), worker["workercount"])


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cases", type=int, default=200, help="the most random cases of a long test (default: 200)")
    parser.addoption("--soak-seed", type=int, default=0, help="where the soak's random workloads start (default: 0)")


@pytest.fixture
def cases(request: pytest.FixtureRequest) -> int:
    """The most random cases of a long test, as many as one asks for."""
    asked: int = request.config.getoption("--cases")
    return asked
