# SPDX-License-Identifier: Apache-2.0
"""Codes: the numbers that stand for kinds of things in messages, tables, boot words and events."""

from enum import IntEnum

__all__ = [
    "COUNTERS", "BootOp", "Event", "HostEvent", "Kind", "LoadTarget", "Message", "Pool", "PortError", "PortState",
    "Register", "SourceKind",
]  # fmt: skip

#: Counters of a tile in the order in which READ sends them; `hash` is the event hash, `refused` counts STARTs and READs
#: that came when the tile could not take them.
COUNTERS = ("hash", "injected", "retired", "dispatched", "moved", "started", "work", "loads", "errors", "refused")


class Kind(IntEnum):
    """What a flow leads to."""

    TASK = 0
    FORK = 1
    BRANCH = 2
    SPAWN = 3
    JOIN = 4
    END = 5


class Pool(IntEnum):
    """How a CBU chooses among the TBUs of its tile for a task."""

    SPREAD = 0  #: the least loaded one
    FILL = 1  #: gaps of busy ones first
    STAY = 2  #: always the same one, if it has a gap


class SourceKind(IntEnum):
    """Kinds of number source in the number table: `Descriptor.kind`."""

    CONST = 0  #: base is the number
    VALUE = 1  #: the token's value
    AFFINE = 2  #: words base (a) and base + 1 (b), two's complement
    QUANTILES = 3  #: n numbers from base on
    SCENES = 4  #: descriptors from base on, one for each scene
    REPLAY = 5  #: at base + row a descriptor-like word: n rounds at its base; each: n numbers at its base
    THRESHOLDS = 6  #: n numbers from base on: the result is how many are <= value


class Event(IntEnum):
    """Event codes, in the order in which one unit's events of one cycle are listed."""

    INJECT = 0
    DISPATCH = 1
    MOVE = 2
    FINISH = 3
    START = 4
    DECIDE = 5
    JOIN = 6
    RETIRE = 7
    ARRIVE = 8


class HostEvent(IntEnum):
    """What happens at the host's port that a model without one is told (docs/timing.md#rows-in)."""

    ROW = 0  #: so many words of the oldest ROW are in a buffer
    CREDIT = 1  #: so many credits came
    TAKEN = 2  #: one result's buffer is free


class Message(IntEnum):
    """Messages of the control plane; the first two are requests, the others replies."""

    PLACE = 0  #: asks a CBU for a place in one of its TBUs
    CONFIG = 1  #: asks a library for a configuration
    ANSWER = 2  #: a place, or none
    DONE = 3  #: to the host: every instance of this home has retired
    DATA = 4  #: to the host: one counter
    GRANT = 5  #: a place for a partner's work
    TAKEN = 6  #: the answer to a GRANT: it was used, or is given back
    STALLED = 7  #: to the host: no instance of this home was injected or retired for long
    STATUS = 8  #: to the host, from its port: never in the mesh
    ROW = 9  #: to the host: it may send the row of this instance
    RESULT = 10  #: to the host: a result waits
    SEND = 11  #: from the host's port: the answer to a RESULT


class LoadTarget(IntEnum):
    """What a boot LOAD writes."""

    REGISTER = 0
    FLOW = 1  #: address = row * 8 + column
    NUMBER = 2
    SLOT = 3  #: row * 2 + column
    STREAM = 4  #: row * 2 + column
    LIST = 5  #: row * 4 + column
    OWN_HEAD = 6  #: by block
    OWNER = 7
    LIBRARY = 8  #: by block
    STORE = 9
    LIBRARY_TILE = 10  #: by block


class Register(IntEnum):
    """Addresses of the registers behind LoadTarget.REGISTER."""

    SEED = 0
    MODE = 1
    DEAD = 2  #: two registers, 2 and 3: one bit for each PEA, TBU * 8 + PEA; a TBU with all bits set is dead
    STREAMS = 4  #: a power of two minus 1, at least 1: which streams are visited
    EXPECTED = 5  #: instances this tile injects
    BALANCE = 6  #: `Balance`
    WATCHDOG = 7  #: after how many times 4,096 cycles without progress a tile sends STALLED; 0: never


class BootOp(IntEnum):
    """Operations of the host, `BootWord.op`, and the words that follow (docs/host.md#commands)."""

    LOAD = 1  #: `LoadPlace`; one word: how many words of data; then the data
    START = 2  #: one word: the time, advanced by 1 + link latency at each hop
    READ = 3  #: `ReadWord`
    RESET = 4  #: none; for the whole mesh, whatever the rectangle. A header of 0 does nothing
    IDENTITY = 5  #: one word: the hash of the configuration; the rectangle is the whole mesh
    SEAL = 6  #: two words: how many words came since the RESET, and their CRC-32
    STATUS = 7  #: none; all other bits are 0
    ROW = 8  #: answers the oldest ROW: one word: how many words; then the words. All other bits of the header are 0
    CREDIT = 9  #: one word: how many more results the host takes. All other bits of the header are 0


class PortState(IntEnum):
    """How far the host has come since the RESET."""

    EMPTY = 0  #: an IDENTITY is awaited
    LOADING = 1  #: LOADs, then a SEAL
    SEALED = 2  #: a START
    STARTED = 3
    FAILED = 4  #: something was refused, and nothing passes until a RESET


class PortError(IntEnum):
    """Why the host port refused a word (docs/host.md#errors)."""

    NONE = 0
    OPERATION = 1  #: there is no such operation
    RECTANGLE = 2  #: a corner lies beyond the mesh, or x1 < x0, or y1 < y0, or a START is not for the whole mesh
    MEMORY = 3  #: a LOAD of a memory that is not known
    ADDRESS = 4  #: a LOAD beyond the memory's end, or of more than 4,095 words
    IDENTITY = 5  #: an image for another mesh or configuration, or a LOAD or SEAL without an IDENTITY before
    SEALED = 6  #: an IDENTITY, LOAD or SEAL after the SEAL: a second image without RESET
    UNSEALED = 7  #: a START without SEAL
    SEAL = 8  #: the SEAL's count or CRC is not that of the words that came
    STARTED = 9  #: a second START
    EARLY = 10  #: a START or READ before the tiles are let go
    COUNTER = 11  #: a READ of a counter that does not exist
    READS = 12  #: a READ before all answers to the one before were taken, or of several counters of several tiles
    ROWS = 13  #: a ROW that no tile has asked for, or of more words than a place has
    CREDITS = 14  #: more than 65,535 credits at a time
