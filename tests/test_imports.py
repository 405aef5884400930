# SPDX-License-Identifier: Apache-2.0
"""Who imports whom has one direction, between the packages and between the folders of hardware."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from octopus_hw.sources import HARDWARE

ROOT = Path(__file__).parents[1]
HW, SIM, LAB = (ROOT / path for path in ("octopus_hw", "sim/octopus_sim", "sim/octopus_lab"))


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, at the top or within a function, with the names taken from it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def offences(folder: Path, *forbidden: str) -> list[str]:
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sorted(folder.rglob("*.py"))
        for name in imports(path)
        if any(f"{name}.".startswith(f"{prefix}.") for prefix in forbidden)
    ]


def test_hardware_knows_no_simulation_and_simulation_no_laboratory() -> None:
    assert offences(HW, "octopus_sim", "octopus_lab") == []
    assert offences(SIM, "octopus_lab") == []


def test_an_import_against_the_direction_is_found() -> None:
    assert offences(LAB / "cli", "octopus_sim")


@pytest.mark.parametrize("folder", HARDWARE)
def test_hardware_folders_import_those_before_them(folder: str) -> None:
    before = HARDWARE[: HARDWARE.index(folder) + 1]
    others = sorted({path.name for path in HW.iterdir()} - set(before))
    assert offences(HW / folder, *(f"octopus_hw.{other}" for other in others)) == []


def test_software_of_the_hardware_package_uses_the_contract_alone() -> None:
    beyond = [f"octopus_hw.{folder}" for folder in HARDWARE if folder != "contract"]
    for folder in ("schema", "owg", "image", "importers", "suites"):
        assert offences(HW / folder, *beyond) == []


def test_reference_model_and_hardware_share_no_cycle_logic() -> None:
    """Each is written from the timing page; what a reference imports is encodings, images and the draw hash."""
    hardware = [f"octopus_hw.{folder}" for folder in HARDWARE if folder not in ("contract", "interfaces")]
    assert offences(SIM / "model", *hardware, "octopus_sim.reference") == []
    assert offences(HW, "octopus_sim.reference") == []
    allowed = ("octopus_hw.contract", "octopus_hw.image.image", "octopus_hw.owg.draw", "octopus_sim.reference")
    for path in sorted((SIM / "reference").rglob("*.py")):
        for name in imports(path):
            if name.startswith("octopus"):
                assert any(f"{name}.".startswith(f"{prefix}.") for prefix in allowed), f"{path.name} imports {name}"
