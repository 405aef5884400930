# SPDX-License-Identifier: Apache-2.0
"""The boot words, read back by a parser that knows nothing of how they were made."""

import struct as struct_module
from collections import defaultdict
from typing import NamedTuple
from zlib import crc32

import numpy as np
import pytest
from amaranth.lib import data

from octopus_hw.contract.bits import Layout
from octopus_hw.contract.codes import LoadTarget, Register
from octopus_hw.contract.config import Config
from octopus_hw.contract.identity import configuration_hash
from octopus_hw.contract.layout import Balance, Mode
from octopus_hw.contract.layouts import layouts
from octopus_hw.image.boot import Rectangle, boot_words, pack_rows, read_words
from octopus_hw.image.compile import compile_workload
from octopus_hw.image.image import Image, row_type
from octopus_hw.interfaces.layouts import struct
from octopus_hw.owg import load_workload

from .samples import chain, task, workload

Tile = dict[LoadTarget, dict[int, int]]


class Load(NamedTuple):
    """A LOAD: the tiles that it is for."""

    memory: LoadTarget
    columns: range
    rows: range
    address: int
    words: list[int]


def loads(words: list[int], columns: int, rows: int) -> tuple[list[Load], list[int]]:
    """All LOADs of a mesh's image, and what is left behind them."""
    assert words[0] == 4 << 28 and words[1] == 5 << 28 | columns - 1 << 7 | rows - 1
    at, found = 3, []
    while words[at] >> 28 == 1:
        head, place, count = words[at : at + 3]
        address, step = place & 0xFFFFF, 1 << (place >> 20 & 3)
        payload = words[at + 3 : at + 3 + count]
        assert 0 < count < 4096 and len(payload) == count and place >> 22 & 0x3F == 0
        x0, y0, x1, y1 = (head >> shift & 0x7F for shift in (21, 14, 7, 0))
        where = range(x0, x1 + 1, step), range(y0, y1 + 1, step)
        found.append(Load(LoadTarget(place >> 28), *where, address, payload))
        at += 3 + count
    while words[at] == 0:
        at += 1
    return found, words[at:]


def parse(words: list[int], columns: int, rows: int) -> tuple[dict[tuple[int, int], Tile], list[int]]:
    """Every tile's memories, and what is left behind them."""
    tiles: dict[tuple[int, int], Tile] = {(x, y): defaultdict(dict) for y in range(rows) for x in range(columns)}
    found, rest = loads(words, columns, rows)
    for load in found:
        for x in load.columns:
            for y in load.rows:
                tiles[x, y][load.memory].update(enumerate(load.words, load.address))
    return tiles, rest


def table(layout: Layout, memory: dict[int, int], columns: int, rows: int) -> list[tuple[int, ...]]:
    """Rows of a memory, decoded by Amaranth itself."""
    found, row_of = [], data.Layout.cast(struct(layout))
    for row in range(rows):
        bits = sum(memory[row * columns + column] << 32 * column for column in range(columns))
        view = row_of.from_bits(bits & ((1 << row_of.size) - 1))
        assert bits >> row_of.size == 0
        found.append(tuple(int(view[name]) for name in layout.spans))
    return found


def decoded(layout: Layout, word: int) -> dict[str, int]:
    view = data.Layout.cast(struct(layout)).from_bits(word)
    return {name: int(view[name]) for name in layout.spans}


def images() -> list[Image]:
    faces = load_workload("examples/face_recognition.workload.json")
    three = workload(*({"owg": "examples/speech_assistant.owg.json", "instances": 9} for _ in range(3)))
    wide = [task("a", parallel=4), task("b", parallel=2, config=511), task("c", config=0)]
    parallel = workload({"owg": chain(*wide), "instances": 3})
    return [
        compile_workload(faces, 1, 1, Config(), "adaptive", seed=77).image,
        compile_workload(faces, 6, 5, Config(), "profiled", dead=["4,4", "0,0.3.2"]).image,
        compile_workload(three, 3, 2, Config(tbus=6), "naive", seed=2**32 - 1).image,
        compile_workload(faces, 5, 2, Config(hysteresis=300, balance_shift=7), "octopus").image,
        compile_workload(parallel, 1, 2, Config(reactive_threshold=3), "reactive-affinity").image,
        compile_workload(parallel, 1, 2, SMALL, "naive").image,
        compile_workload(faces, 5, 3, Config(library_region=4), "naive").image,
        compile_workload(three, 8, 6, Config(library_region=2, store_words=2**15), "octopus", dead=["1,1"]).image,
    ]


