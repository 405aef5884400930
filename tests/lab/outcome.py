# SPDX-License-Identifier: Apache-2.0
"""Commands run in this process, and what they leave behind."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
#: For processes that are to run what is tested, installed or not.
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "sim")))}

TINY: dict[str, Any] = {
    "owg": 1,
    "name": "tiny",
    "blocks": [{"id": "a", "kind": "task", "cycles": 5, "config": 2}, {"id": "end", "kind": "end"}],
    "entry": "a",
    "flows": [{"from": "a", "to": "end"}],
}


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The one line that tells what is wrong."""
        assert self.status == 2 and not self.out
        assert self.err.startswith("error: ") and self.err.count("\n") == 1
        return self.err.removeprefix("error: ").rstrip("\n")


#: Runs a command.
Octopus = Callable[..., Outcome]
