# SPDX-License-Identifier: Apache-2.0
"""Random workloads, strategies and dead parts: RTL and model agree on every event."""

import json
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from octopus_hw.config import Config
from octopus_hw.errors import InputError
from octopus_hw.owg.load import workload_from_json
from octopus_hw.strategies import STRATEGIES

from .harness import SMALLEST, Rig, rig
from .workloads import workloads

SLOW_LINKS = Config(link_latency=3, config_slots=2, queue_depth=2, library_region=2)


def check_case(rig: Rig, document: dict[str, Any], strategy: str, dead: list[str]) -> None:
    try:
        compiled = rig.compile(workload_from_json(json.dumps(document)), strategy, dead=dead)
    except InputError as error:
        if "the configuration has" not in str(error):
            raise
        reject()
    rig.agree(compiled)


@st.composite
def dead_parts(draw: Any, columns: int, rows: int, config: Config) -> list[str]:
    """Some parts to disable, never in tile 0,0."""
    if draw(st.integers(0, 3)):
        return []
    tile = draw(st.integers(1, columns * rows - 1))
    place = f"{tile % columns},{tile // columns}"
    tbu, pea = draw(st.integers(0, config.tbus - 1)), draw(st.integers(0, config.peas - 1))
    return draw(st.sampled_from([[place], [f"{place}.{tbu}"], [f"{place}.{tbu}.{pea}"]]))


CASES = [
    pytest.param(2, 2, Config(), 100, id="2x2"),
    pytest.param(3, 2, Config(), 100, id="3x2"),
    pytest.param(2, 2, SMALLEST, 60, id="smallest"),
    pytest.param(2, 2, SLOW_LINKS, 100, id="slow links", marks=pytest.mark.slow),
]


def check_cases(columns: int, rows: int, config: Config, **how: Any) -> None:
    with rig(columns, rows, config) as engines:

        @settings(deadline=None, database=None, suppress_health_check=list(HealthCheck), **how)
        @given(
            document=workloads(columns * rows),
            strategy=st.sampled_from(sorted(STRATEGIES)),
            dead=dead_parts(columns, rows, config),
        )
        def run(document: dict[str, Any], strategy: str, dead: list[str]) -> None:
            check_case(engines, document, strategy, dead)

        run()


@pytest.mark.parametrize(("columns", "rows", "config", "examples"), CASES)
def test_every_event_agrees(columns: int, rows: int, config: Config, examples: int) -> None:
    check_cases(columns, rows, config, max_examples=examples, derandomize=True)


@pytest.mark.slow
def test_soak(request: pytest.FixtureRequest) -> None:
    """As many cases as one asks for: ``pytest -m slow -k soak --cases 5000 --soak-seed 7``."""
    random.seed(request.config.getoption("--soak-seed"))  # what hypothesis draws from, unless told to derandomize
    check_cases(3, 2, Config(), max_examples=request.config.getoption("--cases"))
