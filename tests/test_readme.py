# SPDX-License-Identifier: Apache-2.0
"""The README's samples are run."""

import re
from pathlib import Path

from octopus_hw.owg import Workflow, workflow_from_json

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def sample(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found
    return found.group(1)


def test_file_and_builder_make_the_same_workflow() -> None:
    names: dict[str, object] = {}
    exec(sample("python"), names)
    assert isinstance(names["workflow"], Workflow)
    assert workflow_from_json(sample("json")) == names["workflow"]
