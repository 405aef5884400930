# SPDX-License-Identifier: Apache-2.0
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from octopus_hw.contract.strategies import STRATEGIES
from octopus_sim.engines import ENGINES
from octopus_sim.results import Outcome
from tests.lab.outcome import Octopus

from .conftest import Ideal


def test_equal(octopus: Octopus, tiny: Path, ideal: type[Ideal]) -> None:
    arguments = ("compare", tiny, tiny, "--mesh", "2x2", "--engine", "ideal", "--engine", "ideal")
    assert "is one engine only" in octopus(*arguments).error
    done = octopus("compare", tiny, "--mesh", "2x1", "--engine", "model", "--engine", "model", "--strategy", "naive")
    assert done.status == 2
    late = type("Same", (Ideal,), {"name": "same"})
    ENGINES["same"] = late
    try:
        done = octopus("compare", tiny, "--mesh", "2x2", "--engine", "ideal", "--engine", "same")
        shown = octopus("compare", tiny, "--mesh", "2x2", "--engine", "ideal", "--engine", "same", "--json")
    finally:
        del ENGINES["same"]
    assert done.status == shown.status == 0
    assert [line.split(", ")[1] for line in done.out.splitlines()] == list(STRATEGIES)
    assert "seed 1: 320 events equal, hash 654fd040" in done.out
    report = json.loads(shown.out)
    assert report["equal"] and [run["events"] for run in report["runs"]] == [320] * len(STRATEGIES)


def test_the_first_difference_is_shown_with_its_neighbourhood(octopus: Octopus, tiny: Path, ideal: type[Ideal]) -> None:
    arguments = ("compare", tiny, "--mesh", "1x1", "--engine", "ideal", "--engine", "late", "--strategy", "naive")
    done = octopus(*arguments)
    changed = octopus(*arguments[:-1], "octopus-split", "--strategy", "adaptive+balance", "--json")
    assert [run["strategy"] for run in json.loads(changed.out)["runs"]] == ["octopus-split", "adaptive+balance"]
    assert done.status == changed.status == 1
    lines = done.out.splitlines()
    assert lines[0] == f"{tiny}, naive, seed 1: DIFFERENT"
    assert lines[1].startswith("event 5 of 80 (ideal) and 80 (late): 13  0,0 cbu   retire")
    assert lines[2].split() == "4 0,0 cbu dispatch instance 0 block 0 index 0 round 0".split() or "0,0" in lines[2]
    assert [line for line in lines if line in ("- ideal:", "+ late:")] == ["- ideal:", "+ late:"]
    report = json.loads(octopus(*arguments, "--json").out)
    assert not report["equal"] and report["runs"][0]["differences"][0].startswith("event 5 of 80")


def test_results_are_compared_word_for_word(
    octopus: Octopus, served: Path, told: tuple[Outcome, ...], ideal: type[Ideal], monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = replace(told[1], words=np.array([*told[1].words[:3], 0x1234], np.uint32))
    for name, results in (("right", told), ("wrong", (told[0], wrong, *told[2:]))):
        monkeypatch.setitem(ENGINES, name, type(name, (Ideal,), {"name": name, "results": results}))
    command = ("compare", served, "--mesh", "1x1", "--strategy", "naive", "--engine", "ideal", "--engine")
    done = octopus(*command, "right")
    assert done.status == 0 and done.out.rstrip().endswith(", 4 results as the interpreter says")
    done = octopus(*command, "wrong")
    assert done.status == 1
    what = f"word 3 is 00001234, not {told[1].words[3]:08x}"
    assert f"wrong: 1 of 4 results are wrong, the first: result of instance 1: {what}" in done.out.splitlines()
