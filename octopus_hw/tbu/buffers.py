# SPDX-License-Identifier: Apache-2.0
"""The data buffers of a TBU: one for each place (docs/timing.md#places).

::

    receiver ──(first)──▶                            ──(first)──▶ sender
                          [ Q x rows of a buffer ]
    tally ──────────────▶                            ───────────▶ tally

One row is written and one is read in each cycle: the tally unit writes while the receiver does not, and reads while the
sender does not. A row written in cycle t is seen by reads from t + 1 on; what is asked for in cycle t is seen in t + 1.
A buffer takes whole quads, so that rows of any width fill it.
"""

from amaranth.hdl import Module, Mux, Value
from amaranth.lib.wiring import In

from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.rows import place_rows, row_reads, row_writes
from octopus_hw.parts.block_ram import block_ram
from octopus_hw.verilog.unit import Unit

__all__ = ["Buffers"]


class Buffers(Unit):
    """Q buffers of `buffer_words` words.

    Attributes
    ----------
    sent, tallied : In(row_reads), In(row_reads)
        Reads of the sender, and of the tally unit in cycles in which the sender does not read.
    received, made : In(row_writes), In(row_writes)
        Writes of the receiver, and of the tally unit in cycles in which the receiver does not write.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        reads, writes = In(row_reads(config)), In(row_writes(config))
        super().__init__({"sent": reads, "tallied": reads, "received": writes, "made": writes})

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        depth = self.config.queue_depth * place_rows(self.config)
        m.submodules.rows = rows = block_ram(self.config.data_width, depth)
        read, write = rows.read_port(), rows.write_port()
        m.d.comb += [
            write.en.eq(self.received.valid | self.made.valid),
            write.data.eq(Mux(self.received.valid, self.received.data, self.made.data)),
            write.addr.eq(
                Mux(
                    self.received.valid,
                    self._row(self.received.target, self.received.index),
                    self._row(self.made.target, self.made.index),
                )
            ),
            read.addr.eq(
                Mux(
                    self.sent.reads,
                    self._row(self.sent.source, self.sent.index),
                    self._row(self.tallied.source, self.tallied.index),
                )
            ),
            self.sent.data.eq(read.data),
            self.tallied.data.eq(read.data),
        ]
        return m

    def _row(self, place: Value, index: Value) -> Value:
        size = place_rows(self.config)
        return place[: layouts(self.config).place] * size + index[: (size - 1).bit_length()]
