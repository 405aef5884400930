# SPDX-License-Identifier: Apache-2.0
import pytest

from octopus_sim.engines import ENGINES
from tests.lab.bench.samples import Ideal, Late


@pytest.fixture(autouse=True)
def engines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the engines of the harness known; nothing has run on them yet."""
    monkeypatch.setitem(ENGINES, "ideal", Ideal)
    monkeypatch.setitem(ENGINES, "late", Late)
    monkeypatch.setattr(Ideal, "runs", [])
