# SPDX-License-Identifier: Apache-2.0
"""The waiting list of a TBU: accepted tokens that no PEA has yet, oldest first (docs/timing.md, section 4).

A collapsing queue: entry 0 is the oldest, the list has no gaps, any entry can be removed.

::

    push ──▶ [ Q-1 ] ▸ ... ▸ [ 1 ] ▸ [ 0 ]     each: block, place, match
                  ▲ remove      ▲       ▲

What is pushed or removed in cycle t is visible in t + 1. An entry's `match` says which slot has its block resident: it
is compared when it comes in and when a slot changes, which takes Q + R comparators where comparing at the point of use
takes Q x R, and keeps them off the dispatcher's path.
"""

from amaranth.hdl import Const, Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.config import Config
from octopus_hw.tbu.select import block_bits, place_bits
from octopus_hw.unit import Unit

__all__ = ["Change", "Entries", "WaitingList", "entry_layout"]


def entry_layout(config: Config) -> data.StructLayout:
    """Return the layout of a waiting token: `match` is one-hot by slot, or 0 if its block is not resident."""
    fields = {"block": block_bits(config), "place": place_bits(config), "match": config.config_slots, "valid": 1}
    return data.StructLayout(fields)


def Entries(config: Config) -> data.ArrayLayout:  # noqa: N802
    """Return the layout of the whole list, oldest first; an entry that is not valid is 0."""
    return data.ArrayLayout(entry_layout(config), config.queue_depth)


def Change(config: Config) -> wiring.Signature:  # noqa: N802
    """Return the bundle that tells what happens to the slots in a cycle, one-hot by slot.

    `evict` (R): the slot is given to another block; `arrive` (R): it becomes resident with `block`.
    """
    slots = config.config_slots
    return wiring.Signature({"evict": Out(slots), "arrive": Out(slots), "block": Out(block_bits(config))})


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
        current = [Signal(layout, name=f"current_{i}") for i in range(depth)]
        kept = [Signal(layout, name=f"kept_{i}") for i in range(depth)]
        for now, entry in zip(current, self.entries, strict=True):
            m.d.comb += now.eq(entry)
            arrived = entry.valid & (entry.block == self.change.block)
            m.d.comb += now.match.eq(entry.match & ~self.change.evict | Mux(arrived, self.change.arrive, 0))
        room_before: Signal | Const = Const(1)
        for i in range(depth):
            following = current[i + 1].as_value() if i + 1 < depth else Const(0)
            m.d.comb += kept[i].eq(Mux(self.remove[: i + 1].any(), following, current[i]))
            m.d.sync += self.entries[i].eq(kept[i])
            with m.If(self.push.valid & ~kept[i].valid & room_before):
                m.d.sync += self.entries[i].eq(self.push)
            room_before = kept[i].valid
        return m
