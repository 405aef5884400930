# SPDX-License-Identifier: Apache-2.0
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from octopus_hw.contract.codes import Message
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import HostWord
from octopus_hw.image.compile import Compiled, compile_workload
from octopus_hw.owg.load import workload_from_json
from octopus_hw.owg.measures import executions
from octopus_sim.results import (
    Outcome,
    interpreted,
    is_served,
    reporting,
    result_count,
    result_differences,
    results_of,
    write_results,
)

RESULT, ROW, DONE = (HostWord.pack(message=message) for message in (Message.RESULT, Message.ROW, Message.DONE))


def outcome(instance: int, value: int, *words: int) -> Outcome:
    return Outcome(instance=instance, value=value, words=np.array(words, np.uint32))


def workflow(words: int) -> dict[str, Any]:
    """A branch, one alternative of which is a spawn; the other leads to the end with so many words."""
    return {
        "owg": 1,
        "name": f"w{words}",
        "blocks": [
            {"id": "either", "kind": "branch", "choose": {"quantiles": [0, 1]}},
            {"id": "each", "kind": "spawn", "count": 3, "join": "all_of_them"},
            {"id": "child", "kind": "task", "cycles": 5},
            {"id": "all_of_them", "kind": "join", "of": "each"},
            {"id": "single", "kind": "task", "cycles": 7},
            {"id": "done", "kind": "end"},
        ],
        "entry": "either",
        "flows": [
            {"from": "either", "to": "each"},
            {"from": "either", "to": "single"},
            {"from": "each", "to": "child"},
            {"from": "child", "to": "all_of_them"},
            {"from": "all_of_them", "to": "done"},
            {"from": "single", "to": "done", "words": words},
        ],
    }


def compiled(*words: int) -> Compiled:
    """Streams of 3, 4, ... instances of such workflows."""
    streams = [{"owg": workflow(count), "instances": 3 + number} for number, count in enumerate(words)]
    workload = workload_from_json(json.dumps({"workload": 1, "name": "w", "streams": streams}))
    return compile_workload(workload, 2, 1, Config(), "adaptive")


def test_which_streams_report() -> None:
    image = compiled(0, 2, 0).image
    assert reporting(image)[:3] == (False, True, False)
    assert result_count(image) == 4 and is_served(image)
    assert not is_served(compiled(0, 0).image) and result_count(compiled(0).image) == 0


def test_results_among_other_words() -> None:
    words = [RESULT, 7, 300 | 2 << 16, 5, 0xFFFFFFFF, ROW, 9, DONE, 8, RESULT, 2, 4, RESULT, 3, 1 << 16, 6, RESULT, 11]
    told = [(one.instance, one.value, one.words.tolist()) for one in results_of(words)]
    assert told == [(2, 4, []), (3, 0, [6]), (7, 300, [5, 0xFFFFFFFF])]


def test_the_interpreter_says_what_there_should_be() -> None:
    what = compiled(2)
    assert list(interpreted(executions(what.resolved))) == []
    told = list(interpreted(executions(what.resolved, words=True)))
    assert [one.instance for one in told] == [0, 1, 2] and {len(one.words) for one in told} <= {0, 2}


@pytest.mark.parametrize(
    ("came", "differences"),
    [
        ([outcome(1, 5, 1, 2), outcome(4, 6)], []),
        ([outcome(1, 7, 1, 2), outcome(4, 6)], ["result of instance 1: value 7, not 5"]),
        ([outcome(1, 5, 1, 3), outcome(4, 6)], ["result of instance 1: word 1 is 00000003, not 00000002"]),
        ([outcome(1, 5, 1), outcome(4, 6)], ["result of instance 1: 1 words, not 2"]),
        ([outcome(4, 6)], ["result of instance 1: did not come"]),
        ([outcome(1, 5, 1, 2), outcome(4, 6), outcome(4, 6)], ["result of instance 4: came twice"]),
        (
            [outcome(1, 5, 1, 2), outcome(2, 0), outcome(4, 6)],
            ["result of instance 2: came and is none of the workload"],
        ),
    ],
)
def test_what_is_wrong_with_results(came: list[Outcome], differences: list[str]) -> None:
    assert result_differences(came, [outcome(1, 5, 1, 2), outcome(4, 6)]) == differences


@pytest.mark.parametrize("rows", [[outcome(3, 9, 1, 2, 3), outcome(5, 65535), outcome(6, 0, 2**32 - 1)], []])
def test_the_file_has_a_row_for_each_filled_up_with_0(rows: list[Outcome], tmp_path: Path) -> None:
    write_results(tmp_path / "r.npz", rows)
    with np.load(tmp_path / "r.npz", allow_pickle=False) as file:
        assert sorted(file) == ["instance", "value", "words"]
        assert file["instance"].tolist() == [row.instance for row in rows]
        assert file["value"].tolist() == [row.value for row in rows]
        assert file["words"].tolist() == ([[1, 2, 3], [0] * 3, [2**32 - 1, 0, 0]] if rows else [])
        assert (file["words"].dtype, file["value"].dtype) == (np.uint32, np.uint16)