#: Narrow rows: those of flows, slots and streams take half as many words.
SMALL = Config(
    tbus=2, queue_depth=4, coord_bits=3, max_blocks=16, max_flows=16, max_streams=2, max_instances=8, list_depth=16,
    home_records=64, join_records=8, store_words=2048, buffer_words=16, owner_entries=16,
)  # fmt: skip


@pytest.mark.parametrize(("number", "two"), [*((number, 2) for number in range(5)), (5, 1), (6, 2), (7, 2)])
def test_boot_words_rebuild_every_table(number: int, two: int) -> None:
    image = images()[number]
    widths = layouts(image.config)
    words = boot_words(image).tolist()
    tiles, rest = parse(words, image.columns, image.rows)
    assert len(words) - len(rest) >= image.config.reset_cycles
    sealed = words[1 : -len(rest)]
    seal = [6 << 28, len(sealed) + 1]
    crc = crc32(struct_module.pack(f"<{len(sealed) + 2}I", *sealed, *seal))
    assert rest == [*seal, crc, 2 << 28 | image.columns - 1 << 7 | image.rows - 1, 0]
    assert words[2] == configuration_hash(image.config)
    for tile in image.tiles:
        memories = tiles[tile.x, tile.y]
        registers = memories[LoadTarget.REGISTER]
        assert decoded(Mode, registers.pop(Register.MODE)) == image.mode
        assert decoded(Balance, registers.pop(Register.BALANCE)) == image.balance
        assert registers == {
            Register.SEED: image.seed,
            Register.DEAD: tile.dead & 0xFFFFFFFF,
            Register.DEAD + 1: tile.dead >> 32,
            Register.STREAMS: image.stream_mask,
            Register.EXPECTED: tile.expected,
            Register.WATCHDOG: image.watchdog,
        }
        region, library = image.region(tile.x, tile.y), image.library(tile.x, tile.y)
        for layout, memory, columns, rows in (
            (widths.flow_row, LoadTarget.FLOW, 4 * two, image.flows),
            (widths.slot_row, LoadTarget.SLOT, two, image.slots),
            (widths.stream_row, LoadTarget.STREAM, two, tile.streams),
            (widths.list_row, LoadTarget.LIST, 4, tile.list),
            (widths.own_head, LoadTarget.OWN_HEAD, 1, image.own_heads[region]),
            (widths.owner, LoadTarget.OWNER, 1, image.owners[region]),
            (widths.library_row, LoadTarget.LIBRARY, 1, library.table),
            (widths.library_tile, LoadTarget.LIBRARY_TILE, 1, library.tiles(tile.x, tile.y)),
        ):
            assert table(layout, memories[memory], columns, len(rows)) == rows.tolist()
            assert len(memories[memory]) == columns * len(rows)
        assert list(memories[LoadTarget.NUMBER].values()) == image.numbers.tolist()
        place = (tile.y - library.y) % library.rows * library.columns + (tile.x - library.x) % library.columns
        assert list(memories[LoadTarget.STORE].values()) == library.stores[place].tolist()


def test_long_tables_take_several_loads() -> None:
    stream = {"owg": "examples/face_recognition.owg.json", "instances": 3000}
    image = compile_workload(workload(stream), 1, 1, Config(list_depth=4096), "adaptive").image
    tiles, _ = parse(boot_words(image).tolist(), 1, 1)
    assert len(tiles[0, 0][LoadTarget.LIST]) == 12000


@pytest.mark.parametrize(("mesh", "times"), [((8, 8), 1), ((9, 8), 2), ((9, 7), 4), ((3, 3), 1), ((16, 16), 1)])
def test_configurations_are_sent_once_for_each_shape_of_regions(mesh: tuple[int, int], times: int) -> None:
    tasks = [task(f"t{number}", config=20) for number in range(30)]
    image = compile_workload(workload({"owg": chain(*tasks), "instances": 9}), *mesh, Config(library_region=4), "naive")
    sent = [load for load in loads(boot_words(image.image).tolist(), *mesh)[0] if load.memory == LoadTarget.STORE]
    assert sum(len(load.words) for load in sent) == times * 30 * 20


def test_a_number_that_fits_no_field_is_refused() -> None:
    layout = layouts(Config()).flow_row
    rows = np.zeros(1, row_type(layout))
    rows["words"] = 1 << 14
    with pytest.raises(ValueError, match=r"FlowRow\.words: 16384 does not fit 14 bits"):
        pack_rows(layout, rows)


def test_reads() -> None:
    assert read_words(Rectangle(0, 0, 3, 1), 9).tolist() == [3 << 28 | 3 << 7 | 1, 9 << 16]
