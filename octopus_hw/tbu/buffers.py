# SPDX-License-Identifier: Apache-2.0
"""The data buffers of a TBU: one for each place (docs/timing.md#senders).

::

    write: place, word ──▶ [ Q x buffer_words words ] ──▶ xor rotl(key, j) ──▶ words: place, j

A word written in cycle t is seen by reads from t + 1 on; what is asked for in cycle t is seen in t + 1.

A timed PEA computes nothing, but what leaves a place must depend on every word that came in, so that a word lost or
swapped on the way is noticed by the checksums downstream. So word j of its output is word j of its operand xor
``rotl(key, j)``, and the key is made of the instance, the round and the index of the token that is sent. That is done
on the way out: the buffer holds the operand throughout, so sending it several times gives the same words. A computing
PEA, later, writes its output into the buffer, and nothing is changed on the way out.
"""

from amaranth.hdl import Module, Signal
from amaranth.lib.wiring import In

from octopus_hw.contract.config import Config
from octopus_hw.contract.layout import WORD
from octopus_hw.contract.layouts import layouts
from octopus_hw.interfaces.layouts import struct
from octopus_hw.noc.packet import packet_word, packet_words
from octopus_hw.parts.block_ram import block_ram
from octopus_hw.verilog.unit import Unit

__all__ = ["SALT", "Buffers"]

#: What the key is for instance, round and index 0.
SALT = 0x9E3779B9


class Buffers(Unit):
    """Q buffers of `buffer_words` words.

    Attributes
    ----------
    place : In(place)
        Where words are written.
    write : In(packet_word)
        A word to write in this cycle.
    read : In(packet_words)
        The sender's reads; `source` is a place. Indices start at 0, two cycles after `token` changed at the latest, and
        grow by one.
    token : In(token)
        The token that is being sent.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        super().__init__(
            {
                "place": In(config.place_bits),
                "write": In(packet_word(config)),
                "read": In(packet_words(config)),
                "token": In(struct(layouts(config).token)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the unit."""
        m = Module()
        size, bits = self.config.buffer_words, self.config.place_bits
        m.submodules.store = store = block_ram(WORD, self.config.queue_depth * size)
        write, read = store.write_port(), store.read_port()
        m.d.comb += [
            write.addr.eq(self.place * size + self.write.index),
            write.data.eq(self.write.data),
            write.en.eq(self.write.valid),
            read.addr.eq(self.read.source[:bits] * size + self.read.index),
        ]
        key, odd = Signal(WORD), Signal()
        m.d.sync += odd.eq(self.read.index[0])
        with m.If(self.read.index == 0):
            token = self.token
            m.d.sync += key.eq(SALT ^ token.instance ^ (token.round << 24) ^ (token.index << 16))
        with m.Elif(self.read.index[0] != odd):
            m.d.sync += key.eq(key.rotate_left(1))
        m.d.comb += self.read.data.eq(read.data ^ key)
        return m
