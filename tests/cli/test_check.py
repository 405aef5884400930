# SPDX-License-Identifier: Apache-2.0
import json
from collections.abc import Callable
from pathlib import Path

from .conftest import TINY, Outcome

Octopus = Callable[..., Outcome]


def test_says_what_a_workflow_is_and_needs(octopus: Octopus, tiny: Path) -> None:
    done = octopus("check", tiny)
    assert (done.status, done.err) == (0, "")
    for line in (
        f"{tiny}: workload 'tiny', streams: 1",
        "    blocks 2 (tasks 1), flows 1",
        "    work 5 cycles, longest chain 5 cycles",
        "    at home, per instance: records 2, join records 0, words 0",
        "    a     1           5       steady",
    ):
        assert line in done.out.splitlines()
    needs = [line.split(maxsplit=3) for line in done.out.splitlines()]
    assert ["home_records", "8", "1024", "records at one tile"] in needs
    assert "list_depth" not in done.out
    assert "list_depth" in octopus("check", tiny, "--mesh", "2x1").out


def test_goes_on_after_a_file_that_is_wrong(octopus: Octopus, tiny: Path) -> None:
    done = octopus("check", "nofile", tiny, "--json")
    assert done.status == 2 and done.err == "error: nofile: no such file; check the path\n"
    wrong, right = json.loads(done.out)["files"]
    assert wrong == {"file": "nofile", "error": "nofile: no such file; check the path"}
    assert right["needs"]["max_blocks"] == {"needed": 2, "available": 256}
    assert right["streams"][0]["profile"][0]["dynamics"] == "steady"


def test_what_does_not_fit_is_wrong(octopus: Octopus, tiny: Path) -> None:
    assert "raise home_records to 8" in octopus("check", tiny, "--set", "home_records=7").error


def test_weights_say_how_many_tiles(octopus: Octopus, tmp_path: Path) -> None:
    stream = {"owg": TINY, "instances": 6, "homes": {"weights": [1, 2, 3]}}
    path = tmp_path / "weights.workload.json"
    path.write_text(json.dumps({"workload": 1, "name": "w", "streams": [stream]}))
    assert octopus("check", path).status == 0
    assert "3 weights for 4 tiles" in octopus("check", path, "--mesh", "2x2").error


def test_examples_fit_the_default_configuration(octopus: Octopus) -> None:
    assert octopus("check", *sorted(Path("examples").glob("*.json")), "--mesh", "2x2").status == 0
