# SPDX-License-Identifier: Apache-2.0
"""A plugin for pytest that keeps account of proofs, in whichever process they are tried: for ``measure proofs``."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from octopus_hw.contract.config import Config
from octopus_sim import formal, toolchain
from octopus_sim.formal import Attempt

__all__ = ["PROOFS", "row"]

#: The user property under which a test's proofs are reported.
PROOFS = "proofs"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add an option of the plugin's own."""
    parser.addoption("--proof-cache", default="", help="where proofs are kept instead of the checkout's cache")


def pytest_configure(config: pytest.Config) -> None:
    """Keep proofs elsewhere, if that is wanted."""
    directory = config.getoption("--proof-cache")
    if directory:
        toolchain.cache_directory = lambda: Path(directory)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Report what a test tries to prove with its result."""
    attempts: list[Attempt] = []

    def watch(attempt: Attempt) -> None:
        attempts.append(attempt)

    formal.watchers.append(watch)
    try:
        return (yield)
    finally:
        formal.watchers.remove(watch)
        item.user_properties.append((PROOFS, [row(attempt) for attempt in attempts]))


def row(attempt: Attempt) -> dict[str, Any]:
    """Describe an attempt in numbers and texts."""
    harness = attempt.harness
    paragraph = (type(harness).__doc__ or type(harness).__name__).split("\n\n")[0]
    return {
        "property": " ".join(paragraph.split()),
        "units": list(attempt.units),
        "sizes": ", ".join(_sizes(harness)),
        "mode": attempt.mode,
        "depth": attempt.depth,
        "holds": attempt.holds,
        "cached": attempt.cached,
        "seconds": round(attempt.seconds, 2),
        "cpu": round(attempt.cpu, 2),
    }


def _sizes(harness: object) -> list[str]:
    """Name the arguments that the harness was made with."""
    texts = []
    for name, value in vars(harness).items():
        if isinstance(value, Config):
            default = Config()
            texts += [f"{key} {own}" for key, own in vars(value).items() if own != getattr(default, key)]
        elif not name.startswith("_") and isinstance(value, bool):
            texts += [name] if value else []
        elif not name.startswith("_") and isinstance(value, int | str) and value != "":
            texts.append(f"{name} {value}")
    return texts
