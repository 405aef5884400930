# SPDX-License-Identifier: Apache-2.0
import dataclasses
from typing import Any

import pytest

from octopus_hw.contract.config import Config
from octopus_hw.contract.errors import InputError
from octopus_hw.image.compile import compile_workload

from .samples import block, chain, compiled, task, workflow, workload

FORKED = workflow(
    [task("a"), task("b"), task("c"), block("j", "join", of="all"), block("end", "end")],
    ["a b 4", "a c 4", "b j 4", "c j 4", "j end"],
)
PLENTY = Config(max_blocks=5, max_flows=6, max_streams=1, number_words=10)


def refused(owg: dict[str, Any], strategy: str = "naive", stream: dict[str, Any] | None = None, **sizes: int) -> str:
    with pytest.raises(InputError) as caught:
        compiled(owg, strategy=strategy, config=Config(**sizes), instances=9, stream=stream or {})
    text = str(caught.value)
    assert "\n" not in text
    return text


@pytest.mark.parametrize(
    ("key", "needed", "available"),
    [
        ("max_blocks", 5, 4),
        ("max_flows", 6, 5),
        ("number_words", 10, 9),
        ("max_instances", 4, 3),
        ("home_records", 12, 11),
        ("join_records", 4, 3),
        ("store_words", 76, 75),
        ("list_depth", 9, 8),
        ("owner_entries", 4, 3),
    ],
)
def test_what_does_not_fit_names_the_key_to_raise(key: str, needed: int, available: int) -> None:
    assert compiled(FORKED, instances=9, strategy="naive", config=Config(**{key: needed}))
    message = refused(FORKED, **{key: available})
    assert message.startswith(f"sample.json: needs {needed} ")
    assert f"has {available} ({key})" in message and message.endswith(f"raise {key} to {needed}")


def test_too_many_streams() -> None:
    stream = {"owg": chain(task("a")), "instances": 1}
    with pytest.raises(InputError, match=r"needs 2 streams.* raise max_streams to 2"):
        compile_workload(workload(stream, stream), 1, 1, Config(max_streams=1), "naive")


def test_a_key_at_its_end_cannot_be_raised() -> None:
    owg = chain(task("a"))
    message = refused(owg, stream={"window": 100, "instances": 100})
    assert "max_instances can be at most 64: make the workload smaller" in message


def test_the_smallest_configuration_that_holds_the_workload_is_enough() -> None:
    sizes = dataclasses.asdict(PLENTY) | {"max_instances": 4, "home_records": 12, "join_records": 4, "store_words": 76}
    assert compiled(FORKED, instances=9, config=Config(**sizes))


def test_a_flow_larger_than_a_buffer() -> None:
    message = refused(chain(task("a"), task("b"), words=200))
    assert message == (
        "sample.json: streams[0].owg.flows[0].words: 200 words, but a buffer has 128; send fewer or raise buffer_words"
    )


def test_a_result_for_the_host_larger_than_a_buffer() -> None:
    owg = workflow([block("f", "fork"), block("end", "end")], ["f end 129"])
    assert refused(owg) == (
        "sample.json: streams[0].owg.flows[0].words: 129 words, but a buffer has 128; send fewer or raise buffer_words"
    )
    assert compiled(owg, config=Config(buffer_words=129))


def test_what_goes_home_may_be_larger_than_a_buffer() -> None:
    owg = workflow(
        [block("s", "spawn", count=2, join="j"), block("j", "join", of="s"), block("end", "end")], ["s j 4", "j end"]
    )
    assert compiled(owg, config=Config(buffer_words=3))


def test_a_result_longer_than_a_buffer() -> None:
    flow = {"from": "a", "to": "b", "words": 4, "first": 128}
    owg = workflow([task("a"), task("b"), block("end", "end")], [flow, "b end"])
    message = "132 words of its result are taken, but a buffer has 128; take fewer or raise buffer_words"
    assert refused(owg) == f"sample.json: streams[0].owg.blocks[0]: {message}"
    assert compiled(owg, config=Config(buffer_words=132))


def test_a_slice_where_no_data_can_be() -> None:
    blocks = [block("s", "spawn", count=1, join="j"), block("j", "join", of="s"), block("end", "end")]
    for key in ("first", "stride"):
        owg = workflow(blocks, [{"from": "s", "to": "j", "words": 4, key: 512}, "j end"])
        message = "512 is more than 508, up to where data are addressed; give less or raise store_words"
        assert refused(owg, store_words=500) == f"sample.json: streams[0].owg.flows[0].{key}: {message}"
        assert compiled(owg, config=Config(store_words=512))


def test_a_configuration_longer_than_the_longest() -> None:
    message = "512 words of configuration, but the longest has 511; give fewer or raise config_words"
    owg = chain(task("a", config=512))
    assert refused(owg) == f"sample.json: streams[0].owg.blocks[0].config: {message}"
    assert compiled(owg, config=Config(config_words=512))


def test_an_adaptive_run_needs_no_owners() -> None:
    assert compiled(FORKED, config=Config(owner_entries=1))


@pytest.mark.parametrize(("columns", "rows"), [(0, 2), (2, 0), (129, 1)])
def test_meshes_that_cannot_be(columns: int, rows: int) -> None:
    with pytest.raises(InputError, match=rf"--mesh: {columns}x{rows}: give 1 to 128"):
        compiled(chain(task("a")), columns, rows)


def test_an_unknown_strategy() -> None:
    with pytest.raises(InputError, match="--strategy: profile: is not known; did you mean 'profiled'"):
        compiled(chain(task("a")), strategy="profile")


def test_an_arrival_that_cannot_be_counted() -> None:
    with pytest.raises(InputError, match=r"streams\[0\]\.period: instance 2 is due in cycle 8589934590"):
        compiled(chain(task("a")), instances=3, stream={"period": (1 << 32) - 1})
