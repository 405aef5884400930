# SPDX-License-Identifier: Apache-2.0
"""Bundles between the units of a tile, and the records that units make of events."""

from amaranth.hdl import Cat, Const, Format, Module, Print, Value, ValueLike
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.contract import layout
from octopus_hw.contract.bits import Field, Layout
from octopus_hw.contract.codes import COUNTERS, Event
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import COUNTER, CYCLE, DEAD, READ, REFUSED, STREAM, WATCHDOG, WORD
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct

__all__ = [
    "CounterRead", "Counters", "Loads",
    "accept", "arrivals", "asked_blocks", "boot_words", "chip_state", "commands", "completions", "event_hash", "flits",
    "for_host", "messages", "print_event", "release", "slot_release", "tokens",
]  # fmt: skip


def flits(config: Config) -> stream.Signature:
    """Return the stream of the data plane."""
    return stream.Signature(struct(layouts(config).flit))


def messages(config: Config) -> stream.Signature:
    """Return the stream of the control plane."""
    return stream.Signature(struct(layouts(config).control_flit))


def for_host(state: wiring.PureInterface, message: Value, number: Value) -> Value:
    """Return the bits of a message that a tile sends the host, with its coordinates and a number of 32 bits.

    As one value: constant parts of a word that are driven one by one do not survive in every Verilog simulator.
    """
    nowhere = Const(0, len(state.x))
    return Cat(nowhere, nowhere, Const(1, 1), message, state.x, state.y, number)


def asked_blocks(config: Config) -> stream.Signature:
    """Return the stream of blocks whose configurations a loader asks for."""
    return stream.Signature(layouts(config).block)


def tokens(config: Config) -> stream.Signature:
    """Return a stream of tokens."""
    return stream.Signature(struct(layouts(config).token))


def arrivals(config: Config) -> stream.Signature:
    """Return the stream of tokens that come home."""
    token, row = Field("token", layouts(config).token), Field("row", 1, "it brings a row from the host")
    return stream.Signature(struct(Layout.of("Arrival", "What came to a home.", token, row)))


def commands(config: Config) -> stream.Signature:
    """Return the stream to a sender."""
    return stream.Signature(struct(layouts(config).command))


def completions(config: Config) -> stream.Signature:
    """Return the stream of what a TBU has done."""
    return stream.Signature(struct(layouts(config).completion))


def accept(config: Config) -> wiring.Signature:
    """Return the bundle of a token accepted without fail in the cycle of `valid` (CBU to TBU)."""
    widths = layouts(config)
    return wiring.Signature({"valid": Out(1), "place": Out(widths.place), "token": Out(struct(widths.token))})


def release(config: Config) -> wiring.Signature:
    """Return the bundle of a place freed in the cycle of `valid` (sender to CBU)."""
    return wiring.Signature({"valid": Out(1), "place": Out(layouts(config).place)})


def slot_release(config: Config) -> wiring.Signature:
    """Return the bundle of a slot freed in the cycle of `valid`."""
    return wiring.Signature({"valid": Out(1), "slot": Out(layouts(config).slot)})


def chip_state(config: Config) -> wiring.Signature:
    """Return what every unit of a tile sees of its tile's registers."""
    widths = layouts(config)
    return wiring.Signature(
        {
            "x": Out(widths.coord),
            "y": Out(widths.coord),
            "held": Out(1),  # the tile is being reset
            "starts": Out(1),  # the tile takes the start command in this cycle
            "running": Out(1),  # from the next cycle on
            "cycle": Out(CYCLE),  # the time, docs/timing.md#start; while the tile is held, the cycles left, negative
            "refused": Out(REFUSED),  # commands
            "seed": Out(WORD),
            "mode": Out(struct(layout.Mode)),
            "balance": Out(struct(layout.Balance)),
            "dead": Out(DEAD),
            "streams": Out(STREAM),
            "expected": Out(widths.listed),
            "watchdog": Out(WATCHDOG),
        }
    )


#: Boot words between tiles: one in the cycle of `valid`. Back comes whether the tile is held.
boot_words = wiring.Signature({"word": Out(WORD), "valid": Out(1), "held": In(1)})
#: A READ for this tile in the cycle of `valid`.
CounterRead = wiring.Signature({"valid": Out(1), "first": Out(READ), "count": Out(READ)})
#: Writes to the tables of a tile, before the start.
Loads = wiring.Signature({"valid": Out(1), "word": Out(struct(layout.LoadWord))})

#: A unit's part of its tile's counters; the tile adds the parts up. `refused` is the boot node's alone.
Counters = wiring.Signature({name: Out(COUNTER) for name in COUNTERS[:-1]})


def _word(description: Layout, **fields: ValueLike) -> Value:
    """Some of a layout's fields side by side from bit 0 on, each cut or zero-extended to its width."""
    widths = {name: description[name].width for name in fields}
    return Cat((Value.cast(value) | Const(0, widths[name]))[: widths[name]] for name, value in fields.items())


def event_hash(
    cycle: Value,
    unit: ValueLike,
    event: ValueLike,
    instance: Value,
    block: Value,
    index: Value,
    round_: Value,
    told: ValueLike = 0,
) -> Value:
    """The 32-bit hash of one event (docs/timing.md#event-hash).

    ``unit`` is 0 for the CBU, else 1 + 8 x TBU + PEA; ``told`` are the `data` of a finish.
    """
    w1 = _word(layout.Invocation, index=index, block=block)
    w2 = _word(layout.Invocation, instance=instance, round=round_)
    w3 = _word(layout.EventWord, event=event, unit=unit)
    a = ((cycle ^ told) + w1.rotate_left(13))[:WORD]
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
    told: ValueLike = 0,
) -> None:
    """Print one event record at the end of this cycle, under the conditions open in ``m``, unless the tile is held.

    The line reads ``EVENT cycle x y unit event instance block index round data``.
    """
    with m.If(~state.held):
        m.d.sync += Print(
            Format("EVENT {} {} {} {} {} {} {} {} {} {}", state.cycle, state.x, state.y, unit, event.name.lower(),
                   instance, block, index, round_, told)
        )  # fmt: skip
