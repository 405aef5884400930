# SPDX-License-Identifier: Apache-2.0
import pytest

from octopus_hw.chip.status import Status
from octopus_hw.contract.codes import COUNTERS, Message
from octopus_hw.contract.config import Config
from tests.simulate import simulate

UNITS, REFUSED = 3, 77


def run(scenario, cycles=60, ready=lambda cycle: True):
    """Set ports per cycle by `scenario(set, cycle)`; return (cycle, message, payload, header) of each message taken."""
    device, taken = Status(Config(), UNITS), []

    async def testbench(ctx):
        ctx.set(device.state.x, 3)
        ctx.set(device.state.y, 5)
        ctx.set(device.state.refused, REFUSED)
        for unit, counters in enumerate(device.counters):
            for number, name in enumerate(COUNTERS[:-1]):
                ctx.set(getattr(counters, name), 1000 * (unit + 1) + number)
        for cycle in range(cycles):
            ctx.set(device.state.cycle, cycle)
            scenario(ctx, device, cycle)
            ctx.set(device.o.ready, ready(cycle))
            if ctx.get(device.o.valid) and ready(cycle):
                flit = ctx.get(device.o.payload)
                assert (flit.x, flit.y, flit.host, flit.source_x, flit.source_y) == (0, 0, 1, 3, 5)
                taken.append((cycle, Message(flit.message), flit.payload))
            await ctx.tick()

    simulate(device, testbench)
    return taken


def finish(at, expected=2):
    def scenario(ctx, device, cycle):
        ctx.set(device.state.expected, expected)
        ctx.set(device.finished, cycle >= at)

    return scenario


def read(ctx, device, first, count):
    ctx.set(device.read.valid, 1)
    ctx.set(device.read.first, first)
    ctx.set(device.read.count, count)


def test_done_is_offered_once_in_the_cycle_after_the_last_retire():
    assert run(finish(at=9)) == [(9, Message.DONE, 8)]


def test_done_waits_and_still_says_when():
    assert run(finish(at=9), ready=lambda cycle: cycle >= 20) == [(20, Message.DONE, 8)]


def test_a_tile_that_expects_nothing_is_silent():
    assert run(finish(at=9, expected=0)) == []


@pytest.mark.parametrize(("first", "count"), [(0, len(COUNTERS)), (2, 3), (8, 4), (0, 0), (70, 1)])
def test_read_sends_the_sums_in_order(first, count):
    def scenario(ctx, device, cycle):
        ctx.set(device.read.valid, 0)
        if cycle == 4:
            read(ctx, device, first, count)

    sums = {number: 6000 + UNITS * number for number in range(len(COUNTERS) - 1)} | {len(COUNTERS) - 1: REFUSED}
    sums = [sums.get(number, 0) for number in range(first, first + count)]
    taken = run(scenario)
    assert [message[1:] for message in taken] == [(Message.DATA, total) for total in sums]
    assert [message[0] for message in taken] == [4 + (UNITS + 1) * (k + 1) for k in range(count)]


def test_done_goes_before_data():
    def scenario(ctx, device, cycle):
        finish(at=9)(ctx, device, cycle)
        ctx.set(device.read.valid, 0)
        if cycle == 2:
            read(ctx, device, 1, 2)

    taken = run(scenario, ready=lambda cycle: cycle >= 12)
    assert [message[1:] for message in taken] == [(Message.DONE, 8), (Message.DATA, 6003), (Message.DATA, 6006)]


def test_a_stalled_goes_behind_done_and_before_data():
    """A home that stands still is told to have ended in the very cycle of the beat: all three are offered at once."""

    def scenario(ctx, device, cycle):
        ctx.set(device.state.watchdog, 1)
        finish(at=4)(ctx, device, cycle)
        ctx.set(device.read.valid, 0)
        ctx.set(device.state.cycle, 4090 + cycle)
        if cycle == 0:
            read(ctx, device, 2, 1)

    taken = run(scenario, ready=lambda cycle: cycle >= 12)
    # Of `injected` and `retired` only the first unit's count: 1001 and 1002.
    assert [message for _, message, _ in taken] == [Message.DONE, Message.STALLED, Message.DATA]
    assert [payload for *_, payload in taken] == [4093, 4093, 6000 + UNITS * 2]
