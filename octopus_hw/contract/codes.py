# SPDX-License-Identifier: Apache-2.0
"""Codes: the numbers that stand for kinds of things in messages, tables, boot words and events."""

from enum import IntEnum

__all__ = ["COUNTERS", "BootOp", "Event", "Kind", "LoadTarget", "Message", "Pool", "Register", "SourceKind"]

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


class Message(IntEnum):
    """Messages of the control plane; the first two are requests, the others replies."""

    PLACE = 0  #: asks a CBU for a place in one of its TBUs
    CONFIG = 1  #: asks a library for a configuration
    ANSWER = 2  #: a place, or none
    DONE = 3  #: to the host: every instance of this home has retired
    DATA = 4  #: to the host: one counter
    GRANT = 5  #: a place for a partner's work
    TAKEN = 6  #: the answer to a GRANT: it was used, or is given back


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


class BootOp(IntEnum):
    """Operations of the host, `BootWord.op`, and the words that follow."""

    LOAD = 1  #: `LoadShape`; one word: the first address; then count words
    START = 2  #: one word: the time, advanced by 1 + link latency at each hop
    READ = 3  #: `ReadWord`
    RESET = 4  #: none; for the whole mesh, whatever the rectangle. A header of 0 does nothing
