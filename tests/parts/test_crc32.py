# SPDX-License-Identifier: Apache-2.0
import random
import struct
from zlib import crc32

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from octopus_hw.parts.crc32 import crc32_after
from tests.simulate import simulate


class Register(wiring.Component):
    word: In(32)

    def elaborate(self, platform):
        m = Module()
        self.crc = Signal(32, init=(1 << 32) - 1)
        m.d.sync += self.crc.eq(crc32_after(self.crc, self.word))
        return m


def test_it_is_that_of_zlib():
    device, rng, came = Register(), random.Random(1), b""

    async def testbench(ctx):
        nonlocal came
        for word in [0, 1, 1 << 31, *(rng.getrandbits(32) for _ in range(40))]:
            ctx.set(device.word, word)
            await ctx.tick()
            came += struct.pack("<I", word)
            assert ctx.get(device.crc) ^ 0xFFFFFFFF == crc32(came)

    simulate(device, testbench)
