# SPDX-License-Identifier: Apache-2.0
"""Bundles between the units of a tile, and the records that units make of events."""

from amaranth.hdl import Cat, Const, Format, Module, Print, Value, ValueLike
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.codes import COUNTERS, Event
from octopus_hw.contract.layout import COORD, COUNTER, CYCLE, DEAD, INSTANCES, PLACE, READ, REFUSED, STREAM, WORD
from octopus_hw.interfaces.layouts import (
    Balance,
    Command,
    Completion,
    ControlFlit,
    EventWord,
    Flit,
    Invocation,
    LoadWord,
    Mode,
    Token,
)

__all__ = [
    "Accept", "ChipState", "CounterRead", "Counters", "Loads", "Release",
    "boot_words", "commands", "completions", "event_hash", "flits", "messages", "print_event", "tokens",
]  # fmt: skip

flits = stream.Signature(Flit)
messages = stream.Signature(ControlFlit)
tokens = stream.Signature(Token)
commands = stream.Signature(Command)
completions = stream.Signature(Completion)

#: A token accepted without fail in the cycle of `valid` (CBU to TBU).
Accept = wiring.Signature({"valid": Out(1), "place": Out(PLACE), "token": Out(Token)})
#: A place freed in the cycle of `valid` (sender to CBU).
Release = wiring.Signature({"valid": Out(1), "place": Out(PLACE)})
#: Boot words between tiles: one in the cycle of `valid`. Back comes whether the tile is held.
boot_words = wiring.Signature({"word": Out(WORD), "valid": Out(1), "held": In(1)})
#: A READ for this tile in the cycle of `valid`.
CounterRead = wiring.Signature({"valid": Out(1), "first": Out(READ), "count": Out(READ)})
#: Writes to the tables of a tile, before the start.
Loads = wiring.Signature({"valid": Out(1), "word": Out(LoadWord)})

#: What every unit of a tile sees of its tile's registers.
ChipState = wiring.Signature(
    {
        "x": Out(COORD),
        "y": Out(COORD),
        "held": Out(1),  # the tile is being reset
        "starts": Out(1),  # the tile takes the start command in this cycle
        "running": Out(1),  # from the next cycle on
        "cycle": Out(CYCLE),  # the time, docs/timing.md#start; while the tile is held, the cycles left, negative
        "refused": Out(REFUSED),  # commands
        "seed": Out(WORD),
        "mode": Out(Mode),
        "balance": Out(Balance),
        "library_x": Out(COORD),
        "library_y": Out(COORD),
        "dead": Out(DEAD),
        "streams": Out(STREAM),
        "expected": Out(INSTANCES),
    }
)

#: A unit's part of its tile's counters; the tile adds the parts up. `refused` is the boot node's alone.
Counters = wiring.Signature({name: Out(COUNTER) for name in COUNTERS[:-1]})


def _word(layout: type[data.Struct], **fields: ValueLike) -> Value:
    """Some of a layout's fields side by side from bit 0 on, each cut or zero-extended to its width."""
    widths = {name: data.Layout.cast(layout)[name].width for name in fields}
    return Cat((Value.cast(value) | Const(0, widths[name]))[: widths[name]] for name, value in fields.items())


def event_hash(
    cycle: Value, unit: ValueLike, event: ValueLike, instance: Value, block: Value, index: Value, round_: Value
) -> Value:
    """The 32-bit hash of one event (docs/timing.md#event-hash); ``unit`` is 0 for the CBU, else 1 + 8 x TBU + PEA."""
    w1 = _word(Invocation, index=index, block=block)
    w2 = _word(Invocation, instance=instance, round=round_)
    w3 = _word(EventWord, event=event, unit=unit)
    a = (cycle + w1.rotate_left(13))[:WORD]
    b = ((w2 ^ a.rotate_left(7)) + w3.rotate_left(22))[:WORD]
    return ((a ^ b.rotate_left(15)) + b.rotate_left(3))[:WORD]


def print_event(
    m: Module,
    state: wiring.PureInterface,
    unit: Format | str,
    event: Event,
    instance: ValueLike,
    block: ValueLike,
    index: ValueLike,
    round_: ValueLike,
) -> None:
    """Print one event record at the end of this cycle, under the conditions open in ``m``, unless the tile is held.

    The line reads ``EVENT cycle x y unit event instance block index round``.
    """
    with m.If(~state.held):
        m.d.sync += Print(
            Format("EVENT {} {} {} {} {} {} {} {} {}", state.cycle, state.x, state.y, unit, event.name.lower(),
                   instance, block, index, round_)
        )  # fmt: skip
