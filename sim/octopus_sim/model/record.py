# SPDX-License-Identifier: Apache-2.0
"""Event records and the event hash (docs/timing.md#events)."""

from octopus_hw.contract.bits import WORD
from octopus_hw.contract.codes import Event
from octopus_hw.contract.layout import EventWord, Invocation
from octopus_sim.model.fields import packer
from octopus_sim.model.kernel import kernel
from octopus_sim.model.results import result_data
from octopus_sim.model.state import TOTAL_EVENTS, Mesh

_M = 0xFFFFFFFF
_invocation = packer(Invocation, WORD)
_happening = packer(EventWord)
INJECT, DISPATCH, MOVE, FINISH = int(Event.INJECT), int(Event.DISPATCH), int(Event.MOVE), int(Event.FINISH)
START, DECIDE, JOIN, RETIRE = int(Event.START), int(Event.DECIDE), int(Event.JOIN), int(Event.RETIRE)
ARRIVE = int(Event.ARRIVE)

#: Positions in `octopus_hw.contract.codes.COUNTERS`.
C_HASH, C_INJECTED, C_RETIRED, C_DISPATCHED, C_MOVED, C_STARTED, C_WORK, C_LOADS = range(8)


@kernel
def event_hash(cycle: int, unit: int, event: int, instance: int, block: int, index: int, round_: int, data: int) -> int:
    """Return the 32-bit hash of one event; `unit` is 0 for the CBU, else 1 + 8 x TBU + PEA."""
    w1, w2 = _invocation(block=block, index=index, round=round_, instance=instance)
    w3 = _happening(unit=unit, event=event)
    a = (cycle ^ data) + (w1 << 13 & _M | w1 >> 19) & _M
    b = (w2 ^ (a << 7 & _M | a >> 25)) + (w3 << 22 & _M | w3 >> 10) & _M
    return (a ^ (b << 15 & _M | b >> 17)) + (b << 3 & _M | b >> 29) & _M


@kernel
def record(
    s: Mesh, tile: int, now: int, unit: int, event: int, instance: int, block: int, index: int, round_: int
) -> None:
    """Note one event: the hash, the counter, and the record if they are kept."""
    engine = s.engine[tile]
    data = result_data(s, instance, block, index, round_) if event == FINISH else 0
    added = event_hash(now, unit, event, instance, block, index, round_, data)
    engine.counters[C_HASH] = engine.counters[C_HASH] + added & _M
    if event == INJECT:
        engine.counters[C_INJECTED] += 1
        s.injected[instance] = now
    elif event == DISPATCH:
        engine.counters[C_DISPATCHED] += 1
    elif event == MOVE:
        engine.counters[C_MOVED] += 1
    elif event == START:
        engine.counters[C_STARTED] += 1
    elif event == RETIRE:
        engine.counters[C_RETIRED] += 1
        s.retired[instance] = now
    if s.params[0].record:
        e = s.event[s.total[TOTAL_EVENTS]]
        e.cycle, e.x, e.y, e.unit, e.event = now, engine.x, engine.y, unit, event
        e.instance, e.block, e.index, e.round, e.data = instance, block, index, round_, data
        s.total[TOTAL_EVENTS] += 1
