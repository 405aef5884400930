# SPDX-License-Identifier: Apache-2.0
"""The tally unit: goes over the results of timed tasks, in the order of their tokens (docs/timing.md#tally).

::

    accept ──▶ [ tokens: place, lengths ] ──▶ [ walk ] ──▶ done, place, sum
    keyed ───▶ [ keys ] ─────────────────────▲  │ ▲
                                                ▼ │ rows
                                              (buffers)

A token whose result is longer than its operands waits for a key. Keys are drawn in the order of the tokens too, so that
the oldest key is that of the oldest token that needs one.
"""

from amaranth.hdl import Module, Signal, unsigned
from amaranth.lib.wiring import In, Out, connect, flipped

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import WORD
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.rows import row_reads, row_writes
from octopus_hw.parts.queue import Queue
from octopus_hw.tbu.walk import Result, Walk
from octopus_hw.verilog.unit import Unit

__all__ = ["Tally"]


class Tally(Unit):
    """Goes over one result at a time.

    Parameters
    ----------
    config
        Q = `queue_depth`, W = `data_width`, `buffer_words`.

    Attributes
    ----------
    accept : In(1)
        A token is accepted in this cycle.
    at, operands, words : In(place), In(words), In(words)
        Its place, the length of its data, and that of its result.
    keyed, key : In(1), In(32)
        A key is drawn in this cycle, for the next token that needs one.
    read, reading : Out(row_reads), In(1)
        To the buffers; the sender reads in this cycle.
    write, writing : Out(row_writes), In(1)
        To the buffers; the receiver writes in this cycle.
    done, place, sum : Out(1), Out(place), Out(32)
        The last row of a result was done in the cycle before; whose it is, and the sum.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        length = layouts(config).words
        super().__init__(
            {
                "accept": In(1),
                "at": In(config.place_bits),
                "operands": In(length),
                "words": In(length),
                "keyed": In(1),
                "key": In(WORD),
                "read": Out(row_reads(config)),
                "reading": In(1),
                "write": Out(row_writes(config)),
                "writing": In(1),
                "done": Out(1),
                "place": Out(config.place_bits),
                "sum": Out(WORD),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        m.submodules.walk = walk = Walk(self.config)
        m.submodules.tokens = tokens = Queue(Result(self.config), self.config.queue_depth)
        m.submodules.keys = keys = Queue(unsigned(WORD), self.config.queue_depth)
        connect(m, walk.read, flipped(self.read))
        connect(m, walk.write, flipped(self.write))
        head, needs, go = tokens.o.payload, Signal(), Signal()
        m.d.comb += [
            tokens.i.valid.eq(self.accept),
            tokens.i.payload.place.eq(self.at),
            tokens.i.payload.operands.eq(self.operands),
            tokens.i.payload.words.eq(self.words),
            keys.i.valid.eq(self.keyed),
            keys.i.payload.eq(self.key),
            needs.eq(head.words > head.operands),
            go.eq(walk.result.ready & (keys.o.valid | ~needs)),
            tokens.o.ready.eq(go),
            keys.o.ready.eq(tokens.o.valid & walk.result.ready & needs),
            walk.result.valid.eq(tokens.o.valid & go),
            walk.result.payload.eq(head),
            walk.key.eq(keys.o.payload),
            walk.reading.eq(self.reading),
            walk.writing.eq(self.writing),
            self.done.eq(walk.done),
            self.place.eq(walk.place),
            self.sum.eq(walk.sum),
        ]
        return m
