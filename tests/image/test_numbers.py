# SPDX-License-Identifier: Apache-2.0
from typing import Any

import pytest

from octopus_hw.contract.codes import SourceKind
from octopus_hw.contract.config import Config
from octopus_hw.contract.errors import InputError
from octopus_hw.image.compile import Compiled, compile_workload

from .samples import block, chain, compiled, task, workflow, workload


def descriptor(result: Compiled, address: int) -> tuple[SourceKind, int, int]:
    word = int(result.image.numbers[address])
    return SourceKind(word >> 29), word >> 16 & 0x1FFF, word & 0xFFFF


def numbers(result: Compiled, base: int, n: int) -> list[int]:
    return result.image.numbers[base : base + n].tolist()


def test_each_kind_of_source() -> None:
    blocks = [
        task("a", {"quantiles": [3, 5, 9]}, value={"affine": [-1, 2]}),
        task("b", 7),
        block("c", "branch", choose={"thresholds": [4, 2]}),
        block("d", "branch"),
        block("end", "end"),
    ]
    result = compiled(workflow(blocks, ["a b", "b c", "c d", "c end", "d end"]))
    assert descriptor(result, 0) == (SourceKind.QUANTILES, 3, 10) and numbers(result, 10, 3) == [3, 5, 9]
    assert descriptor(result, 1) == (SourceKind.AFFINE, 0, 13) and numbers(result, 13, 2) == [0xFFFFFFFF, 2]
    assert descriptor(result, 2) == (SourceKind.CONST, 0, 7)
    assert descriptor(result, 3) == (SourceKind.VALUE, 0, 0)
    assert descriptor(result, 4) == (SourceKind.THRESHOLDS, 2, 15) and numbers(result, 15, 2) == [4, 2]
    assert descriptor(result, 6) == (SourceKind.CONST, 0, 0)
    assert len(result.image.numbers) == 17


def test_scenes_stand_in_the_order_of_the_stream() -> None:
    source = {"scenes": {"calm": 3, "busy": {"scenes": {"busy": {"quantiles": [1, 2]}, "calm": 8}}}}
    owg = chain(task("a", source))
    result = compiled(owg, instances=5, stream={"scenes": [["busy", 1], ["calm", 2]]})
    kind, n, base = descriptor(result, 0)
    assert (kind, n) == (SourceKind.SCENES, 2)
    assert descriptor(result, base)[:2] == (SourceKind.QUANTILES, 2)
    assert descriptor(result, base + 1) == (SourceKind.CONST, 0, 3)
    assert (result.image.tiles[0].list["variant"] >> 12).tolist() == [0, 1, 1, 0, 1]


def test_without_scenes_the_first_holds() -> None:
    result = compiled(chain(task("a", {"scenes": {"calm": 3, "busy": 4}})))
    assert descriptor(result, 0) == (SourceKind.CONST, 0, 3)


def test_replay_rows_are_the_instance_modulo_all_counts() -> None:
    first = {"replay": [[[1, 2], [3]], [[4]]]}
    second = {"replay": [[[7]], [[8]], [[9]]]}
    result = compiled(chain(task("a", first), task("b", second)), instances=7)
    assert result.image.tiles[0].list["variant"].tolist() == [0, 1, 2, 3, 4, 5, 0]
    for address, recorded in ((0, first["replay"]), (2, second["replay"])):
        kind, _, base = descriptor(result, address)
        assert kind == SourceKind.REPLAY
        for row in range(6):
            _, rounds, by_round = descriptor(result, base + row)
            found = [descriptor(result, by_round + number) for number in range(rounds)]
            assert [numbers(result, at, n) for _, n, at in found] == recorded[row % len(recorded)]


def refused(owg: dict[str, Any], **stream: Any) -> str:
    with pytest.raises(InputError) as caught:
        compile_workload(workload({"owg": owg, "instances": 1, **stream}), 1, 1, Config(), "adaptive")
    return str(caught.value)


def test_refusals() -> None:
    many = [{"replay": [[[1]]] * n} for n in (127, 101)]
    message = refused(chain(task("a", many[0]), task("b", many[1])))
    assert "streams[0].owg" in message and "12827 instances" in message
    assert "8192 numbers in one list" in refused(chain(task("a", {"replay": [[[1] * 8192]]})))
    scenes = {"scenes": {f"s{n}": 1 for n in range(17)}}
    assert "17 scenes" in refused(chain(task("a", scenes)), scenes=[[f"s{n}", 1] for n in range(17)])
    kernel = {"id": "a", "kind": "task", "kernel": "gemm"}
    assert "blocks[0].kernel: task 'a' has a kernel" in refused(chain(kernel))
