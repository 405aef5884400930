# SPDX-License-Identifier: Apache-2.0
"""The waiting list of a TBU: accepted tokens that no PEA has yet, oldest first (docs/timing.md#places).

A collapsing queue: entry 0 is the oldest, the list has no gaps, any entry can be removed.

::

    push ──▶ [ Q-1 ] ▸ ... ▸ [ 1 ] ▸ [ 0 ]     each: block, place, match
                  ▲ remove      ▲       ▲

What is pushed or removed in cycle t is visible in t + 1. An entry's `match` says which slot has its block resident. It
is compared with the slots when it comes in, and afterwards with the one block that is being loaded: Q + R comparators
where comparing at the point of use takes Q x R, and none on the dispatcher's path. The comparison with the loading
block is a cycle old, so a block must be known for two cycles before it arrives; a request and a packet take longer.
"""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.config import Config
from octopus_hw.verilog.unit import Unit

__all__ = ["Change", "Entries", "WaitingList", "entry_layout"]


def entry_layout(config: Config) -> data.StructLayout:
    """Return the layout of a waiting token: `match` is one-hot by slot, or 0 if its block is not resident."""
    fields = {"block": config.block_bits, "place": config.place_bits, "match": config.config_slots, "valid": 1}
    return data.StructLayout(fields)


def Entries(config: Config) -> data.ArrayLayout:  # noqa: N802
    """Return the layout of the whole list, oldest first; an entry that is not valid is 0."""
    return data.ArrayLayout(entry_layout(config), config.queue_depth)


def Change(config: Config) -> wiring.Signature:  # noqa: N802
    """Return the bundle that tells what happens to the slots in a cycle, one-hot by slot.

    `evict` (R): the slot is given to another block; `arrive` (R): it becomes resident with `block`, which has not
    changed for two cycles.
    """
    slots = config.config_slots
    return wiring.Signature({"evict": Out(slots), "arrive": Out(slots), "block": Out(config.block_bits)})


class WaitingList(Unit):
    """Tokens that wait, by age.

    Parameters
    ----------
    config
        Q = `queue_depth` entries; R = `config_slots`.

    Attributes
    ----------
    push : In(entry)
        A new token in the cycle of its `valid`; its `match` is as of the next cycle.
    remove : In(Q)
        One-hot: the entry leaves the list.
    change : In(Change)
        What happens to the slots.
    entries : Out(Entries)
        The list, oldest first.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        super().__init__(
            {
                "push": In(entry_layout(config)),
                "remove": In(config.queue_depth),
                "change": In(Change(config)),
                "entries": Out(Entries(config)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        depth, layout = self.config.queue_depth, entry_layout(self.config)
        # Bit i: entry i waits for the block that is being loaded.
        hopes, same = Signal(depth), Signal(depth + 1)
        m.d.comb += same.eq(Cat(e.valid & (e.block == self.change.block) for e in self.entries))
        pushes_same = self.push.block == self.change.block
        room_before: Value = Const(1)
        for i in range(depth):
            kept, hope = Signal(layout, name=f"kept_{i}"), Signal(name=f"hope_{i}")
            shift, load = Signal(name=f"shift_{i}"), Signal(name=f"load_{i}")
            last = i + 1 == depth
            m.d.comb += [
                shift.eq(self.remove[: i + 1].any()),
                kept.eq(Mux(shift, Const(0) if last else self.entries[i + 1].as_value(), self.entries[i])),
                hope.eq(Mux(shift, Const(0) if last else hopes[i + 1], hopes[i])),
                load.eq(self.push.valid & ~kept.valid & room_before),
            ]
            m.d.sync += self.entries[i].eq(Mux(load, self.push, kept))
            match = kept.match & ~self.change.evict | Mux(hope, self.change.arrive, 0)
            m.d.sync += self.entries[i].match.eq(Mux(load, self.push.match, match))
            m.d.sync += hopes[i].eq(Mux(load, pushes_same, Mux(shift, same[i + 1], same[i])))
            room_before = kept.valid
        return m
