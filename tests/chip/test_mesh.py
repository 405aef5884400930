# SPDX-License-Identifier: Apache-2.0
import dataclasses

import numpy as np
import pytest

from octopus_hw.chip.deadlock import DeadlockError
from octopus_hw.chip.mesh import Octopus
from octopus_hw.contract.codes import COUNTERS, BootOp, Kind, LoadTarget, Message, PortError, Register, SourceKind
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import Mode, PortWord
from octopus_hw.contract.layouts import layouts
from octopus_hw.image.boot import (
    Rectangle,
    boot_words,
    identity_words,
    load_words,
    reset_words,
    seal_words,
    status_words,
)  # fmt: skip
from octopus_hw.noc.dimension_order import XY
from octopus_hw.noc.route import Port
from octopus_hw.verilog.export import convert
from octopus_sim.amaranth_run import run
from octopus_sim.plan import Plan
from tests.image.samples import chain, compiled, task
from tests.noc.yx import YX

SMALL = Config(
    tbus=2, peas=2, config_slots=2, queue_depth=2, buffer_words=16, max_blocks=16, max_flows=32, max_instances=4,
    list_depth=16, home_records=16, join_records=8, store_words=64, number_words=64, owner_entries=8, coord_bits=3,
)  # fmt: skip

#: The same with a single PEA, for what Amaranth simulates tile for tile.
TINY = dataclasses.replace(SMALL, tbus=1, peas=1)


def rows(layout, *table):
    """Words of table rows."""
    words = []
    for row in table:
        packed = layout.pack_words(row)
        words += packed + [0] * (layout.columns - len(packed))
    return words


def command(op, columns, row_count, *words):
    return [op << 28 | (columns - 1) << 7 | row_count - 1, *words]


def boot(columns, row_count, memory, words, address=0):
    return load_words(Rectangle(0, 0, columns - 1, row_count - 1), memory, words, address).tolist()


def one_task(columns=1, row_count=1, config=TINY):
    """Words that load the example of docs/timing.md#a-worked-example into every tile."""
    widths = layouts(config)
    number = {
        0: SourceKind.CONST << 29 | 5,
        1: SourceKind.VALUE << 29,
    }
    loads = [
        (LoadTarget.REGISTER, [0, Mode.pack(adaptive=1), 0, 0, 1, 1], Register.SEED),
        (LoadTarget.FLOW, rows(widths.flow_row, {"dest": 0, "kind": Kind.TASK, "last": 1, "next": 1},
                           {"dest": 1, "kind": Kind.END, "last": 1}), 0),
        (LoadTarget.NUMBER, [number[0], number[1], 0, 0], 0),
        (LoadTarget.SLOT, [0, 0], 0),
        (LoadTarget.STREAM, rows(widths.stream_row, {"count": 1, "slots": 1}), 0),
        (LoadTarget.LIST, rows(widths.list_row, {"instance": 7}), 0),
        (LoadTarget.LIBRARY, rows(widths.library_row, {"words": 2}), 0),
        (LoadTarget.LIBRARY_TILE, [0], 0),
        (LoadTarget.STORE, [0x1234, 0x5678], 0),
    ]  # fmt: skip
    words = [*reset_words(config)[1:].tolist(), *identity_words(columns, row_count, config).tolist()]
    for memory, payload, address in loads:
        words += boot(columns, row_count, memory, payload, address)
    words += seal_words(np.array(words, np.uint32)).tolist()
    return [BootOp.RESET << 28, *words, *command(BootOp.START, columns, row_count, 0)]


def events_of(result):
    """Fields of each event record that was printed."""
    return [line.split()[1:] for line in result.printed if line.startswith("EVENT ")]


def replies(words):
    """Message, x, y and payload of each reply."""
    return [
        (Message(head & 15), head >> 4 & 127, head >> 11 & 127, payload)
        for head, payload in zip(words[::2], words[1::2], strict=True)
    ]


def test_the_worked_example():
    config = dataclasses.replace(Config(), coord_bits=3, join_records=8)
    words = one_task(config=config)
    read = command(BootOp.READ, 1, 1, len(COUNTERS) << 16)
    plan = Plan().send(words).wait(messages=1, timeout=100).send(read).wait(messages=len(COUNTERS), timeout=200)
    result = run(Octopus(1, 1, config), plan)
    events = events_of(result)
    assert [(int(cycle), unit, event) for cycle, _, _, unit, event, *_ in events] == [
        (2, "cbu", "inject"),
        (4, "cbu", "dispatch"),
        (20, "0.0", "start"),
        (25, "0.0", "finish"),
        (28, "cbu", "retire"),
    ]
    assert all(event[1:3] == ["0", "0"] and event[5] == "7" for event in events)
    done, *counters = replies(result.words)
    assert done == (Message.DONE, 0, 0, 28)
    assert all(counter[:3] == (Message.DATA, 0, 0) for counter in counters)
    values = dict(zip(COUNTERS, (counter[3] for counter in counters), strict=True))
    del values["hash"]
    assert values == {"injected": 1, "retired": 1, "dispatched": 1, "moved": 0, "started": 1, "work": 5,
                      "loads": 1, "errors": 0, "refused": 0}  # fmt: skip


