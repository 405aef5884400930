# SPDX-License-Identifier: Apache-2.0
"""Options of the long tests."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cases", type=int, default=200, help="random workloads in the soak (default: 200)")
    parser.addoption("--soak-seed", type=int, default=0, help="where the soak's random workloads start (default: 0)")
