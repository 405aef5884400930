# SPDX-License-Identifier: Apache-2.0
import random

import pytest
from amaranth.hdl import Cat, Module, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from octopus_hw.chip.mesh import Octopus
from octopus_hw.contract.config import Config
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct
from octopus_hw.noc.control_route import control_route, control_turns
from octopus_hw.noc.control_word import control_word, pack, unpack, unpack_host
from octopus_hw.noc.dimension_order import XY
from octopus_lab.cli import main
from tests.noc.samples import Note, control_port, target
from tests.noc.samples_control import message, seen, travels
from tests.simulate import simulate

TURNS = control_turns(XY)


class Both(wiring.Component):
    """A message, its word, and what comes out again here and at the host."""

    def __init__(self, config, reply):
        self.config, self.word, self.reply = config, control_word(config), reply
        flit = Out(struct(layouts(config).control_flit))
        super().__init__({"message": flit.flip(), "travels": Out(self.word), "here": flit, "host": flit})

    def elaborate(self, platform):
        m = Module()
        fields = pack(self.config, self.message, self.reply)
        m.d.comb += Value.cast(self.travels).eq(Cat(fields[name] for name in self.word.members))
        unpack(m, self.config, self.here, self.message.x, self.message.y, self.travels, self.reply)
        unpack_host(m, self.host, self.travels)
        return m


class Route(wiring.Component):
    def __init__(self, port):
        self.port = port
        flit = struct(layouts(Config()).control_flit)
        super().__init__({"to": In(flit), "x": In(7), "y": In(7), "route": Out(len(TURNS[port]))})

    def elaborate(self, platform):
        m = Module()
        m.d.comb += self.route.eq(control_route(XY, self.port, self.to.x, self.to.y, self.to.host, self.x, self.y))
        return m


CONFIGS = [
    Config(),
    Config(tbus=6, queue_depth=32, home_records=4096, max_blocks=4096),
    Config(coord_bits=4),
    Config(coord_bits=3, tbus=1, queue_depth=1, home_records=1, max_blocks=1),
    Config(coord_bits=3, tbus=6, queue_depth=32, home_records=4096),
]


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("vc", [0, 1])
def test_a_message_comes_out_of_its_word_again(config, vc):
    device, rng, size = Both(config, vc == 1), random.Random(str(config)), 1 << config.coord_bits

    async def testbench(ctx):
        for _ in range(100):
            host = vc == 1 and rng.random() < 0.4
            to, source = ((rng.randrange(size), rng.randrange(size)) for _ in range(2))
            note = message(rng, vc, (0, 0) if host else to, source, host=host, config=config)
            ctx.set(Value.cast(device.message), int(note))
            assert ctx.get(Value.cast(device.travels)) == travels(note)
            came = Note(ctx.get(Value.cast(device.host if host else device.here)), config)
            assert seen(came, vc) == seen(note, vc)
            await ctx.delay(1e-6)

    simulate(device, testbench, clocked=False)


@pytest.mark.parametrize("port", range(5))
def test_ways_are_those_of_the_page(port):
    device, rng = Route(port), random.Random(port)

    async def testbench(ctx):
        for _ in range(200):
            x, y = rng.choice([0, 3, 6]), rng.choice([0, 3, 6])
            host = port in (0, 2, 3) and x * (port == 3) == 0 and rng.random() < 0.5
            while True:
                to = target(rng, port, 7, x, y, TURNS)
                note = message(rng, 1, (0, 0) if host else to, (1, 1), host=host)
                if host or (port, control_port(note, x, y)) != (3, 4):
                    break
            ctx.set(Value.cast(device.to), int(note))
            ctx.set(device.x, x)
            ctx.set(device.y, y)
            assert ctx.get(device.route) == 1 << TURNS[port].index(control_port(note, x, y))
            await ctx.delay(1e-6)

    simulate(device, testbench, clocked=False)


def test_short_coordinates_are_for_small_meshes():
    config = Config(coord_bits=4)
    Octopus(16, 1, config)
    with pytest.raises(ValueError, match="columns: 17 is not a whole number from 1 to 16"):
        Octopus(17, 1, config)


def test_a_mesh_too_large_for_its_coordinates_is_refused_in_one_line(tmp_path, capsys):
    for command in (["generate"], ["run", "examples/face_recognition.owg.json"]):
        assert main([*command, "--mesh", "9x1", "--set", "coord_bits=3", "--out", str(tmp_path)]) == 2
        assert capsys.readouterr().err == "error: --mesh: 9x1: give 1 to 8 columns and rows, like 4x2\n"
