# SPDX-License-Identifier: Apache-2.0
import pytest

from octopus_hw import deadlock
from octopus_hw.config import Config
from octopus_hw.deadlock import DeadlockError
from octopus_hw.layout import (
    BootOp,
    FlowRow,
    Kind,
    ListRow,
    Memory,
    Message,
    Mode,
    Register,
    Source,
    StreamRow,
    boot_columns,
)
from octopus_hw.mesh import Octopus
from octopus_hw.ports import COUNTERS
from octopus_sim.amaranth_run import run
from octopus_sim.plan import Plan

SMALL = Config(
    tbus=2, peas=2, config_slots=2, queue_depth=2, buffer_words=16, max_blocks=16, max_flows=32, max_instances=4,
    list_depth=16, home_records=16, join_records=8, store_words=64, number_words=64, owner_entries=8,
)  # fmt: skip


def rows(layout, *table):
    """Words of table rows."""
    words = []
    for row in table:
        bits = layout.const(row).as_bits()
        words += [bits >> 32 * column & 0xFFFFFFFF for column in range(boot_columns(layout))]
    return words


def command(op, columns, row_count, *words):
    return [op << 28 | (columns - 1) << 7 | row_count - 1, *words]


def boot(columns, row_count, memory, words, address=0):
    return command(BootOp.LOAD, columns, row_count, memory << 28 | len(words) << 16, address, *words)


def one_task(columns=1, row_count=1):
    """Words that load the example of docs/timing.md, section 8, into every tile."""
    number = {
        0: Source.CONST << 29 | 5,
        1: Source.VALUE << 29,
    }
    loads = [
        (Memory.REGISTER, [0, Mode.const({"adaptive": 1}).as_bits(), 0, 0, 0, 1, 1], Register.SEED),
        (Memory.FLOW, rows(FlowRow, {"dest": 0, "kind": Kind.TASK, "last": 1, "next": 1},
                           {"dest": 1, "kind": Kind.END, "last": 1}), 0),
        (Memory.NUMBER, [number[0], number[1], 0, 0], 0),
        (Memory.SLOT, [0, 0], 0),
        (Memory.STREAM, rows(StreamRow, {"count": 1, "slots": 1}), 0),
        (Memory.LIST, rows(ListRow, {"instance": 7}), 0),
        (Memory.LIBRARY, [2 << 14], 0),
        (Memory.STORE, [0x1234, 0x5678], 0),
    ]  # fmt: skip
    words = []
    for memory, payload, address in loads:
        words += boot(columns, row_count, memory, payload, address)
    return words + command(BootOp.START, columns, row_count, 0)


def replies(words):
    """Message, x, y and payload of each reply."""
    return [
        (Message(head & 7), head >> 3 & 127, head >> 10 & 127, payload)
        for head, payload in zip(words[::2], words[1::2], strict=True)
    ]


def test_the_worked_example():
    words = one_task()
    read = command(BootOp.READ, 1, 1, len(COUNTERS) << 16)
    plan = Plan().send(words).wait(messages=1, timeout=100).send(read).wait(messages=len(COUNTERS), timeout=200)
    result = run(Octopus(1, 1, Config()), plan)
    events = [line.split()[1:] for line in result.printed]
    assert [(int(cycle), unit, event) for cycle, _, _, unit, event, *_ in events] == [
        (2, "cbu", "inject"),
        (4, "cbu", "dispatch"),
        (21, "0.0", "start"),
        (26, "0.0", "finish"),
        (29, "cbu", "retire"),
    ]
    assert all(event[1:3] == ["0", "0"] and event[5] == "7" for event in events)
    done, *counters = replies(result.words)
    assert done == (Message.DONE, 0, 0, 29)
    assert all(counter[:3] == (Message.DATA, 0, 0) for counter in counters)
    values = dict(zip(COUNTERS, (counter[3] for counter in counters), strict=True))
    del values["hash"]
    assert values == {"injected": 1, "retired": 1, "dispatched": 1, "moved": 0, "started": 1, "work": 5,
                      "loads": 1, "errors": 0}  # fmt: skip