@pytest.mark.parametrize(
    ("latency", "neighbour"),
    [
        # At 1,0: starts at 1 + L, asks tile 0,0 for the configuration, whose sender has been busy until 12.
        (1, [(4, "inject"), (6, "dispatch"), (28, "start"), (33, "finish"), (36, "retire")]),
        (3, [(6, "inject"), (8, "dispatch"), (34, "start"), (39, "finish"), (42, "retire")]),
    ],
)
def test_a_configuration_comes_from_the_neighbour_in_its_time(latency, neighbour):
    config = dataclasses.replace(TINY, link_latency=latency)
    plan = Plan().send(one_task(2, 1, config)).wait(messages=2, timeout=200)
    result = run(Octopus(2, 1, config), plan)
    events = events_of(result)
    assert [(int(event[0]), event[4]) for event in events if event[1:3] == ["1", "0"]] == neighbour
    own = [(2, "inject"), (4, "dispatch"), (20, "start"), (25, "finish"), (28, "retire")]
    assert [(int(event[0]), event[4]) for event in events if event[1:3] == ["0", "0"]] == own
    assert replies(result.words) == [(Message.DONE, 0, 0, 28), (Message.DONE, 1, 0, neighbour[-1][0])]


def test_a_disabled_tile_has_its_part_of_the_library():
    """Two tasks, one after the other; the second one's configuration lies in a tile that computes nothing."""
    config = dataclasses.replace(TINY, library_region=2)
    image = compiled(chain(task("a"), task("b")), 2, 1, config=config, dead=["1,0"]).image
    assert image.library(0, 0).tiles(0, 0).tolist()[:2] == [(0, 0), (1, 0)]
    result = run(Octopus(2, 1, config), Plan().send(boot_words(image).tolist()).wait(messages=1, timeout=200))
    events = events_of(result)
    first = [(2, "inject"), (4, "dispatch"), (20, "start"), (25, "finish")]
    # As long from dispatch to start as in tile 1,0 above; the request goes the other way.
    second = [(28, "dispatch"), (50, "start"), (55, "finish"), (58, "retire")]
    assert [(int(event[0]), event[4]) for event in events] == first + second


@pytest.mark.parametrize(("mesh", "routing"), [((1, 3), XY), ((2, 2), YX)])
def test_every_tile_of_a_mesh_works_and_answers(mesh, routing):
    tiles = mesh[0] * mesh[1]
    plan = Plan().send(one_task(*mesh)).wait(messages=tiles, timeout=300)
    for number in range(1, 9):
        plan.send(command(BootOp.READ, *mesh, 1 << 16 | number)).wait(messages=tiles, timeout=500)
    result = run(Octopus(*mesh, TINY, routing=routing), plan)
    answers = replies(result.words)
    everywhere = {(x, y) for x in range(mesh[0]) for y in range(mesh[1])}
    assert {answer[1:3] for answer in answers[:tiles]} == everywhere
    assert {answer[0] for answer in answers[:tiles]} == {Message.DONE}
    for x, y in everywhere:
        counters = [answer[3] for answer in answers[tiles:] if answer[:3] == (Message.DATA, x, y)]
        assert counters == [1, 1, 1, 0, 1, 5, 1, 0]


@pytest.mark.parametrize(("columns", "rows"), [(0, 2), (2, 0), (129, 1), (1, 129), (-1, 1), (1.0, 1), (True, 1)])
def test_refuses_meshes_that_cannot_be(columns, rows):
    with pytest.raises(ValueError, match=r"(columns|rows): .* is not a whole number from 1 to 128"):
        Octopus(columns, rows, Config())


def test_largest_mesh_is_made():
    Octopus(128, 128, Config())


def test_every_tile_is_the_same_module():
    small, large = (convert(Octopus(*mesh, TINY), verify="none") for mesh in ((3, 2), (3, 4)))
    tile = "octopus_tile"
    assert small.units[tile] == large.units[tile]
    assert len(small.uses) == len(large.uses) == large.verilog.count("\nmodule octopus_")
    assert small.ports == large.ports


def test_elaboration_checks_for_deadlock():
    every_turn = dataclasses.replace(XY, turns=(tuple(Port),) * len(Port))
    with pytest.raises(DeadlockError, match=r"a cycle of waiting: (data|request|reply) link from"):
        Octopus(2, 2, SMALL, routing=every_turn).elaborate(None)


@pytest.mark.parametrize("latency", [1, 8])
@pytest.mark.parametrize("late", [-1, 0])
def test_a_read_or_start_one_cycle_too_early_is_refused_and_the_first_in_time_is_not(latency, late):
    config = dataclasses.replace(TINY, link_latency=latency)
    loads = [*[0] * (config.reset_cycles + late - 6), *identity_words(2, 1, config).tolist()]
    begin = [BootOp.RESET << 28, *loads, *seal_words(np.array(loads, np.uint32)).tolist()]
    for command_ in (command(BootOp.START, 2, 1, 0), command(BootOp.READ, 1, 1, 1 << 16)):
        plan = Plan().send([*begin, *command_]).idle(60).send(status_words()).idle(40)
        words = run(Octopus(2, 1, config), plan).words
        state = PortWord.unpack(words[-2])
        if late:
            assert (state["error"], words[-1]) == (PortError.EARLY, config.reset_cycles - 1)
        else:
            assert state["error"] == PortError.NONE
            # Only the READ is answered; the tiles have refused nothing.
            assert len(words) == (5 if command_[0] >> 28 == BootOp.START else 7)
