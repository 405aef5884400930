# SPDX-License-Identifier: Apache-2.0
"""The contract's layouts as Amaranth's: shapes of signals, ports and memories, with a typed view of each field."""

from functools import cache
from typing import Any

from amaranth.lib import data

from octopus_hw.contract.bits import Layout

__all__ = ["struct"]


@cache
def struct(description: Layout) -> Any:
    """Return the `data.Struct` with a layout's fields, the same one each time; `description` is the layout itself."""
    shapes = {name: struct(shape) if isinstance(shape, Layout) else shape for name, shape, _ in description.fields}
    members = {"__annotations__": shapes, "__doc__": description.doc, "__module__": __name__}
    return type(data.Struct)(description.name, (data.Struct,), members | {"description": description})
