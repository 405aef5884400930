# SPDX-License-Identifier: Apache-2.0
"""A field is added to the token in one place: whatever packs, unpacks or counts flits follows.

In a copy of the sources one line is added to the token's description. The copy's own tests of packets must hold, and
model and RTL must agree on every event, later than without the field, since packets are longer.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow  # it compiles the model once more

ROOT = Path(__file__).parents[2]
LAST = '            Field("weight", WEIGHT, "in a TBU: profiled work of the invocation"),\n'
ADDED = '            Field("added", 40),\n'


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources with a wider token."""
    folder = tmp_path_factory.mktemp("wider")
    for name in ("octopus_hw", "sim", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    layout = folder / "octopus_hw/contract/layouts.py"
    text = layout.read_text(encoding="utf-8")
    assert text.count(LAST) == 1
    layout.write_text(text.replace(LAST, LAST + ADDED), encoding="utf-8")
    return folder


def run(root: Path, *arguments: str) -> str:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (root, root / "sim")))}
    done = subprocess.run([sys.executable, *arguments], cwd=root, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def told(root: Path) -> Any:
    return json.loads(run(root, "tests/contract/wider.py"))


def test_packets_carry_it(copy: Path) -> None:
    tests = ["tests/noc/test_sender.py", "tests/noc/test_receiver.py"]
    assert " passed" in run(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests)


def test_model_and_rtl_agree_on_every_event_of_longer_packets(copy: Path) -> None:
    usual, wider = told(ROOT), told(copy)
    assert (usual["words"], wider["words"]) == (5, 6)
    for result in (usual, wider):
        assert result["difference"] is None and result["errors"] == 0 and result["moves"] > 0
    assert wider["events"] == usual["events"] and wider["end"] > usual["end"]
