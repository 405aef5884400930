# SPDX-License-Identifier: Apache-2.0
"""The type checker knows the engine's parts and registers, and the ports of components."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

WRONG = """
from octopus_hw.cbu.engine import TokenEngine
from octopus_hw.noc.sender import Sender
from octopus_hw.tbu.tbu import Tbu


def state(e: TokenEngine, sender: Sender, tbu: Tbu) -> None:
    e.kept, e.joins.address, e.cbu.asked, sender.release, sender.tx, tbu.counters, tbu.config.tbus
    e.adress
    e.join.address
    e.joins.adress
    e.holders.to_raedy
    e.cbu.askde
    e.joins = e.joins
    sender.relaese
    tbu.config.tubs
    tbu.countres
"""


def test_a_misspelt_part_register_or_port_is_an_error(tmp_path: Path) -> None:
    source = tmp_path / "wrong.py"
    source.write_text(WRONG)
    command = [sys.executable, "-m", "mypy", "--config-file", "pyproject.toml", "--no-pretty", str(source)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    found = re.findall(r"wrong.py:(\d+): error: ([^;\[]*[^;\[ ])", done.stdout)
    assert found == [
        ("9", '"TokenEngine" has no attribute "adress"'),
        ("10", '"TokenEngine" has no attribute "join"'),
        ("11", '"JoinTable" has no attribute "adress"'),
        ("12", '"Holders" has no attribute "to_raedy"'),
        ("13", '"Cbu" has no attribute "askde"'),
        ("14", 'Property "joins" defined in "Parts" is read-only'),
        ("15", '"Sender" has no attribute "relaese"'),
        ("16", '"Config" has no attribute "tubs"'),
        ("17", '"Tbu" has no attribute "countres"'),
    ], done.stdout + done.stderr
