# SPDX-License-Identifier: Apache-2.0
"""Small workloads and how to compile them."""

import itertools
import json
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.config import Config
from octopus_hw.image.compile import Compiled, compile_workload
from octopus_hw.owg import Workload, workload_from_json

ROOMY = Config(
    max_blocks=512, max_flows=1024, home_records=4096, join_records=4096, store_words=16384, buffer_words=511
)


def workload(*streams: dict[str, Any], seed: int = 1) -> Workload:
    document = {"workload": 1, "name": "sample", "seed": seed, "streams": list(streams)}
    return workload_from_json(json.dumps(document), "sample.json")


def workflow(blocks: list[dict[str, Any]], flows: list[Any], entry: str | None = None) -> dict[str, Any]:
    """A workflow; a flow is ``"a b words"`` or an object."""
    full = []
    for flow in flows:
        if isinstance(flow, str):
            source, target, *words = flow.split()
            flow = {"from": source, "to": target, "words": int(words[0]) if words else 0}
        full.append(flow)
    return {"owg": 1, "name": "sample", "blocks": blocks, "entry": entry or blocks[0]["id"], "flows": full}


def task(name: str, cycles: Any = 5, **keys: Any) -> dict[str, Any]:
    return {"id": name, "kind": "task", "cycles": cycles, "config": 2} | keys


def block(name: str, kind: str, **keys: Any) -> dict[str, Any]:
    return {"id": name, "kind": kind} | keys


def chain(*tasks: dict[str, Any], words: int = 0, ended: int | None = None) -> dict[str, Any]:
    """Tasks one after the other, then the end; to this go as many words as to the others, unless one says how many."""
    names = [each["id"] for each in tasks]
    flows = [f"{a} {b} {words}" for a, b in itertools.pairwise(names)]
    last = f"{names[-1]} end {words if ended is None else ended}"
    return workflow([*tasks, block("end", "end")], [*flows, last])


def compiled(owg: dict[str, Any], columns: int = 1, rows: int = 1, strategy: str = "adaptive", **keys: Any) -> Compiled:
    """One stream, by default of one instance, in flight alone; `given` are the rows of words that it starts with."""
    stream = {"owg": owg, "instances": keys.pop("instances", 1), **keys.pop("stream", {})}
    load = with_rows(workload(stream), keys.pop("given", None))
    return compile_workload(load, columns, rows, keys.pop("config", Config()), strategy, **keys)


def with_rows(load: Workload, *rows: NDArray[np.uint32] | None) -> Workload:
    """The same workload with inputs for each of its streams, or None."""
    return replace(load, streams=tuple(replace(s, rows=its) for s, its in zip(load.streams, rows, strict=True)))


def noise(seed: int, *shape: int) -> NDArray[np.uint32]:
    """Words of which each is another."""
    return np.random.default_rng(seed).integers(0, 1 << 32, shape, np.uint32)


def rows(result: Compiled, *names: str) -> list[tuple[int, ...]]:
    """Columns of the flow table."""
    return [tuple(int(row[name]) for name in names) for row in result.image.flows]
