# SPDX-License-Identifier: Apache-2.0
"""The draw unit: what a block draws for a token, from the number table (docs/timing.md#draw).

::

    request ──▶ [ token ] ──▶ [ hash: 1 + 2 + 2 + 2 steps ] ──▶ h
                    │                                          │
                    └──▶ [ number table ] ──▶ [ source ] ◀─────┘ ──▶ valid, field, result
    loads ────────────────▶

The request is taken in cycle t, the first descriptor is seen in k = t + 1, and `valid` is high in cycle r alone:

=============  =====================================
CONST, VALUE   r = k
AFFINE         r = k + 3
REPLAY         r = k + 3
QUANTILES      r = max(k + 1, t + 4) + 1
THRESHOLDS     r = k + n
SCENES         as the scene's descriptor, one later
=============  =====================================

The next field's k is r + 1; after the last field the next request can be taken in r + 1.
"""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value, signed
from amaranth.lib import data
from amaranth.lib.wiring import In, Out

from octopus_hw.contract.codes import LoadTarget, SourceKind
from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import INDEX, NUMBER, NUMBERS, VALUE, WORD, Descriptor, Variant
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.bundles import Loads, chip_state, tokens
from octopus_hw.interfaces.layouts import struct
from octopus_hw.parts.block_ram import block_ram
from octopus_hw.verilog.unit import Unit

__all__ = ["Draw", "Hash"]


