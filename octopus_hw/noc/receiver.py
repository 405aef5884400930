# SPDX-License-Identifier: Apache-2.0
"""Receivers take packets apart (docs/timing.md#receivers).

::

    rx ──▶ [ queue of 2 ] ──┬──▶ [ flits of the head ] ──▶ token, chunk
                            ├──▶ row
                            └──▶ accepts, loaded            hold: the last flit of a token packet must wait

One flit in each cycle. Where the last flit of a packet is the last of its head, too, the head is complete in the cycle
in which it is taken: so that flit counts as it comes, and is stored for those that follow.
"""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import flits
from octopus_hw.interfaces.layouts import struct
from octopus_hw.interfaces.rows import row_writes
from octopus_hw.noc.serializer import head_flits
from octopus_hw.parts.queue import Queue
from octopus_hw.verilog.unit import Unit

__all__ = ["Receiver"]


class Receiver(Unit):
    """Takes packets apart.

    Attributes
    ----------
    rx : In(flits)
        Fills the receive queue of depth 2.
    hold : In(1)
        The last flit of a token packet must wait in this cycle.
    token : Out(token_head)
        The head of a token packet, in the cycle of `accepts`.
    accepts : Out(1)
        The last flit of a token packet is taken in this cycle.
    chunk : Out(chunk_head)
        The head of a chunk, in the cycle of `loaded`.
    loaded : Out(1)
        The last flit of a chunk that completes a configuration is taken in this cycle.
    rows : Out(row_writes)
        A data flit of a token packet is taken in this cycle.
    constants : Out(1)
        One of a chunk, with `rows.index` and `rows.data`, is.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        widths = layouts(config)
        super().__init__(
            {
                "rx": In(flits(config)),
                "hold": In(1),
                "token": Out(struct(widths.token_head)),
                "accepts": Out(1),
                "chunk": Out(struct(widths.chunk_head)),
                "loaded": Out(1),
                "rows": Out(row_writes(config)),
                "constants": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        m.submodules.queue = queue = Queue(self.rx.payload.shape(), 2)
        connect(m, flipped(self.rx), queue.i)
        flit, take, last = queue.o.payload, Signal(), Signal()
        m.d.comb += [
            queue.o.ready.eq(~(self.hold & flit.last & ~self.chunk.header.config)),
            take.eq(queue.o.valid & queue.o.ready),
            last.eq(take & flit.last),
        ]
        is_row = self._head(m, flit, take)
        m.d.comb += [
            self.accepts.eq(last & ~self.chunk.header.config),
            self.loaded.eq(last & self.chunk.header.config & self.chunk.complete),
            self.rows.valid.eq(take & is_row & ~self.chunk.header.config),
            self.constants.eq(take & is_row & self.chunk.header.config),
            self.rows.target.eq(self.token.arg),
            self.rows.data.eq(flit.data),
        ]
        return m

    def _head(self, m: Module, flit: data.View, take: Signal) -> Signal:
        """Keep the flits of the head. Return whether the flit is a row."""
        heads = head_flits(self.config)
        parts = [Signal(self.config.data_width, name=f"part_{number}") for number in range(heads)]
        number, is_row, index = Signal(range(heads)), Signal(), Signal.like(self.rows.index)
        at = [~is_row & (number == part) for part in range(heads)]
        ends = at[-1] | at[0] & self.chunk.header.config
        head = Cat(*parts[:-1], Mux(at[-1], flit.data, parts[-1]))
        m.d.comb += [
            self.token.eq(head[: len(self.token.as_value())]),
            self.chunk.eq(Mux(at[0], flit.data, parts[0])),
            self.rows.index.eq(index),
        ]
        with m.If(take):
            for part, here in zip(parts, at, strict=True):
                with m.If(here):
                    m.d.sync += part.eq(flit.data)
            m.d.sync += [is_row.eq((is_row | ends) & ~flit.last), number.eq(number + 1), index.eq(index + is_row)]
            with m.If(flit.last):
                m.d.sync += [number.eq(0), index.eq(0)]
        return is_row
