# SPDX-License-Identifier: Apache-2.0
"""Toy designs for the tests of the infrastructure."""

from collections.abc import Sequence

from amaranth.hdl import Format, Module, Print, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from octopus_hw.verilog.unit import Unit


class Mixer(Unit):
    """Combinational: adds a coordinate and rotates."""

    def __init__(self, width: int, rotate: int) -> None:
        self.width = width
        self.rotate = rotate
        super().__init__({"x": In(8), "a": In(width), "b": In(width), "o": Out(width)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        mixed = Signal(self.width)
        m.d.comb += [mixed.eq(self.a ^ (self.b + self.x)), self.o.eq(mixed.rotate_left(self.rotate))]
        return m


class Cell(Unit):
    """A tile: registers what comes from north and west, mixed with its coordinates."""

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__(
            {"x": In(8), "y": In(8), "north": In(width), "west": In(width), "south": Out(width), "east": Out(width)}
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.down = down = Mixer(self.width, 1)
        m.submodules.right = right = Mixer(self.width, 3)
        m.d.comb += [down.x.eq(self.x), down.a.eq(self.north), down.b.eq(self.west)]
        m.d.comb += [right.x.eq(self.y), right.a.eq(self.west), right.b.eq(self.north)]
        m.d.sync += [self.south.eq(down.o), self.east.eq(right.o)]
        return m


class Mesh(Unit):
    """`columns` x `rows` cells; the ports are the outer edges, joined into one word in and one out."""

    def __init__(self, columns: int, rows: int, width: int = 8) -> None:
        self.columns = columns
        self.rows = rows
        self.width = width
        super().__init__({"i": In(width), "o": Out(width)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        cells = {(x, y): Cell(self.width) for y in range(self.rows) for x in range(self.columns)}
        total = 0
        for (x, y), cell in cells.items():
            m.submodules[f"cell_{x}_{y}"] = cell
            m.d.comb += [cell.x.eq(x), cell.y.eq(y)]
            m.d.comb += cell.north.eq(cells[x, y - 1].south if y else self.i)
            m.d.comb += cell.west.eq(cells[x - 1, y].east if x else self.i)
            if y == self.rows - 1:
                total ^= cell.south
        m.d.comb += self.o.eq(total)
        return m


class Echo(Unit):
    """A device with the host port of the chip: answers each word `w` by the two words ``w + 1, count``.

    It prints a record per word: its number and the word.
    """

    def __init__(self, latency: int = 3) -> None:
        self.latency = latency
        super().__init__({"i": In(stream.Signature(32)), "o": Out(stream.Signature(32))})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        word = Signal(32)
        count = Signal(32)
        delay = Signal(range(self.latency + 1))
        with m.FSM():
            with m.State("idle"):
                m.d.comb += self.i.ready.eq(1)
                m.d.sync += [word.eq(self.i.payload), delay.eq(self.latency)]
                with m.If(self.i.valid):
                    m.d.sync += Print(Format("echo,{:d},{:d}", count, self.i.payload))
                    m.next = "wait"
            with m.State("wait"):
                m.d.sync += delay.eq(delay - 1)
                with m.If(delay == 0):
                    m.next = "first"
            with m.State("first"):
                m.d.comb += [self.o.valid.eq(1), self.o.payload.eq(word + 1)]
                with m.If(self.o.ready):
                    m.next = "second"
            with m.State("second"):
                m.d.comb += [self.o.valid.eq(1), self.o.payload.eq(count)]
                with m.If(self.o.ready):
                    m.d.sync += count.eq(count + 1)
                    m.next = "idle"
        return m


class Asker(Unit):
    """A device that says given words, each as soon as so many words have come in, and prints those with cycles."""

    def __init__(self, said: Sequence[tuple[int, int]]) -> None:
        self.said = tuple(said)
        super().__init__({"i": In(stream.Signature(32)), "o": Out(stream.Signature(32))})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        cycle, came, at = Signal(32), Signal(32), Signal(range(len(self.said) + 1))
        m.d.sync += cycle.eq(cycle + 1)
        m.d.comb += self.i.ready.eq(1)
        with m.If(self.i.valid):
            m.d.sync += [came.eq(came + 1), Print(Format("asker,{:d},{:d}", cycle, self.i.payload))]
        with m.Switch(at):
            for number, (after, word) in enumerate(self.said):
                with m.Case(number):
                    m.d.comb += [self.o.valid.eq(came >= after), self.o.payload.eq(word)]
        with m.If(self.o.valid & self.o.ready):
            m.d.sync += at.eq(at + 1)
        return m


class EchoMesh(Unit):
    """An echo whose answers run through a mesh's worth of logic."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns = columns
        self.rows = rows
        super().__init__({"i": In(stream.Signature(32)), "o": Out(stream.Signature(32))})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.echo = echo = Echo(self.columns + self.rows)
        m.submodules.mesh = mesh = Mesh(self.columns, self.rows, 32)
        m.d.comb += [
            echo.i.payload.eq(self.i.payload),
            echo.i.valid.eq(self.i.valid),
            self.i.ready.eq(echo.i.ready),
            mesh.i.eq(self.i.payload),
            self.o.payload.eq(echo.o.payload + mesh.o),
            self.o.valid.eq(echo.o.valid),
            echo.o.ready.eq(self.o.ready),
        ]
        return m


class Through(wiring.Component):
    """The answer is there in the cycle of the question."""

    i: In(stream.Signature(32))
    o: Out(stream.Signature(32))

    def elaborate(self, platform: object) -> Module:
        m = Module()
        busy = Signal(2)
        m.d.sync += busy.eq(busy + 1)
        m.d.comb += [
            self.o.payload.eq(self.i.payload + 1),
            self.o.valid.eq(self.i.valid & (busy != 0)),
            self.i.ready.eq(self.o.ready & (busy != 0)),
        ]
        return m


class Words(wiring.Component):
    """A memory that is read at once."""

    def __init__(self, depth: int, init: Sequence[int]) -> None:
        self.depth = depth
        self.init = init
        super().__init__({"a": In(range(depth)), "o": Out(8)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.memory = words = Memory(shape=8, depth=self.depth, init=self.init)
        port = words.read_port(domain="comb")
        m.d.comb += [port.addr.eq(self.a), self.o.eq(port.data)]
        return m