class Hash(Unit):
    """The draw hash: seven steps of three 32-bit words, one in the cycle of `start` (t), two in each of the next three.

    Attributes
    ----------
    start : In(1)
        Take a new key, whatever is under way.
    a, b, c : In(32)
        The key, in cycle t.
    ready : Out(1)
        Nothing is under way: high from t + 4 on.
    odd : In(1)
        Which is wanted: the draw of an even or of an odd field.
    number : Out(32)
        That draw, from the cycle after `odd` on while `ready`.
    """

    #: Rotations of steps 2 and 3, 4 and 5, 6 and 7; step 1 rotates by 14.
    ROTATIONS = ((11, 25), (16, 4), (14, 24))

    def __init__(self) -> None:
        super().__init__(
            {
                "start": In(1),
                "a": In(WORD),
                "b": In(WORD),
                "c": In(WORD),
                "ready": Out(1),
                "odd": In(1),
                "number": Out(WORD),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        # A step is x = (x ^ y) - rot(y); the words then change roles: (x, y, z) becomes (z, x, y).
        x, y, z = Signal(WORD), Signal(WORD), Signal(WORD)
        phase = Signal(2)
        first, first_turn = Signal(WORD), Signal(WORD)
        second, second_turn = Signal(WORD), Signal(WORD)
        with m.Switch(phase):
            for number, (by_first, by_second) in enumerate(self.ROTATIONS, start=1):
                with m.Case(number):
                    m.d.comb += [first_turn.eq(y.rotate_left(by_first)), second_turn.eq(first.rotate_left(by_second))]
        m.d.comb += [
            first.eq((x ^ y) - first_turn),
            second.eq((z ^ first) - second_turn),
            self.ready.eq(phase == 0),
        ]
        with m.If(self.start):
            m.d.sync += [x.eq(self.a), y.eq((self.c ^ self.b) - self.b.rotate_left(14)), z.eq(self.b), phase.eq(1)]
        with m.Elif(phase != 0):
            m.d.sync += [x.eq(y), y.eq(second), z.eq(first), phase.eq(phase + 1)]
        m.d.sync += self.number.eq(Mux(self.ready, Mux(self.odd, z, y), Mux(self.odd, first, second)))
        return m


class Draw(Unit):
    """Draws for one token at a time.

    Parameters
    ----------
    config
        Sizes; the number table has `number_words` words.
    fields
        Fields drawn for a token: 2 (cycles, then value) or 1.

    Attributes
    ----------
    state : In(chip_state)
        The seed.
    loads : In(Loads)
        Writes to the number table; a write in cycle t is seen by reads from t + 1 on.
    request : In(stream.Signature(token))
        Whom to draw for; ready while the unit is idle.
    valid, field, result : Out(1), Out(1), Out(16)
        A field's result, in its cycle r alone.
    """

    def __init__(self, config: Config, fields: int) -> None:
        if fields not in (1, 2):
            raise ValueError(f"fields: {fields!r} is neither 1 nor 2")
        self.config = config
        self.fields = fields
        super().__init__(
            {
                "state": In(chip_state(config)),
                "loads": In(Loads),
                "request": In(tokens(config)),
                "valid": Out(1),
                "field": Out(1),
                "result": Out(NUMBER),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        self._token = Signal(struct(layouts(self.config).token))
        self._base, self._n = Signal(NUMBER), Signal(NUMBERS)
        self._left, self._right = Signal(NUMBER), Signal(INDEX)
        self._seen = self._table(m)
        self._drawn = self._hash(m)
        with m.FSM():
            with m.State("idle"):
                m.d.comb += [self.request.ready.eq(1), self._left.eq(Cat(Const(0, 1), self.request.payload.block))]
                m.d.sync += [self._token.eq(self.request.payload), self.field.eq(0)]
                with m.If(self.request.valid):
                    m.next = "descriptor"
            with m.State("descriptor"):
                self._descriptor(m)
            self._affine(m)
            self._replay(m)
            self._thresholds(m)
            with m.State("quantiles"):
                self._read(m, self._base, self._drawn)
                with m.If(self._hashed):
                    m.next = "number"
            with m.State("number"):
                self._give(m, self._seen.as_value()[:NUMBER])
        return m

    def _table(self, m: Module) -> data.View:
        """Make the number table, which reads `_left` + `_right` in every cycle; return the row seen."""
        m.submodules.numbers = numbers = block_ram(WORD, self.config.number_words)
        read, write = numbers.read_port(), numbers.write_port()
        word = self.loads.word
        m.d.comb += [
            read.addr.eq(self._left + self._right),
            write.addr.eq(word.address),
            write.data.eq(word.data),
            write.en.eq(self.loads.valid & (word.memory == LoadTarget.NUMBER)),
        ]
        return struct(Descriptor)(read.data)

    def _hash(self, m: Module) -> Value:
        """Start the hash with every request; return the number that it picks of `_n`, while `_hashed`."""
        m.submodules.hash = stir = Hash()
        key = self.request.payload
        m.d.comb += [
            stir.start.eq(self.request.valid & self.request.ready),
            stir.a.eq(self.state.seed),
            stir.b.eq(Cat(key.instance, key.round)),
            stir.c.eq(Cat(key.index, key.block)),
            stir.odd.eq(self.field),
        ]
        self._hashed = stir.ready
        # At most 16 numbers: five bits of n keep the multiplier small.
        return (stir.number * self._n[:5])[WORD:]

    def _read(self, m: Module, left: Value, right: Value | int) -> None:
        m.d.comb += [self._left.eq(left), self._right.eq(right)]

    def _give(self, m: Module, result: Value) -> None:
        """Give a field's result: the cycle is r."""
        m.d.comb += [self.valid.eq(1), self.result.eq(result)]
        m.next = "idle"
        if self.fields == 2:
            with m.If(~self.field):
                self._read(m, Cat(Const(1, 1), self._token.block), 0)
                m.d.sync += self.field.eq(1)
                m.next = "descriptor"

    def _descriptor(self, m: Module) -> None:
        """Start the source whose descriptor is seen: the cycle is k."""
        seen, variant = self._seen, struct(Variant)(self._token.variant)
        self._read(m, seen.base, 0)
        m.d.sync += [self._base.eq(seen.base), self._n.eq(seen.n)]
        with m.Switch(seen.kind):
            with m.Case(SourceKind.VALUE):
                self._give(m, self._token.value)
            with m.Case(SourceKind.AFFINE):
                m.next = "affine_a"
            with m.Case(SourceKind.QUANTILES):
                m.next = "quantiles"
            with m.Case(SourceKind.SCENES):
                m.d.comb += self._right.eq(variant.scene)
            with m.Case(SourceKind.REPLAY):
                m.d.comb += self._right.eq(variant.row)
                m.next = "replay_round"
            with m.Case(SourceKind.THRESHOLDS):
                m.next = "thresholds"
                with m.If(seen.n == 0):
                    self._give(m, Const(0, NUMBER))
            with m.Default():
                self._give(m, seen.base)

    def _affine(self, m: Module) -> None:
        seen = self._seen.as_value()
        term = NUMBER + 1
        a, product, total = Signal(signed(term)), Signal(signed(term + VALUE)), Signal(signed(term + VALUE + 1))
        clamped = Signal(NUMBER)
        m.d.comb += [
            total.eq(a + product),
            clamped.eq(Mux(total < 0, 0, Mux(total[NUMBER:-1].any(), (1 << NUMBER) - 1, total[:NUMBER]))),
        ]
        with m.State("affine_a"):
            m.d.sync += a.eq(seen[:term].as_signed())
            self._read(m, self._base, 1)
            m.next = "affine_b"
        with m.State("affine_b"):
            m.d.sync += product.eq(seen[:term].as_signed() * self._token.value)
            m.next = "affine_sum"
        with m.State("affine_sum"):
            self._give(m, clamped)

    def _replay(self, m: Module) -> None:
        """Walk to the number; rounds and indices beyond the recorded ones stay at the last."""
        steps = (("replay_round", self._token.round, "replay_index"), ("replay_index", self._token.index, "number"))
        for state, number, following in steps:
            with m.State(state):
                n = self._seen.n
                self._read(m, self._seen.base, Mux(number < n, number, (n - 1)[:NUMBERS]))
                m.next = following

    def _thresholds(self, m: Module) -> None:
        """Count one number in each cycle while the next is read."""
        count, counted = Signal(NUMBER), Signal(NUMBER)
        m.d.comb += counted.eq(count + (self._seen.as_value()[:NUMBER] <= self._token.value))
        with m.State("thresholds"):
            self._read(m, self._base, 1)
            m.d.sync += [self._base.eq(self._left + self._right), self._n.eq(self._n - 1), count.eq(counted)]
            with m.If(self._n == 1):
                m.d.sync += count.eq(0)
                self._give(m, counted)
