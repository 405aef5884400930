# SPDX-License-Identifier: Apache-2.0
"""What the host gets, one word at a time (docs/timing.md#results-out).

::

    asked ───▶ STATUS: five words ─────┐
    i ───────▶ HostWord, payload ──────┤
    told ────▶ HostWord, instance ─────┼─▶ [register] ─▶ o
    results ───────────────────────────┘

What has begun goes first, and else what is further up.
"""

from amaranth.hdl import Array, Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.chip.host_results import Marked
from octopus_hw.contract.codes import Message
from octopus_hw.contract.config import Config
from octopus_hw.contract.identity import VERSION, configuration_hash
from octopus_hw.contract.layout import WORD, HostWord, Identity, PortWord
from octopus_hw.interfaces.bundles import messages
from octopus_hw.parts.onehot import lowest, pick
from octopus_hw.verilog.unit import Unit

__all__ = ["HostReplies"]


class HostReplies(Unit):
    """Puts words one after the other.

    Parameters
    ----------
    columns, rows
        The mesh.
    config
        Sizes.

    Attributes
    ----------
    i, told : In(messages)
        What tiles send, and ROWs; taken with the second word.
    results : In(stream.Signature(Marked))
        Words of results.
    drops : In(1)
        What tiles sent is no longer, be it half taken.
    asked : In(1)
        A STATUS came: unless one has been asked for that has not begun, five more words come.
    state, error, words : In
        What it tells, each as it is when its word is the next.
    o : Out(stream.Signature(32))
        To the host, out of a register.
    """

    def __init__(self, columns: int, rows: int, config: Config) -> None:
        self.columns, self.rows = columns, rows
        self.config = config
        super().__init__(
            {
                "i": In(messages(config)),
                "told": In(messages(config)),
                "results": In(stream.Signature(Marked)),
                "drops": In(1),
                "asked": In(1),
                "state": In(PortWord["state"].width),
                "error": In(PortWord["error"].width),
                "words": In(WORD),
                "o": Out(stream.Signature(WORD)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        free, begun, chosen, moves, own = ~self.o.valid | self.o.ready, Signal(4), Signal(4), Signal(4), Signal()
        # What offers a word, the word, and whether it is the last of what belongs together.
        valid, words, last = zip(
            self._status(m, begun[0], moves[0]),
            _message(self.i, begun[1]),
            _message(self.told, begun[2]),
            (self.results.valid, self.results.payload.word, self.results.payload.last),
            strict=True,
        )
        m.d.comb += [
            chosen.eq(Mux(begun.any(), begun, lowest(Cat(valid)))),
            moves.eq(chosen & Cat(valid) & Cat(free, (free & ~self.drops).replicate(3))),
            self.i.ready.eq(moves[1] & begun[1]),
            self.told.ready.eq(moves[2] & begun[2]),
            self.results.ready.eq(moves[3]),
        ]
        with m.If(free):
            m.d.sync += [self.o.valid.eq(moves.any()), self.o.payload.eq(pick(chosen, words)), own.eq(chosen[0])]
        with m.Elif(self.drops & ~own):
            m.d.sync += self.o.valid.eq(0)
        with m.If(moves.any()):
            m.d.sync += begun.eq(Mux(pick(chosen, last), 0, chosen))
        with m.If(self.drops):
            m.d.sync += begun[1:].eq(0)
        return m

    def _status(self, m: Module, begun: Value, moves: Value) -> tuple[Value, Value, Value]:
        """Say whether there is a word of a STATUS, which, and whether it is the last."""
        told = self._told()
        asked, number = Signal(), Signal(range(len(told)))
        last = number == len(told) - 1
        with m.If(moves):
            m.d.sync += number.eq(Mux(last, 0, number + 1))
            with m.If(~begun):
                m.d.sync += asked.eq(0)
        with m.If(self.asked):
            m.d.sync += asked.eq(1)
        return asked | begun, told[number], last

    def _told(self) -> Array:
        """Return the words of a STATUS."""
        identity = Identity.pack(version=VERSION, columns=self.columns, rows=self.rows)
        state = Cat(self.state, Const(0, PortWord["error"].offset - len(self.state)), self.error)
        return Array(
            [
                Const(HostWord.pack(message=Message.STATUS), WORD),
                Const(identity, WORD),
                Const(configuration_hash(self.config), WORD),
                state,
                self.words,
            ]
        )


def _message(source: wiring.PureInterface, second: Value) -> tuple[Value, Value, Value]:
    """Say whether there is a word of a message, which, and whether it is the last: its second."""
    message = source.payload
    head = (message.message, HostWord["message"]), (message.source_x, HostWord["source_x"])
    first = Cat(*(value | Const(0, field.width) for value, field in head), message.source_y)
    return source.valid, Mux(second, message.payload, first), second
