# SPDX-License-Identifier: Apache-2.0
"""Tables of a compiled image, as the kernels read them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract.codes import Kind
from octopus_hw.image.image import Image
from octopus_sim.model import state as st

__all__ = ["converted", "flows", "heads", "holders", "inputs", "library", "reports", "streams"]

#: Words of a quad, and the fields of a flow row that are stored in quads.
_QUAD = 4
_IN_QUADS = ("begin", "step", "room")


def converted(rows: NDArray[Any], dtype: np.dtype) -> NDArray[np.void]:
    """Return rows with the fields of a state's record; at least one."""
    result = np.zeros(max(1, len(rows)), dtype)
    for name in dtype.names or ():
        result[name][: len(rows)] = rows[name]
    return result


def flows(image: Image) -> NDArray[np.void]:
    """Rows of the flow table, all of them in words."""
    result = converted(image.flows, st.FLOW)
    for name in _IN_QUADS:
        result[name] *= _QUAD
    return result


def heads(image: Image) -> NDArray[np.void]:
    """Owners' heads of all regions, one after the other, with bases into all their owners."""
    blocks = len(image.libraries[0].table)
    result = np.zeros(max(1, len(image.own_heads) * blocks), st.HEAD)
    base = 0
    for region, heads in enumerate(image.own_heads):
        part = result[region * blocks : region * blocks + len(heads)]
        part["base"] = heads["base"] + base
        part["count"] = heads["count"]
        base += len(image.owners[region])
    return result


def library(image: Image) -> NDArray[np.void]:
    """Words and log2 of `parallel` of each block's configuration, the same in all tiles."""
    table = image.libraries[0].table
    result = np.zeros(len(table), st.LIBRARY)
    result["words"], result["parallel"] = table["words"], table["parallel"]
    return result


def holders(image: Image) -> NDArray[np.void]:
    """Who has each block's configuration, from a region's first tile on; of all shapes, one after the other."""
    return converted(np.concatenate([library.holders for library in image.libraries]), st.PLACED)


def inputs(image: Image) -> NDArray[np.void]:
    """How many words the host sends each instance; at least one row."""
    result = np.zeros(max(1, len(image.inputs)), st.INPUT)
    for row, its in zip(result, image.inputs, strict=False):
        row["first"], row["instances"], row["words"] = its.first, its.instances, its.rows.shape[1]
    return result


def reports(image: Image) -> bool:
    """Whether results go to the host."""
    return bool(image.flows["keep"][image.flows["kind"] == Kind.END].any())


def streams(image: Image) -> tuple[NDArray[np.void], NDArray[np.void]]:
    """Streams and instance lists of all tiles."""
    width = image.stream_mask + 1
    result = np.zeros(len(image.tiles) * width, st.STREAM)
    lists = []
    base = 0
    for number, tile in enumerate(image.tiles):
        rows = result[number * width : number * width + len(tile.streams)]
        for name in ("first", "count", "entry", "slot", "slots", "rows"):
            rows[name] = tile.streams[name][: len(rows)]
        rows["first"] += base
        rows["free"] = rows["slots"]
        lists.append(converted(tile.list, st.ENTRY)[: len(tile.list)])
        base += len(tile.list)
    return result, np.concatenate([*lists, np.zeros(1 if base == 0 else 0, st.ENTRY)])
