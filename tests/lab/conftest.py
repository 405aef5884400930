# SPDX-License-Identifier: Apache-2.0
import json
from pathlib import Path

import pytest

from octopus_lab.cli import main
from tests.lab.outcome import TINY, Octopus, Outcome


@pytest.fixture
def octopus(capsys: pytest.CaptureFixture[str]) -> Octopus:
    def run(*arguments: object) -> Outcome:
        status = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Outcome(status, captured.out, captured.err)

    return run


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.owg.json"
    path.write_text(json.dumps(TINY))
    return path
