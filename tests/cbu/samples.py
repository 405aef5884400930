# SPDX-License-Identifier: Apache-2.0
"""Compiled workloads for tests of the CBU."""

import random
from collections.abc import Collection
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.codes import Kind, Pool
from octopus_hw.contract.config import Config
from octopus_hw.image.compile import compile_workload
from octopus_hw.image.image import Image, Inputs, TileImage
from tests.image.samples import workload
from tests.owg.samples import well_formed

#: Small enough that queues fill and places run out.
SMALL = Config(
    tbus=2, peas=1, queue_depth=2, max_blocks=64, max_flows=128, max_streams=4, max_instances=8, list_depth=64,
    home_records=2048, join_records=1024, number_words=512, owner_entries=32, store_words=16384, retry_period=8,
)  # fmt: skip


#: With those that can be switched alone, so that every way to choose, to move and to count is met.
STRATEGIES = ("naive", "adaptive", "octopus", "octopus-early", "octopus+announce", "reactive", "naive+balance")


def random_image(seed: int, strategy: str | None = None, columns: int = 2, rows: int = 1) -> Image:
    """One or two random workflows on a mesh."""
    rng = random.Random(seed)
    streams = []
    for _ in range(rng.choice([1, 1, 2])):
        owg = well_formed(rng.randint, size=rng.randint(3, 14), slices=True)
        owg["blocks"] = [b | ({"config": 2} if b["kind"] == "task" else {}) for b in owg["blocks"]]
        streams.append({"owg": owg, "instances": rng.randint(2, 6), "window": rng.randint(1, 3)})
    chosen = strategy or rng.choice(STRATEGIES)
    dead = rng.choice([["0,0.1"], ["0,0.0.0"], []]) if columns > 1 and rng.random() < 0.5 else []
    loaded = workload(*streams, seed=rng.randrange(1 << 32))
    config = replace(SMALL, tbus=rng.choice([2, 3]), peas=rng.choice([1, 2, 3]), queue_depth=rng.choice([2, 3, 4]))
    image = compile_workload(loaded, columns, rows, config, chosen, dead=dead).image
    return scheduled_at_random(image, rng) if chosen.startswith("octopus") else image


def scheduled_at_random(image: Image, rng: random.Random) -> Image:
    """Give every flow into a task some weight, pool and pinned_tbu."""
    flows = image.flows.copy()
    tasks = flows["kind"] == Kind.TASK
    for name, values in (("weight", 16), ("pool", len(Pool)), ("pinned_tbu", image.config.tbus)):
        flows[name][tasks] = rng.choices(range(values), k=int(tasks.sum()))
    spawns = flows["kind"] == Kind.SPAWN
    flows["weight"][spawns] = flows["weight"][flows["next"][spawns]]
    return replace(image, flows=flows)


def hosted(image: Image, rng: random.Random, streams: Collection[int] = range(99)) -> Image:
    """Let these streams' instances get rows from the host, and every end report."""
    tiles = tuple(replace(tile, streams=tile.streams.copy()) for tile in image.tiles)
    inputs = []
    for stream in range(image.stream_mask + 1):
        listed = np.concatenate([instances_of(tile, stream) for tile in tiles])
        if stream in streams and len(listed):
            for tile in tiles:
                tile.streams["rows"][stream : stream + 1] = 1
            rows = np.zeros((3, rng.randrange(20)), np.uint32)
            inputs.append(Inputs(first=int(listed.min()), instances=int(np.ptp(listed)) + 1, rows=rows))
    flows = image.flows.copy()
    ends = flows["kind"] == Kind.END
    flows["keep"][ends] = 1
    flows["words"][ends] = rng.choices(range(30), k=int(ends.sum()))
    return replace(image, tiles=tiles, inputs=tuple(inputs), flows=flows)


def instances_of(tile: TileImage, stream: int) -> NDArray[np.uint32]:
    """The instances that a tile injects of a stream, if there is one."""
    first, count = (tile.streams[name][stream : stream + 1].sum() for name in ("first", "count"))
    listed: NDArray[np.uint32] = tile.list["instance"][first : first + count]
    return listed
