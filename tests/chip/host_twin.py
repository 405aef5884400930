# SPDX-License-Identifier: Apache-2.0
"""The host port's rules in plain Python, written from docs/host.md: a word in, what comes of it out."""

import struct
from dataclasses import dataclass, field
from zlib import crc32

from octopus_hw.contract.codes import PortError, PortState
from octopus_hw.contract.identity import configuration_hash
from octopus_hw.contract.memories import memory_words

LOAD, START, READ, RESET, IDENTITY, SEAL, STATUS, ROW, CREDIT = range(1, 10)
COUNTERS = 10


@dataclass
class Twin:
    """The port of one chip; answers to READs are all taken at once."""

    columns: int
    rows: int
    config: object
    state: PortState = PortState.EMPTY
    error: PortError = PortError.NONE
    words: int = 0
    zeros: int = 0
    since: int = 0
    came: bytearray = field(default_factory=bytearray)
    #: Words of the command under way, and how many more it has.
    command: list = field(default_factory=list)
    left: int = 0
    #: ROWs that the host was told and has not answered, and credits that are left.
    due: int = 0
    credits: int = 0
    #: What came for the port: lengths of rows, their words, and credits.
    given: list = field(default_factory=list)

    def take(self, word, early=False):
        """Take a word; return what the boot nodes get, and whether a STATUS is answered."""
        before, self.zeros = self.zeros, 0 if word else self.zeros + 1
        op, head = word >> 28, not self.left
        if op == RESET and (before >= 4095 if self.state == PortState.FAILED else head):
            self.__init__(self.columns, self.rows, self.config, due=self.due, credits=self.credits)
            return word, False
        if self.state == PortState.FAILED:
            return 0, word == STATUS << 28
        self.words += 1
        error = self.check_head(word, early) if head else self.check_word(word)
        if error:
            self.state, self.error, self.left, self.zeros = PortState.FAILED, error, 0, 0
            return 0, False
        self.came += struct.pack("<I", word)
        passes = (self.command[0] >> 28 if self.command else op) in (LOAD, START, READ)
        if not self.left:
            self.command = []
        return (word if passes else 0), head and word == STATUS << 28

    def check_head(self, word, early):
        op, x0, y0, x1, y1 = (word >> shift & 127 for shift in (28, 21, 14, 7, 0))
        later = self.state in (PortState.SEALED, PortState.STARTED)
        if op > CREDIT or (op in (0, STATUS, ROW, CREDIT) and word % (1 << 28)):
            return PortError.OPERATION
        if op in (LOAD, IDENTITY, SEAL) and later:
            return PortError.SEALED
        is_mesh = (x0, y0, x1, y1) == (0, 0, self.columns - 1, self.rows - 1)
        if op == IDENTITY and (self.state != PortState.EMPTY or not is_mesh):
            return PortError.IDENTITY
        if op in (LOAD, SEAL) and self.state == PortState.EMPTY:
            return PortError.IDENTITY
        inside = x0 <= x1 < self.columns and y0 <= y1 < self.rows
        if (op in (LOAD, READ) and not inside) or (op == START and not is_mesh):
            return PortError.RECTANGLE
        if op in (START, READ, ROW, CREDIT) and early:
            return PortError.EARLY
        if op == START and self.state != PortState.SEALED:
            return PortError.STARTED if self.state == PortState.STARTED else PortError.UNSEALED
        if op == ROW and not self.due:
            return PortError.ROWS
        self.left = {LOAD: 2, START: 1, READ: 1, IDENTITY: 1, SEAL: 2, ROW: 1, CREDIT: 1}.get(op, 0)
        self.command = [word] if self.left else []
        self.tiles = (x1 - x0 + 1) * (y1 - y0 + 1)
        return PortError.NONE

    def check_word(self, word):
        self.command.append(word)
        self.left -= 1
        checks = {LOAD: self.check_load, READ: self.check_read, IDENTITY: self.check_hash, SEAL: self.check_seal,
                  ROW: self.check_row, CREDIT: self.check_credit}  # fmt: skip
        op, number = self.command[0] >> 28, len(self.command)
        if op == START:
            self.state = PortState.STARTED
        return checks[op](word, number) if op in checks else PortError.NONE

    def check_load(self, word, number):
        if number == 2 and word >> 28 > 10:
            return PortError.MEMORY
        if number == 3:
            memory, address = self.command[1] >> 28, self.command[1] & 0xFFFFF
            if word > 4095 or address + word > memory_words(self.config)[memory]:
                return PortError.ADDRESS
            self.left = word
        return PortError.NONE

    def check_read(self, word, number):
        first, count = word & 0xFFFF, word >> 16
        if first + count > COUNTERS:
            return PortError.COUNTER
        return PortError.READS if count > 1 and self.tiles > 1 else PortError.NONE

    def check_hash(self, word, number):
        if word != configuration_hash(self.config):
            return PortError.IDENTITY
        self.state = PortState.LOADING
        return PortError.NONE

    def check_seal(self, word, number):
        if word != (len(self.came) // 4 if number == 2 else crc32(self.came)):
            return PortError.SEAL
        if number == 3:
            self.state = PortState.SEALED
        return PortError.NONE

    def check_row(self, word, number):
        if number == 2:
            if word > min(self.config.buffer_words, 4095):
                return PortError.ROWS
            self.left = word
        self.given.append(("word" if number > 2 else "length", word))
        return PortError.NONE

    def check_credit(self, word, number):
        if self.credits + word > 65535:
            return PortError.CREDITS
        self.given.append(("credits", word))
        return PortError.NONE
