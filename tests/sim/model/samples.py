# SPDX-License-Identifier: Apache-2.0
"""Images made by hand: tables written row by row, without the compiler."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octopus_hw.contract import layout
from octopus_hw.contract.bits import Layout
from octopus_hw.contract.codes import Event, Kind, SourceKind
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.image.image import Image, Inputs, Library, TileImage, row_type
from octopus_sim.events import unit_text

NAMES = {int(event): event.name.lower() for event in Event}


def rows(kind: Layout, items: list[dict[str, int]]) -> NDArray[np.void]:
    """Rows of a table from their fields; those left out are 0."""
    result = np.zeros(len(items), row_type(kind))
    for number, item in enumerate(items):
        for name, value in item.items():
            result[name][number] = value
    return result


def source(kind: SourceKind, base: int = 0, n: int = 0) -> int:
    return int(kind) << 29 | n << 16 | base


#: The mechanism bits, by whether there are owners.
MODES = {
    "static": dict.fromkeys(layout.Mode.spans, 0) | {"static": 1, "affinity": 1},
    "adaptive": dict.fromkeys(layout.Mode.spans, 0) | {"adaptive": 1, "affinity": 1, "prefetch": 1},
}

VALUE = source(SourceKind.VALUE)


def numbers(blocks: dict[int, tuple[int, int]], count: int, *more: int) -> NDArray[np.uint32]:
    """A number table: field 0 and 1 of some blocks, then `more` from word 2 * count on."""
    words = [word for block in range(count) for word in blocks.get(block, (0, VALUE))]
    return np.array([*words, *(word & 0xFFFFFFFF for word in more)], np.uint32)


def image(
    flows: list[dict[str, int]],
    number_table: NDArray[np.uint32],
    columns: int = 1,
    rows_: int = 1,
    *,
    config: Config | None = None,
    lists: dict[tuple[int, int], list[dict[str, int]]] | None = None,
    slots: int = 4,
    space: dict[str, int] | None = None,
    owners: list[list[tuple[int, int, int]]] | None = None,
    words: int = 2,
    **keys: Any,
) -> Image:
    """One stream that enters by the last row of `flows`.

    Parameters
    ----------
    flows, number_table
        Tables.
    lists
        By home tile: its instances; by default one instance, 0, at tile 0,0.
    space
        Records, joins and data words of a slot.
    owners
        By block: its owners (x, y, tbu); static if given.
    words
        Words of every block's configuration.
    keys
        ``mode`` and ``balance``: fields that differ from `MODES` and the defaults; ``parallel``: by block, its
        logarithm; ``dead``: by tile; ``seed``.
    """
    lists = {(0, 0): [{"instance": 0}]} if lists is None else lists
    space = {"record": 40, "join": 40, "data": 0} | (space or {})
    config = config or Config()
    widths = layouts(config)
    blocks = 1 + max(flow["dest"] for flow in flows)
    tiles = []
    for y in range(rows_):
        for x in range(columns):
            entries = lists.get((x, y), [])
            stream = {"first": 0, "count": len(entries), "entry": len(flows) - 1, "slot": 0, "slots": slots}
            tiles.append(
                TileImage(
                    x=x, y=y, dead=keys.get("dead", {}).get((x, y), 0), expected=len(entries),
                    streams=rows(widths.stream_row, [stream]), list=rows(widths.list_row, entries),
                )
            )  # fmt: skip
    library = Library(
        x=0, y=0, columns=1, rows=1, across=columns, down=rows_,
        table=rows(
            widths.library_row,
            [{"words": words, "parallel": keys.get("parallel", {}).get(block, 0)} for block in range(blocks)],
        ),
        holders=rows(widths.library_tile, [{}] * blocks), stores=(np.zeros(words, np.uint32),),
    )  # fmt: skip
    heads, bases = [], 0
    for block in range(blocks):
        count = len(owners[block]) if owners and block < len(owners) else 0
        heads.append({"base": bases, "count": count})
        bases += count
    places = [{"x": x, "y": y, "tbu": tbu} for block in owners or [] for x, y, tbu in block]
    regions = -(-columns // 4) * -(-rows_ // 4)
    static = owners is not None
    return Image(
        config=config,
        columns=columns,
        rows=rows_,
        seed=keys.get("seed", 1),
        mode=MODES["static" if static else "adaptive"] | keys.get("mode", {}),
        balance={"hysteresis": 8, "shift": 2, "nominal": 2, "strides": 15} | keys.get("balance", {}),
        stream_mask=1,
        watchdog=0,
        flows=rows(widths.flow_row, flows),
        numbers=number_table,
        slots=rows(widths.slot_row, [{name: part * slot for name, part in space.items()} for slot in range(64)]),
        libraries=(library,),
        own_heads=(rows(widths.own_head, heads),) * regions,
        owners=(rows(widths.owner, places),) * regions,
        tiles=tuple(tiles),
    )


def with_rows(picture: Image, words: int, stream: int = 0) -> Image:
    """Let the instances of a stream of each tile get rows of so many words from the host."""
    tiles = tuple(replace(tile, streams=tile.streams.copy()) for tile in picture.tiles)
    for tile in tiles:
        tile.streams["rows"][stream] = 1
    listed = np.concatenate([tile.list["instance"] for tile in tiles])
    inputs = Inputs(first=int(listed.min()), instances=int(np.ptp(listed)) + 1, rows=np.zeros((1, words), np.uint32))
    return replace(picture, tiles=tiles, inputs=(inputs,))


def task(dest: int, next_: int = 0, **keys: int) -> dict[str, int]:
    return {"dest": dest, "kind": int(Kind.TASK), "last": 1, "next": next_} | keys


def flow(dest: int, kind: Kind, **keys: int) -> dict[str, int]:
    return {"dest": dest, "kind": int(kind), "last": 1} | keys


def story(events: NDArray[np.void], *kinds: str) -> list[tuple[Any, ...]]:
    """Events as (cycle, unit, name, block), perhaps of some kinds only."""
    told = [(int(e["cycle"]), unit_text(int(e["unit"])), NAMES[int(e["event"])], int(e["block"])) for e in events]
    return [line for line in told if not kinds or line[2] in kinds]
