# SPDX-License-Identifier: Apache-2.0
"""The sum of a result: its words weighted by how many are left, the last one once (docs/timing.md#tally).

::

    row ──▶ [ tree ] ──▶ [ P = sum of a_i, T = sum of (w - 1 - i) x a_i ] ──▶ [ S, D ] ──▶ total

With words a_0 to a_(w-1) in a row, and R words in all, whose last row lacks c of them, the sum over j < R of
(R - j) x w_j grows row by row: S' = S + P and D' = D + w x S + T + (1 - c) x P. In the last row, what it lacks is 0.
"""

from collections.abc import Sequence

from amaranth.hdl import Array, Const, Module, Signal, Value
from amaranth.lib import data
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.layout import WORD
from octopus_hw.verilog.unit import Unit

__all__ = ["WeightedSum"]


class WeightedSum(Unit):
    """Adds a row in a cycle.

    Parameters
    ----------
    words
        w: words of a row, 1, 2 or 4.

    Attributes
    ----------
    add, row : In(1), In(w x 32)
        A row to add in this cycle.
    last, lack : In(1), In(range(w))
        It is the last one; c, the words that the last row lacks, in the cycle after each row.
    done, total : Out(1), Out(32)
        The last row was added in the cycle before; the sum. The next row begins another sum.
    """

    def __init__(self, words: int) -> None:
        self.words = words
        super().__init__(
            {
                "add": In(1),
                "row": In(data.ArrayLayout(WORD, words)),
                "last": In(1),
                "lack": In(max(1, (words - 1).bit_length())),  # of one word: 0
                "done": Out(1),
                "total": Out(WORD),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        adds, plain, weighted = Signal(), Signal(WORD), Signal(WORD)
        kept, total = Signal(WORD), Signal(WORD)
        whole, steps = _weigh(list(self.row))
        m.d.sync += [adds.eq(self.add), self.done.eq(self.add & self.last), plain.eq(whole), weighted.eq(steps)]
        # (1 - c) x P, from c = 2 on as a complement.
        times = Array([plain, Const(0, WORD), ~plain, ~(plain << 1)][: self.words])
        m.d.comb += self.total.eq((total + kept * self.words) + (weighted + (times[self.lack] + self.lack[1:])))
        with m.If(self.done):
            m.d.sync += [kept.eq(0), total.eq(0)]
        with m.Elif(adds):
            m.d.sync += [kept.eq(kept + plain), total.eq(self.total)]
        return m


def _weigh(words: Sequence[Value]) -> tuple[Value, Value]:
    """Return P and T of some words, from those of their halves."""
    if len(words) == 1:
        return words[0], Const(0, WORD)
    half = len(words) // 2
    (low, low_steps), (high, high_steps) = _weigh(words[:half]), _weigh(words[half:])
    return (low + high)[:WORD], (low * half + (low_steps + high_steps))[:WORD]
